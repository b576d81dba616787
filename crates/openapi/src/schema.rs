//! Schemas of a document, as JSON Schema 2020-12 that stands by itself.

mod circle;
mod discriminator;
mod flat;
mod format;
mod keyword;
mod object;
mod read_only;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use portcullis_json_schema::{Formats, JsonSchema};
use serde_json::{Map, Value, json};

use crate::document::Version;
use crate::node::{Node, Unreadable};
use crate::report::Report;

pub(crate) use flat::Flat;
pub(crate) use object::DIALECTS;

/// How deep a schema nests at most: a configuration has 64 levels, and some lead to it.
const DEPTH_MAX: usize = 56;

/// So many schemas a body refers to at most: what compiles them goes from one to the next.
const REFERENCES_MAX: usize = 400;

/// What all schemas of a document are converted with.
#[derive(Debug)]
pub(crate) struct Schemas<'r> {
    pub(crate) version: Version,
    pub(crate) report: &'r Report,
    /// Whether requests may have properties that are `readOnly`.
    pub(crate) accept_read_only: bool,
    /// The properties that requests may not have.
    pub(crate) refused_properties: RefCell<BTreeSet<String>>,
}

/// One schema under conversion, with those that it refers to.
#[derive(Debug)]
struct Converter<'s, 'd> {
    schemas: &'s Schemas<'s>,
    /// The names in `$defs`, by the place in the document.
    names: BTreeMap<String, String>,
    /// What is referred to and not converted yet.
    queue: Vec<(String, Node<'d>)>,
}

impl Schemas<'_> {
    /// The schemas at `nodes` as one for bodies in JSON, of which any must hold, with everything that they refer to in `$defs`. The
    /// plugin takes it.
    pub(crate) fn closed(&self, nodes: &[Node<'_>]) -> Result<Value, Unreadable> {
        let Some(node) = nodes.first() else { return Ok(Value::Bool(true)) };
        let (mut schemas, defs) = self.converted(nodes)?;
        schemas.dedup();
        let schema = if schemas.len() > 1 { json!({ "anyOf": schemas }) } else { schemas.pop().unwrap_or(Value::Bool(true)) };
        let mut schema = match schema {
            Value::Object(map) => map,
            whole => return Ok(whole),
        };
        if !defs.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(defs));
        }
        let schema = Value::Object(schema);
        if depth(&schema) > DEPTH_MAX {
            return Err(node.unreadable("its schema nests too deep"));
        }
        match JsonSchema::compile(&schema, Formats::Assert) {
            Ok(_) => Ok(schema),
            Err(error) => Err(node.unreadable(format!("its schema is not taken: {error}"))),
        }
    }

    /// The schema at `node` without references at its top, for a value that is a text.
    pub(crate) fn flat(&self, node: &Node<'_>) -> Result<Flat, Unreadable> {
        let (schemas, defs) = self.converted(std::slice::from_ref(node))?;
        Ok(Flat::new(schemas.first().unwrap_or(&Value::Bool(true)), defs))
    }

    fn converted(&self, nodes: &[Node<'_>]) -> Result<(Vec<Value>, Map<String, Value>), Unreadable> {
        let none = BTreeSet::new();
        let mut converter = Converter { schemas: self, names: BTreeMap::new(), queue: Vec::new() };
        let schemas = nodes.iter().map(|node| converter.schema(node, &none)).collect::<Result<Vec<_>, _>>()?;
        let mut defs = Map::new();
        while let Some((name, node)) = converter.queue.pop() {
            if defs.len() >= REFERENCES_MAX {
                return Err(node.unreadable(format!("a body refers to more than {REFERENCES_MAX} schemas")));
            }
            let converted = converter.schema(&node, &none)?;
            defs.insert(name, converted);
        }
        match nodes.iter().zip(&schemas).find(|(_, schema)| circle::is_in_a_circle(schema, &defs)) {
            Some((node, _)) => {
                Err(node.unreadable("its schemas refer to each other in a circle, and nothing of a value is looked at"))
            }
            None => Ok((schemas, defs)),
        }
    }
}

impl<'d> Converter<'_, 'd> {
    /// The reference to what stands at `target`.
    fn reference(&mut self, target: Node<'d>) -> String {
        if let Some(name) = self.names.get(&target.pointer) {
            return format!("#/$defs/{name}");
        }
        let last = target.pointer.rsplit('/').next().unwrap_or_default();
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        let base: String = last.chars().map(plain).collect();
        let taken = |name: &str| self.names.values().any(|other| other == name);
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(base);
        self.names.insert(target.pointer.clone(), name.clone());
        self.queue.push((name.clone(), target));
        format!("#/$defs/{name}")
    }
}

/// How deep a value nests.
fn depth(value: &Value) -> usize {
    let below = match value {
        Value::Array(elements) => elements.iter().map(depth).max(),
        Value::Object(entries) => entries.values().map(depth).max(),
        _ => return 0,
    };
    1 + below.unwrap_or_default()
}

#[cfg(test)]
mod tests;
