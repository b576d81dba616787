//! Security requirements (OpenAPI 3.1 section 4.8.30), as comments: input-validation does not judge who calls.

use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::node::Node;
use crate::parameter::Head;

/// What a rule says of the security of its operation.
#[derive(Debug, Default)]
pub(crate) struct Security {
    /// A line for each alternative.
    pub(crate) comments: Vec<String>,
}

/// The requirements of the operation, or else of the document. Keys in a query or in cookies are let through.
pub(crate) fn security(operation: &Node<'_>, document: &Node<'_>, head: &mut Head, context: &Context<'_>) -> Security {
    let Some(requirements) = operation.get("security").or_else(|| document.get("security")) else { return Security::default() };
    let schemes = document.get("components").and_then(|components| components.get("securitySchemes"));
    let mut comments = Vec::new();
    for requirement in requirements.elements() {
        let mut all = Vec::new();
        for (name, scopes) in requirement.entries() {
            let Some(scheme) = schemes.as_ref().and_then(|schemes| schemes.get(name)?.resolved().ok()) else {
                context.report.note(&scopes.pointer, "no security scheme is called so");
                continue;
            };
            admit(&scheme, head);
            all.push(described(name, &scheme, &scopes));
        }
        comments.push(if all.is_empty() {
            "security: none is needed".to_owned()
        } else {
            format!("security: {}", all.join("; and "))
        });
    }
    if comments.is_empty() {
        comments.push("security: none".to_owned());
    } else {
        context.report.unenforced(
            "",
            "security schemes are not judged by input-validation; the comment of each rule says which plugin does",
        );
    }
    Security { comments }
}

/// A key where every parameter must be named is named.
fn admit(scheme: &Node<'_>, head: &mut Head) {
    if scheme.text("type") != Some("apiKey") {
        return;
    }
    let Some(name) = scheme.text("name") else { return };
    let parameters: &mut Map<String, Value> = match scheme.text("in") {
        Some("query") => &mut head.query,
        _ => return,
    };
    parameters.entry(name.to_owned()).or_insert_with(|| json!({}));
}

/// The scheme, and what judges it.
fn described(name: &str, scheme: &Node<'_>, scopes: &Node<'_>) -> String {
    let scopes: Vec<&str> = scopes.elements().filter_map(|scope| scope.value.as_str()).collect();
    let scopes = if scopes.is_empty() { String::new() } else { format!(", scopes {}", scopes.join(" ")) };
    let text = |field: &str| scheme.text(field).unwrap_or_default().to_owned();
    let (kind, judge) = match (scheme.text("type"), text("scheme").to_ascii_lowercase().as_str()) {
        (Some("http"), "bearer") => {
            let format = scheme.text("bearerFormat").map(|format| format!(" {format}")).unwrap_or_default();
            (format!("bearer{format}"), "jwt-auth, where the token is a JWT")
        }
        (Some("http"), "basic") => ("HTTP basic".to_owned(), "Envoy's basic_auth"),
        (Some("http"), other) => (format!("HTTP {other}"), "no plugin of ours"),
        (Some("apiKey"), _) => (format!("key in {} {}", text("in"), text("name")), "Envoy's api_key_auth"),
        (Some("oauth2"), _) => ("OAuth 2".to_owned(), "jwt-auth, where the token is a JWT"),
        (Some("openIdConnect"), _) => ("OpenID Connect".to_owned(), "jwt-auth"),
        (Some("mutualTLS"), _) => ("mutual TLS".to_owned(), "the listener, and rbac for who it is"),
        _ => ("unknown".to_owned(), "no plugin of ours"),
    };
    format!("{name} ({kind}{scopes}): {judge}")
}
