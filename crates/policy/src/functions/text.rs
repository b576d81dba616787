//! Functions of strings whose cost or result cel's own do not bound.

use cel::common::types::{CelInt, CelList, CelString, INT_TYPE, LIST_TYPE, STRING_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::{Answer, Args, argument, elements, too_large, wrong_type};
use crate::bounds::{MADE_LIST_MAX, MADE_MAX};
use crate::failure::Cause;
use crate::values::view::failed;

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("@indexOf", "string_index_of", STRING_TYPE, vec![STRING_TYPE], index_of)?;
    env.add_member_overload("@indexOf", "string_index_of_int", STRING_TYPE, vec![STRING_TYPE, INT_TYPE], index_of)?;
    env.add_member_overload("@lastIndexOf", "string_last_index_of", STRING_TYPE, vec![STRING_TYPE], last_index_of)?;
    env.add_member_overload("@lastIndexOf", "string_last_index_of_int", STRING_TYPE, vec![STRING_TYPE, INT_TYPE], last_index_of)?;
    env.add_member_overload("@replace", "replace", STRING_TYPE, vec![STRING_TYPE, STRING_TYPE], replace)?;
    env.add_member_overload("@replace", "replace_int", STRING_TYPE, vec![STRING_TYPE, STRING_TYPE, INT_TYPE], replace)?;
    env.add_member_overload("@split", "split", STRING_TYPE, vec![STRING_TYPE], split)?;
    env.add_member_overload("@split", "split_int", STRING_TYPE, vec![STRING_TYPE, INT_TYPE], split)?;
    env.add_member_overload("@join", "join", LIST_TYPE, vec![], join)?;
    env.add_member_overload("@join", "join_string", LIST_TYPE, vec![STRING_TYPE], join)
}

fn string<'a>(args: &'a [CowVal<'_, '_>], index: usize) -> Result<&'a str, ExecutionError> {
    argument::<CelString>(args, index).map(CelString::inner)
}

/// The whole number at `index`, where there is one.
fn number(args: &[CowVal<'_, '_>], index: usize) -> Option<i64> {
    args.get(index).and_then(|int| int.downcast_ref::<CelInt>()).map(|int| *int.inner())
}

/// The code point at `offset` starts at this byte; `None` where the text is shorter.
fn byte_of(text: &str, offset: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(offset)
}

/// The number of code points before the byte `at`.
fn code_points(text: &str, at: usize) -> usize {
    text.get(..at).map_or(0, |before| before.chars().count())
}

/// Where a search that starts at the argument begins, in bytes: within the text, as in cel-go.
fn start(text: &str, offset: Option<i64>, needle: &str, default: usize) -> Result<usize, ExecutionError> {
    let Some(offset) = offset else { return Ok(default) };
    let offset = usize::try_from(offset).map_err(|_| failed(Cause::OutOfRange))?;
    match byte_of(text, offset) {
        Some(at) if at < text.len() || needle.is_empty() => Ok(at),
        None if needle.is_empty() => Ok(text.len()),
        _ => Err(failed(Cause::OutOfRange)),
    }
}

fn index_of<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let (text, needle) = (string(&args, 0)?, string(&args, 1)?);
    let start = start(text, number(&args, 2), needle, 0)?;
    let found = text.get(start..).and_then(|rest| rest.find(needle)).map(|at| code_points(text, start + at));
    super::lists::position(found)
}

fn last_index_of<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let (text, needle) = (string(&args, 0)?, string(&args, 1)?);
    let start = start(text, number(&args, 2), needle, text.len())?;
    let end = start.saturating_add(needle.len()).min(text.len());
    let end = (end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let found = text.get(..end).and_then(|part| part.rfind(needle)).filter(|at| *at <= start);
    super::lists::position(found.map(|at| code_points(text, at)))
}

fn replace<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let (text, from, to) = (string(&args, 0)?, string(&args, 1)?, string(&args, 2)?);
    let most = number(&args, 3).map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let grown = text.matches(from).take(most).count().saturating_mul(to.len()).saturating_add(text.len());
    if grown > MADE_MAX {
        return Err(too_large());
    }
    Ok(CowVal::owned(CelString::from(text.replacen(from, to, most))))
}

fn split<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let (text, separator) = (string(&args, 0)?, string(&args, 1)?);
    let most = number(&args, 2).map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let parts: Vec<&str> = match (most, separator.is_empty()) {
        (0, _) => Vec::new(),
        (_, true) => characters(text, most),
        (_, false) => text.splitn(most.min(MADE_LIST_MAX + 2), separator).collect(),
    };
    if parts.len() > MADE_LIST_MAX {
        return Err(too_large());
    }
    let parts: Vec<Box<dyn Val + 'v>> = parts.into_iter().map(|part| Box::new(CelString::from(part.to_owned())) as _).collect();
    Ok(CowVal::owned(CelList::from(parts)))
}

/// Each character, and the rest as the last of at most `most` parts.
fn characters(text: &str, most: usize) -> Vec<&str> {
    let most = most.min(MADE_LIST_MAX + 2);
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next().filter(|_| parts.len() + 1 < most) {
        let Some((head, tail)) = rest.split_at_checked(first.len_utf8()) else { break };
        parts.push(head);
        rest = tail;
    }
    parts.extend(Some(rest).filter(|rest| !rest.is_empty()));
    parts
}

fn join<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let separator = if args.len() > 1 { string(&args, 1)? } else { "" };
    let mut joined = String::new();
    for (index, part) in elements(&args, 0)?.into_iter().enumerate() {
        let part = part.downcast_ref::<CelString>().ok_or_else(wrong_type)?.inner();
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part);
        if joined.len() > MADE_MAX {
            return Err(too_large());
        }
    }
    Ok(CowVal::owned(CelString::from(joined)))
}
