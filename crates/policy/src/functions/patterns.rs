//! Regular expressions: RE2's syntax, linear time. A literal is compiled once, see [`crate::lower`].

use cel::common::types::{CelInt, CelList, CelString, INT_TYPE, STRING_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use regex::{Regex, RegexBuilder};

use super::{Answer, Args, argument, invalid, too_large, truth};
use crate::bounds::{DYNAMIC_PATTERN_SIZE_MAX, DYNAMIC_PROGRAM_MAX, MADE_LIST_MAX};
use crate::check;
use crate::values::constant::{PATTERN, Pattern};

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    for (id, pattern) in [("@pattern", &PATTERN), ("@string", &STRING_TYPE)] {
        let types = || vec![STRING_TYPE, pattern.to_owned()];
        env.add_overload("@matches", id, types(), matches)?;
        env.add_overload("@find", id, types(), find)?;
        env.add_overload("@findAll", id, types(), find_all)?;
        env.add_overload("@findAll", &format!("{id}_int"), [types(), vec![INT_TYPE]].into_iter().flatten().collect(), find_all)?;
    }
    Ok(())
}

/// A literal pattern, compiled.
pub(crate) fn pattern(literal: &str) -> Option<Pattern> {
    check::pattern(literal).ok().map(Pattern)
}

/// A pattern that only the request knows.
fn compile(pattern: &str) -> Option<Regex> {
    const SIZE_MAX: usize = DYNAMIC_PATTERN_SIZE_MAX;
    if !check::is_program_within(pattern, DYNAMIC_PROGRAM_MAX) {
        return None;
    }
    RegexBuilder::new(pattern).size_limit(SIZE_MAX).dfa_size_limit(SIZE_MAX).nest_limit(16).build().ok()
}

fn matches<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let text = argument::<CelString>(&args, 0)?.inner();
    with_pattern(&args, |pattern| truth(pattern.is_match(text)))
}

fn find<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let text = argument::<CelString>(&args, 0)?.inner();
    with_pattern(&args, |pattern| {
        let found = pattern.find(text).map_or("", |found| found.as_str());
        CowVal::owned(CelString::from(found.to_owned()))
    })
}

fn find_all<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let text = argument::<CelString>(&args, 0)?.inner();
    let most = args.get(2).and_then(|most| most.downcast_ref::<CelInt>()).and_then(|most| usize::try_from(*most.inner()).ok());
    let wanted = most.unwrap_or(usize::MAX).min(MADE_LIST_MAX + 1);
    let found: Vec<String> =
        with_pattern(&args, |pattern| pattern.find_iter(text).take(wanted).map(|found| found.as_str().to_owned()).collect())?;
    if found.len() > MADE_LIST_MAX {
        return Err(too_large());
    }
    let found: Vec<Box<dyn Val + 'v>> = found.into_iter().map(|text| Box::new(CelString::from(text)) as _).collect();
    Ok(CowVal::owned(CelList::from(found)))
}

fn with_pattern<T>(args: &[CowVal<'_, '_>], answer: impl FnOnce(&Regex) -> T) -> Result<T, ExecutionError> {
    if let Ok(Pattern(pattern)) = argument::<Pattern>(args, 1) {
        return Ok(answer(pattern));
    }
    let pattern = argument::<CelString>(args, 1)?.inner();
    let compiled = compile(pattern).ok_or_else(|| invalid("matches"))?;
    Ok(answer(&compiled))
}
