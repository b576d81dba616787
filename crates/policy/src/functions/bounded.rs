//! Values that an expression makes stay within their bounds: without these, `[s].map(a, a + a).map(b, b + b)…` doubles at each step.

use cel::common::types::{CelBytes, CelInt, CelList, CelMap, CelOptional, CelString, DYN_TYPE, INT_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::{Answer, Args, argument, too_large, wrong_type};
use crate::bounds::{MADE_LIST_MAX, MADE_MAX, RANGE_MAX};

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("@sized", "@sized", vec![DYN_TYPE], sized)?;
    env.add_overload("@add", "@add", vec![DYN_TYPE, DYN_TYPE], add)?;
    env.add_overload("@range", "@range", vec![INT_TYPE], range)
}

/// Its argument, unless that is too large to be copied.
fn sized<'b, 'v>(mut args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let value = args.pop().ok_or_else(wrong_type)?;
    within(value.as_ref())?;
    Ok(value)
}

/// `a + b`, unless the sum is too large.
fn add<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let [left, right] = args.as_slice() else { return Err(wrong_type()) };
    let sum = length(left.as_ref()) + length(right.as_ref());
    let most = if left.downcast_ref::<CelList>().is_some() { MADE_LIST_MAX } else { MADE_MAX };
    if sum > most {
        return Err(too_large());
    }
    let adder = left.as_adder().ok_or_else(wrong_type)?;
    adder.add(right.as_ref()).map(|sum| CowVal::Owned(sum.into_owned()))
}

fn range<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let count = *argument::<CelInt>(&args, 0)?.inner();
    if count > RANGE_MAX {
        return Err(too_large());
    }
    let elements: Vec<Box<dyn Val + 'v>> = (0..count).map(|int| Box::new(CelInt::from(int)) as Box<dyn Val + 'v>).collect();
    Ok(CowVal::owned(CelList::from(elements)))
}

/// Fails where `value` takes more than is allowed.
pub(super) fn within(value: &dyn Val) -> Result<(), ExecutionError> {
    weigh(value, MADE_MAX).map(|_| ()).ok_or_else(too_large)
}

/// How much of `room` is left when `value` has been put there; `None` where it does not fit.
fn weigh(value: &dyn Val, room: usize) -> Option<usize> {
    const EACH: usize = 16;
    let room = room.checked_sub(EACH)?;
    if let Some(list) = value.downcast_ref::<CelList>() {
        return list.inner().iter().try_fold(room, |room, element| weigh(element.as_ref(), room));
    }
    if let Some(map) = value.downcast_ref::<CelMap>() {
        return map.inner().iter().try_fold(room, |room, (key, value)| weigh(value.as_ref(), weigh(key.inner(), room)?));
    }
    if let Some(held) = value.downcast_ref::<CelOptional>().and_then(CelOptional::option) {
        return weigh(held, room);
    }
    room.checked_sub(length(value))
}

fn length(value: &dyn Val) -> usize {
    if let Some(string) = value.downcast_ref::<CelString>() {
        return string.inner().len();
    }
    if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        return bytes.inner().len();
    }
    value.downcast_ref::<CelList>().map_or(0, |list| list.inner().len())
}
