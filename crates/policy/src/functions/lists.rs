//! Kubernetes' functions of lists, and `distinct` with a bound.

use std::cmp::Ordering;

use cel::common::types::{CelInt, CelList, DYN_TYPE, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::{Answer, Args, elements, invalid, too_large, truth, wrong_type};
use crate::bounds::SQUARE_MAX;

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("sum", "list_sum", LIST_TYPE, vec![], sum)?;
    env.add_member_overload("min", "list_min", LIST_TYPE, vec![], min)?;
    env.add_member_overload("max", "list_max", LIST_TYPE, vec![], max)?;
    env.add_member_overload("isSorted", "list_is_sorted", LIST_TYPE, vec![], is_sorted)?;
    env.add_member_overload("@distinct", "list_distinct", LIST_TYPE, vec![], distinct)?;
    env.add_member_overload("@indexOf", "list_index_of", LIST_TYPE, vec![DYN_TYPE], index_of)?;
    env.add_member_overload("@lastIndexOf", "list_last_index_of", LIST_TYPE, vec![DYN_TYPE], last_index_of)
}

/// The sum of numbers or durations; 0 of none.
fn sum<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let elements = elements(&args, 0)?;
    let Some((first, rest)) = elements.split_first() else { return Ok(CowVal::owned(CelInt::from(0))) };
    let mut sum = first.clone_as_boxed();
    for element in rest {
        let next = sum.as_adder().ok_or_else(wrong_type)?.add(*element)?.into_owned();
        super::bounded::within(next.as_ref())?;
        sum = next;
    }
    Ok(CowVal::Owned(sum))
}

fn min<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    extreme(&args, Ordering::Less)
}

fn max<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    extreme(&args, Ordering::Greater)
}

fn extreme<'b, 'v>(args: &[CowVal<'b, 'v>], wanted: Ordering) -> Answer<'b, 'v> {
    let elements = elements(args, 0)?;
    let (mut extreme, rest) = elements.split_first().map(|(first, rest)| (*first, rest)).ok_or_else(|| invalid("min"))?;
    for element in rest {
        if compare(*element, extreme)? == wanted {
            extreme = *element;
        }
    }
    Ok(CowVal::Owned(extreme.clone_as_boxed()))
}

fn is_sorted<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let elements = elements(&args, 0)?;
    for (left, right) in elements.iter().zip(elements.iter().skip(1)) {
        if compare(*left, *right)? == Ordering::Greater {
            return Ok(truth(false));
        }
    }
    Ok(truth(true))
}

fn distinct<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let elements = elements(&args, 0)?;
    if elements.len() > SQUARE_MAX {
        return Err(too_large());
    }
    let mut unique: Vec<&dyn Val> = Vec::new();
    for element in elements {
        if !unique.iter().any(|seen| seen.equals(element)) {
            unique.push(element);
        }
    }
    let unique: Vec<Box<dyn Val + 'v>> = unique.into_iter().map(Val::clone_as_boxed).collect();
    Ok(CowVal::owned(CelList::from(unique)))
}

fn index_of<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let wanted = args.get(1).ok_or_else(wrong_type)?;
    position(elements(&args, 0)?.iter().position(|element| element.equals(wanted.as_ref())))
}

fn last_index_of<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let wanted = args.get(1).ok_or_else(wrong_type)?;
    position(elements(&args, 0)?.iter().rposition(|element| element.equals(wanted.as_ref())))
}

/// -1 where there is none.
pub(super) fn position<'b, 'v>(position: Option<usize>) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelInt::from(position.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))))
}

fn compare(left: &dyn Val, right: &dyn Val) -> Result<Ordering, ExecutionError> {
    left.as_comparer().ok_or_else(wrong_type)?.compare(right)
}
