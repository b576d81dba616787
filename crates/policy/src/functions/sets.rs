//! cel-go's `sets`.

use cel::common::types::LIST_TYPE;
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};

use super::{Answer, Args, elements, too_large, truth};
use crate::bounds::SQUARE_MAX;

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    let lists = || vec![LIST_TYPE, LIST_TYPE];
    env.add_overload("sets.contains", "sets.contains", lists(), contains)?;
    env.add_overload("sets.equivalent", "sets.equivalent", lists(), equivalent)?;
    env.add_overload("sets.intersects", "sets.intersects", lists(), intersects)
}

fn contains<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let (list, part) = both(&args)?;
    Ok(truth(has_all(&list, &part)))
}

fn equivalent<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let (left, right) = both(&args)?;
    Ok(truth(has_all(&left, &right) && has_all(&right, &left)))
}

fn intersects<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let (left, right) = both(&args)?;
    Ok(truth(left.iter().any(|element| has(&right, *element))))
}

type Elements<'a, 'v> = Vec<&'a (dyn Val + 'v)>;

fn both<'a, 'b, 'v>(
    args: &'a [cel::common::value::CowVal<'b, 'v>],
) -> Result<(Elements<'a, 'v>, Elements<'a, 'v>), ExecutionError> {
    let (left, right) = (elements(args, 0)?, elements(args, 1)?);
    if left.len().saturating_mul(right.len()) > SQUARE_MAX * SQUARE_MAX {
        return Err(too_large());
    }
    Ok((left, right))
}

fn has_all(list: &[&dyn Val], part: &[&dyn Val]) -> bool {
    part.iter().all(|element| has(list, *element))
}

fn has(list: &[&dyn Val], element: &dyn Val) -> bool {
    list.iter().any(|other| other.equals(element))
}
