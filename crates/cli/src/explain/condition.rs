//! An expression, for people.

use portcullis_policy::{Answer, Trace};

use super::outline::{Mark, Node};

/// The expression, and the parts that its answer rests on.
pub(super) fn outline(trace: &Trace) -> Node {
    let element = trace.element.as_ref().map(|element| format!("{} = {}: ", element.name, element.value));
    named(&element.unwrap_or_default(), trace)
}

/// The same, behind `name`.
pub(super) fn named(name: &str, trace: &Trace) -> Node {
    let node = Node::plain(format!("{name}{}", trace.expression));
    let (mark, answer) = answer(trace);
    node.answering(mark, &answer).with(trace.parts.iter().map(outline))
}

fn answer(trace: &Trace) -> (Mark, String) {
    match &trace.answer {
        Answer::Value(value) if value == "true" => (Mark::Yes, value.clone()),
        Answer::Value(value) if value == "false" => (Mark::No, value.clone()),
        Answer::Value(value) => (Mark::Plain, value.clone()),
        // The part that fails by itself says why.
        Answer::Error(_) if trace.parts.iter().any(|part| part.answer.is_error()) => (Mark::Failed, "error".to_owned()),
        Answer::Error(error) => (Mark::Failed, format!("error: {error}")),
        Answer::NotNeeded => (Mark::Skipped, "not needed".to_owned()),
    }
}
