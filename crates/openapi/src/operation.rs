//! Operations (OpenAPI 3.1 section 4.8.10) as rules.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::body;
use crate::context::Context;
use crate::names;
use crate::node::{Node, Unreadable};
use crate::parameter::Head;
use crate::rule::{Rule, closed};
use crate::security;
use crate::template::Template;

/// The methods that a path item may have.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The operation at `node`, whose parameters may stand at `item` too. One that cannot be read is closed.
pub(crate) fn operation(
    method: &str,
    node: &Node<'_>,
    item: &Node<'_>,
    template: &Template,
    key: &str,
    context: &Context<'_>,
) -> Rule {
    let name = node.text("operationId").map_or_else(|| names::of_operation(method, key), str::to_owned);
    tell_of_answers(node, context);
    match read(node, item, template, context) {
        Ok(mut rule) => {
            if node.is("deprecated") {
                rule.comments.push("deprecated".to_owned());
            }
            Rule { name, methods: vec![method.to_ascii_uppercase()], ..rule }
        }
        Err(Unreadable { pointer, message }) => {
            context.report.stricter(&pointer, format!("{message}; every request to `{name}` is refused"));
            Rule { name, methods: vec![method.to_ascii_uppercase()], ..closed(format!("{pointer}: {message}")) }
        }
    }
}

fn read(node: &Node<'_>, item: &Node<'_>, template: &Template, context: &Context<'_>) -> Result<Rule, Unreadable> {
    if !node.value.is_object() {
        return Err(node.unreadable("expected an operation"));
    }
    let mut head = Head::default();
    for mixed in &template.mixed {
        head.params.insert(mixed.capture.clone(), json!({ "pattern": mixed.pattern }));
    }
    for parameter in parameters(node, item)? {
        head.add(&parameter, template, context)?;
    }
    let document = Node::root(node.document());
    let security = security::security(node, &document, &mut head, context);
    let body = match node.get("requestBody") {
        Some(body) => Some(body::body(&body.resolved()?, context)?),
        None => None,
    };
    let mut config = Map::new();
    let mut put = |name: &str, value: Map<String, Value>| {
        if !value.is_empty() {
            config.insert(name.to_owned(), value.into());
        }
    };
    let query = Map::from_iter([("params".to_owned(), Value::Object(head.query))]);
    let open = head.any_query.then(|| ("additional".to_owned(), "pass".into()));
    put("query", query.into_iter().chain(open).filter(|(_, value)| *value != json!({})).collect());
    put("params", head.params);
    put("headers", head.headers);
    if !head.cookies.is_empty() {
        // Browsers send every cookie of the host.
        put("cookies", Map::from_iter([("additional".to_owned(), "pass".into()), ("params".to_owned(), head.cookies.into())]));
    }
    config.entry("query").or_insert_with(|| json!({}));
    if let Some(body) = body {
        config.insert("content_types".to_owned(), body.content_types.into());
        config.insert("body".to_owned(), body.config.into());
    }
    Ok(Rule { comments: security.comments, config, ..Rule::default() })
}

/// Those of the operation, and those of the path item that it does not have itself (OpenAPI 3.1 section 4.8.9.1).
fn parameters<'d>(node: &Node<'d>, item: &Node<'d>) -> Result<Vec<Node<'d>>, Unreadable> {
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    for owner in [node, item] {
        for parameter in owner.get("parameters").iter().flat_map(Node::elements) {
            let parameter = parameter.resolved()?;
            let identity = (parameter.text("in"), parameter.text("name"));
            if known.insert(identity) {
                found.push(parameter);
            } else if owner.pointer == node.pointer {
                return Err(parameter.unreadable("the same parameter twice"));
            }
        }
    }
    Ok(found)
}

fn tell_of_answers(node: &Node<'_>, context: &Context<'_>) {
    if node.get("callbacks").is_some() {
        context.report.unenforced("", "callbacks are requests of the service itself: nothing looks at them");
    }
    if node.get("responses").is_some() {
        context.report.unenforced("", "responses, their headers and links are not held to the document");
    }
}
