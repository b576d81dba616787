//! `a.?b` and `a[?i]`: nothing where there is no such key or element, and an error where the lookup itself fails, so that a header
//! that came twice is not taken for an absent one.

use cel::common::types::{CelOptional, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::{Answer, Args, wrong_type};

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("@opt", "@opt", vec![DYN_TYPE, DYN_TYPE], look_up)
}

fn look_up<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let [operand, key] = args.as_slice() else { return Err(wrong_type()) };
    let held: &(dyn Val + 'v) = match operand.downcast_ref::<CelOptional>() {
        Some(optional) => match optional.option() {
            Some(held) => held,
            None => return Ok(CowVal::owned(CelOptional::none())),
        },
        None => operand.as_ref(),
    };
    match held.as_indexer().ok_or_else(wrong_type)?.get(key.as_ref()) {
        Ok(value) => Ok(CowVal::owned(CelOptional::of(value.into_owned()))),
        Err(ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_)) => Ok(CowVal::owned(CelOptional::none())),
        Err(error) => Err(error),
    }
}
