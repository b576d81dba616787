//! One rule: one of its sources, one of its operations, and all of its conditions.

use super::cel::Cel;
use super::context::Context;
use super::operation::{Matched, translated};
use super::resource::At;
use super::wire::Rule;
use super::{source, when};

/// What a rule comes to for one of its operations.
#[derive(Debug)]
pub(super) struct Part {
    /// Which operation; absent where the rule has none, or this one alone.
    pub(super) operation: Option<usize>,
    /// Where it stands: `rules[0].to[1]`.
    pub(super) place: String,
    pub(super) matched: Matched,
    pub(super) condition: Cel,
}

/// The parts of `rule`, one for each operation; none where nothing can match it.
pub(super) fn parts(rule: &Rule, context: &Context<'_>, at: &At<'_>) -> Vec<Part> {
    let sources = rule.from.as_ref().map_or(Cel::Always, |from| {
        let one = |(index, from): (usize, &super::wire::From)| {
            source::condition(&from.source, context, &at.field("from").index(index).field("source"))
        };
        Cel::any(from.iter().enumerate().map(one).collect::<Vec<_>>())
    });
    let conditions = rule.when.iter().flatten().enumerate();
    let conditions = conditions.map(|(index, condition)| when::condition(condition, context, &at.field("when").index(index)));
    let always = Cel::all([sources, Cel::all(conditions.collect::<Vec<_>>())]);
    let parts = match &rule.to {
        None => {
            vec![Part { operation: None, place: at.within_spec().to_owned(), matched: Matched::default(), condition: always }]
        }
        Some(to) => {
            let several = to.as_slice().len() > 1;
            let one = |(index, to): (usize, &super::wire::To)| {
                let at = at.field("to").index(index);
                let (matched, condition) = translated(&to.operation, context, &at.field("operation"));
                let condition = Cel::all([condition, always.clone()]);
                Part { operation: several.then_some(index), place: at.within_spec().to_owned(), matched, condition }
            };
            to.iter().enumerate().map(one).collect()
        }
    };
    let (parts, none): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.condition != Cel::Never);
    if !none.is_empty() {
        at.note("left out as far as nothing can match it");
    }
    parts
}
