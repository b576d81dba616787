//! Paths (OpenAPI 3.1 section 4.8.8): which rule is for a request.

use std::collections::BTreeSet;

use serde_json::json;

use crate::context::Context;
use crate::names::{Names, of_operation};
use crate::node::Node;
use crate::operation::{METHODS, operation};
use crate::rule::{Rule, closed};
use crate::servers;
use crate::template::Template;

/// A path with its rules.
struct Path {
    key: String,
    template: Template,
    rules: Vec<Rule>,
    /// With each base path.
    paths: Vec<String>,
    /// Whether its methods are not known: all are refused.
    closed: bool,
}

/// The rules of the document, the first that is for a request first.
pub(crate) fn rules(document: &Node<'_>, context: &Context<'_>) -> Vec<Rule> {
    let base = match &context.options.base_path {
        Some(base) => vec![base.clone()],
        None => servers::base_paths(document, context.report).unwrap_or_else(|| vec![String::new()]),
    };
    let items = document.get("paths");
    let mut paths: Vec<Path> =
        items.iter().flat_map(Node::entries).filter_map(|(key, item)| path(key, &item, &base, context)).collect();
    paths.sort_by_key(|path| path.template.order());
    tell_of_ambiguous(&paths, context);
    let mut names = Names::default();
    let mut rules = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        let others = others(path, paths.get(at + 1..).unwrap_or_default());
        let own = path.rules.iter().cloned().chain(others);
        rules.extend(own.map(|rule| Rule { name: names.give(&rule.name), ..rule }));
    }
    if context.options.preflight {
        rules.extend(preflight(&paths, &mut names));
    }
    rules
}

fn path(key: &str, item: &Node<'_>, base: &[String], context: &Context<'_>) -> Option<Path> {
    if key.starts_with("x-") {
        return None;
    }
    let template = match Template::read(key, item) {
        Ok(template) => template,
        Err(unreadable) => {
            context.report.stricter(&unreadable.pointer, format!("{}; no request to it passes", unreadable.message));
            return None;
        }
    };
    let own = |node: &Node<'_>| match context.options.base_path {
        Some(_) => None,
        None => servers::base_paths(node, context.report),
    };
    let with = |base: &[String]| -> Vec<String> { base.iter().map(|base| format!("{base}{}", template.text)).collect() };
    let item = match item.resolved() {
        Ok(item) => item,
        Err(unreadable) => {
            context.report.stricter(&unreadable.pointer, format!("{}; every request to it is refused", unreadable.message));
            let rule = closed(format!("{}: {}", unreadable.pointer, unreadable.message));
            let rule = Rule { name: of_operation("closed", key), paths: with(base), ..rule };
            return Some(Path { key: key.to_owned(), paths: with(base), template, rules: vec![rule], closed: true });
        }
    };
    let item_base = own(&item).unwrap_or_else(|| base.to_vec());
    let mut rules = Vec::new();
    let mut paths = BTreeSet::new();
    for method in METHODS {
        let Some(node) = item.get(method) else { continue };
        let rule = operation(method, &node, &item, &template, key, context);
        let rule = Rule { paths: with(&own(&node).unwrap_or_else(|| item_base.clone())), ..rule };
        paths.extend(rule.paths.iter().cloned());
        rules.push(rule);
    }
    Some(Path { key: key.to_owned(), template, rules, paths: paths.into_iter().collect(), closed: false })
}

/// A concrete path is not what a template that comes later says (OpenAPI 3.1 section 4.8.8.2): methods that only the template has are
/// refused on it.
fn others(path: &Path, later: &[Path]) -> Option<Rule> {
    let has = |method: &String| path.rules.iter().any(|rule| rule.methods.contains(method));
    let overlapping = later.iter().filter(|other| path.template.overlaps(&other.template));
    let methods: BTreeSet<&String> = overlapping.flat_map(|other| other.rules.iter().flat_map(|rule| &rule.methods)).collect();
    let methods: Vec<String> = methods.into_iter().filter(|method| !has(method)).cloned().collect();
    if methods.is_empty() || path.closed || path.paths.is_empty() || !path.template.is_exact() {
        return None;
    }
    let allowed: Vec<&str> = path.rules.iter().flat_map(|rule| &rule.methods).map(String::as_str).collect();
    let mut rule = closed(format!("{} has no such method; a template that is also for it has", path.key));
    rule.config.insert("deny_response".to_owned(), json!({ "status": 405, "headers": { "allow": allowed.join(", ") } }));
    Some(Rule { name: of_operation("other-methods", &path.key), methods, paths: path.paths.clone(), ..rule })
}

/// Preflights of browsers (Fetch section 4.8), for paths without an `options` of their own.
fn preflight(paths: &[Path], names: &mut Names) -> Option<Rule> {
    let has = |path: &Path, method: &str| path.rules.iter().any(|rule| rule.methods.iter().any(|other| other == method));
    let without: Vec<&Path> = paths.iter().filter(|path| !path.closed && !has(path, "OPTIONS")).collect();
    let methods: BTreeSet<&String> = without.iter().flat_map(|path| path.rules.iter().flat_map(|rule| &rule.methods)).collect();
    let headers =
        json!({ "origin": { "required": true }, "access-control-request-method": { "required": true, "enum": methods } });
    let paths: Vec<String> = without.iter().flat_map(|path| path.paths.iter().cloned()).collect();
    let comments = vec!["preflights of browsers, which carry no credentials".to_owned()];
    let config = [("headers".to_owned(), headers), ("query".to_owned(), json!({ "additional": "pass" }))].into_iter().collect();
    let rule = Rule { comments, name: names.give("preflight"), methods: vec!["OPTIONS".to_owned()], paths, config };
    (!rule.paths.is_empty()).then_some(rule)
}

/// Which of two templates without an order counts is left to tools: the document should not ask.
fn tell_of_ambiguous(paths: &[Path], context: &Context<'_>) {
    for (at, path) in paths.iter().enumerate() {
        let later = paths.get(at + 1..).unwrap_or_default();
        let concrete = |path: &Path| path.template.captures.is_empty() && path.template.mixed.is_empty();
        let ambiguous = |other: &&Path| path.template.overlaps(&other.template) && !concrete(path);
        let pointer = format!("/paths/{}", crate::node::escaped(&path.key));
        for other in later.iter().filter(ambiguous) {
            let methods = path.rules.iter().flat_map(|rule| &rule.methods);
            let shared = methods.into_iter().any(|method| other.rules.iter().any(|rule| rule.methods.contains(method)));
            if path.template.is_exact() {
                context.report.note(&pointer, format!("a path may be for `{}`, too: this one counts", other.key));
            } else if shared {
                let message =
                    format!("its segments are not told from those of `{}`: requests to that one are refused", other.key);
                context.report.stricter(&pointer, message);
            }
        }
    }
}
