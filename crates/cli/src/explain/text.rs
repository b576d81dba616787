//! A report for people.

use portcullis_explain::{Decision, Unjudged};
use portcullis_http::Fit;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::outline::{Mark, Node};
use super::report::{Answer, Modules, Report, Told, Upstream};
use super::{fit, input_validation, jwt_auth, rate_limit, rbac};
use crate::plugin::Plugin;

/// So many rules that are not for the request are shown.
const NEAREST: usize = 8;

/// `report`, ending in a newline; with `all` the rules that are not for the request.
pub(super) fn write(report: &Report, all: bool) -> Result<String, String> {
    let mut text = String::new();
    let request = &report.request;
    let line = format!("{} {}://{}{} at {}", request.method, request.scheme, request.host, request.path, time(&request.time));
    Node::plain(line).write(&mut text);
    for told in &report.plugins {
        text.push('\n');
        plugin(told, all)?.write(&mut text);
    }
    text.push('\n');
    let in_all = answer("", &report.answer).with(report.answer.upstream.iter().flat_map(upstream)).with(modules(&report.modules));
    in_all.write(&mut text);
    Ok(text)
}

pub(super) fn plugin(told: &Told, all: bool) -> Result<Node, String> {
    let nodes = match (told.plugin, &told.explanation) {
        (Plugin::InputValidation, Some(explanation)) => input_validation::outline(&read(explanation)?, all),
        (Plugin::JwtAuth, Some(explanation)) => jwt_auth::outline(&read(explanation)?, all),
        (Plugin::Rbac, Some(explanation)) => rbac::outline(&read(explanation)?, all),
        (Plugin::RateLimit, Some(explanation)) => rate_limit::outline(&read(explanation)?, all),
        (Plugin::Bundle, _) | (_, None) => vec![Node::new(Mark::Skipped, "it does not say why")],
    };
    Ok(Node::plain(format!("{}: {}", told.plugin.name(), told.policy)).with(nodes))
}

fn read<T: DeserializeOwned>(explanation: &Json) -> Result<T, String> {
    serde_json::from_value(explanation.clone()).map_err(|error| format!("an explanation of another shape: {error}"))
}

fn answer(who: &str, answer: &Answer) -> Node {
    let details = answer.details.as_ref().map(|details| format!(", {details}")).unwrap_or_default();
    let said = if answer.passes { "passes".to_owned() } else { format!("refused with {}{details}", answer.status) };
    Node::new(Mark::of(answer.passes), format!("{who}{said}"))
}

fn upstream(upstream: &Upstream) -> Vec<Node> {
    let path = upstream.path.iter().map(|path| format!("the upstream gets the path {path}"));
    let set = upstream.set.iter().map(|(name, value)| format!("the upstream gets {name}: {value}"));
    let removed = upstream.removed.iter().map(|name| format!("the upstream does not get {name}"));
    path.chain(set).chain(removed).map(Node::plain).collect()
}

fn modules(modules: &Modules) -> Vec<Node> {
    match modules {
        Modules::Agree => vec![Node::plain("the modules that a proxy loads say the same")],
        Modules::Disagree(theirs) => vec![
            answer("the modules that a proxy loads decide otherwise, perhaps because they are older: ", theirs)
                .with(theirs.upstream.iter().flat_map(upstream)),
        ],
        Modules::NotAsked => Vec::new(),
        Modules::Missing(why) => vec![Node::new(Mark::Skipped, format!("not held against a module: {why}"))],
    }
}

/// Rules in order; of those that are not for the request the nearest ones, unless all are wanted.
pub(super) fn rules<'t, R>(
    rules: Vec<&'t R>,
    all: bool,
    fit: impl Fn(&R) -> &Fit,
    is_for_others: impl Fn(&R) -> bool,
    outline: impl Fn(&'t R) -> Node,
) -> Vec<Node> {
    let mut distances: Vec<usize> =
        rules.iter().filter(|rule| is_for_others(rule)).map(|rule| fit::distance(fit(rule))).collect();
    distances.sort_unstable();
    let total = distances.len();
    let farthest = if all { usize::MAX } else { distances.get(NEAREST).copied().unwrap_or(usize::MAX) };
    let (mut nodes, mut shown) = (Vec::new(), 0);
    for rule in rules {
        if is_for_others(rule) {
            if fit::distance(fit(rule)) > farthest || !all && shown == NEAREST {
                continue;
            }
            shown += 1;
        }
        nodes.push(outline(rule));
    }
    let left = total - shown;
    nodes.extend(
        (left > 0).then(|| Node::new(Mark::Skipped, format!("{left} more are not for this request; `--all` shows them"))),
    );
    nodes
}

/// Why no rule could decide; `asked` says whether any was asked nevertheless.
pub(super) fn unjudged(unjudged: &Unjudged, asked: bool) -> String {
    format!("refused{}: {}", if asked { "" } else { " before any rule was asked" }, unjudged.why)
}

/// What the record says of a decision.
pub(super) fn recorded(decision: &Decision) -> String {
    let shadow = if decision.outcome == "shadow" { "recorded as shadow: " } else { "" };
    format!("{shadow}{}", decision.reason)
}

/// A time without its milliseconds, where there are none.
pub(super) fn time(time: &str) -> String {
    time.replace(".000Z", "Z")
}

/// Whether what was decided lets the request pass.
pub(super) fn passes(outcome: &str) -> bool {
    outcome != "denied"
}
