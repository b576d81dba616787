//! OpenAPI 3.0 and 3.1 documents as a configuration of input-validation, and what of them it cannot enforce.
//!
//! What a document demands of requests is held to, or named in the report; what of it cannot be read is closed: requests to it are
//! refused. The document itself stays out of the proxy.

mod body;
mod context;
mod document;
mod form;
mod multipart;
mod names;
mod node;
mod operation;
mod parameter;
mod paths;
mod readers;
mod report;
mod rule;
mod schema;
mod security;
mod servers;
mod template;
mod value;
mod yaml;

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use context::Context;
use node::Node;
use report::Report;
pub use report::{Level, Remark};
use rule::Rule;
use schema::Schemas;

/// So many properties are named in one remark.
const NAMED_MAX: usize = 8;

/// What an import has to know beside the document.
#[derive(Debug, Clone)]
pub struct Options {
    /// The path before every path of the document, in place of what `servers` say: `/v1`, or nothing.
    pub base_path: Option<String>,
    /// How many bytes a body, a file or a part has at most where the document says nothing.
    pub max_body: u64,
    /// Whether preflights of browsers pass where the document has no `options`.
    pub preflight: bool,
    /// Whether requests may have properties that are `readOnly`.
    pub accept_read_only: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { base_path: None, max_body: 64 << 10, preflight: false, accept_read_only: false }
    }
}

/// What became of a document.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The policy file, as YAML with comments, and its configuration as a value; nothing where the document was refused.
    pub policy: Option<Policy>,
    /// What is not enforced, what is stricter, and what is worth a look.
    pub report: Vec<Remark>,
}

/// A policy for input-validation.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The policy file, as YAML with comments.
    pub yaml: String,
    /// What the proxy gets.
    pub config: Value,
}

impl Imported {
    /// Whether the document cannot be read.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.policy.is_none()
    }
}

/// Imports the document in `text`, YAML or JSON.
#[must_use]
pub fn import(text: &str, options: &Options) -> Imported {
    let report = Report::default();
    let policy = translate(text, options, &report).unwrap_or_else(|refusal| {
        report.refuse("", refusal);
        None
    });
    Imported { policy, report: report.into_remarks() }
}

fn translate(text: &str, options: &Options, report: &Report) -> Result<Option<Policy>, String> {
    let document = document::parse(text)?;
    let version = document::version(&document)?;
    check_options(options)?;
    let root = Node::root(&document);
    check_dialect(&root)?;
    readers::judge(&document, version, report);
    let refused_properties = RefCell::new(BTreeSet::new());
    let schemas = Schemas { version, report, accept_read_only: options.accept_read_only, refused_properties };
    let context = Context { schemas, report, options };
    let rules = paths::rules(&root, &context);
    if rules.is_empty() {
        return Err("there is no path with an operation to import".to_owned());
    }
    tell_of_all(&root, &context);
    Ok(Some(policy(&root, &rules)))
}

fn policy(root: &Node<'_>, rules: &[Rule]) -> Policy {
    let info = root.get("info");
    let text = |field: &str| info.as_ref().and_then(|info| info.text(field)).unwrap_or_default();
    let title: String = text("title").chars().take(64).collect();
    let name = if title.is_empty() { "openapi".to_owned() } else { names::of_operation("openapi", &title) };
    let version: String = text("version").chars().take(32).collect();
    let description = format!("Imported from OpenAPI: {title} {version}").trim_end().to_owned() + ".";
    let values: Vec<Value> = rules.iter().map(Rule::value).collect();
    Policy { yaml: yaml::policy(&name, &description, rules), config: json!({ "version": 1, "rules": values }) }
}

fn check_options(options: &Options) -> Result<(), String> {
    let base = options.base_path.as_ref().filter(|base| servers::base_path(base).as_ref() != Some(base));
    match base {
        Some(_) => Err("expected a base path such as `/v1`, or an empty one".to_owned()),
        None if options.max_body == 0 => Err("expected a body of at least one byte".to_owned()),
        None => Ok(()),
    }
}

/// The dialect of all schemas (OpenAPI 3.1 section 4.8.1).
fn check_dialect(root: &Node<'_>) -> Result<(), String> {
    match root.text("jsonSchemaDialect") {
        Some(dialect) if !schema::DIALECTS.contains(&dialect) => {
            Err("`jsonSchemaDialect`: only that of OpenAPI 3.1 and JSON Schema 2020-12 are read".to_owned())
        }
        _ => Ok(()),
    }
}

/// What is so for every request.
fn tell_of_all(root: &Node<'_>, context: &Context<'_>) {
    let report = context.report;
    if root.get("webhooks").is_some() {
        report.unenforced("/webhooks", "webhooks are requests of the service itself: nothing looks at them");
    }
    report.stricter("", "what the document does not name is refused: paths, methods, parameters of a query, media types");
    report.stricter("", "a parameter has at most 1024 characters and a list in one 100 items where the document sets no limit");
    let size = portcullis_config::ByteSize::new(context.options.max_body);
    report.stricter(
        "",
        format!(
            "a body has at most {size} where the document sets no limit (`--max-body`), JSON the plugin's limits of structure"
        ),
    );
    if !context.options.preflight {
        report.stricter("", "preflights of browsers are refused where the document has no `options` (`--preflight`)");
    }
    let refused = context.schemas.refused_properties.borrow();
    if !refused.is_empty() {
        let named: Vec<&str> = refused.iter().take(NAMED_MAX).map(String::as_str).collect();
        let more = refused.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("requests have no `readOnly` property (`--accept-read-only`): {}{more}", named.join(", "));
        report.stricter("", message);
    }
}

#[cfg(test)]
mod tests;
