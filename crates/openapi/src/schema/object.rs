//! One schema, keyword by keyword.

use std::collections::BTreeSet;

use portcullis_json_schema::{Formats, JsonSchema};
use serde_json::{Map, Value, json};

use super::keyword::{Keyword, keyword};
use super::{Converter, discriminator, format, read_only};
use crate::document::Version;
use crate::node::{Node, Unreadable};

/// The dialects that are read as JSON Schema 2020-12 (OpenAPI 3.1 section 4.8.24.5).
pub(crate) const DIALECTS: [&str; 3] = [
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2020-12/schema#",
];

impl<'d> Converter<'_, 'd> {
    /// The schema at `node`. `absent` are properties that the schemas around it demand to be absent: none of them is required.
    pub(super) fn schema(&mut self, node: &Node<'d>, absent: &BTreeSet<String>) -> Result<Value, Unreadable> {
        match node.value {
            Value::Bool(_) => Ok(node.value.clone()),
            Value::Object(_) => self.object(node, absent).map(Value::Object),
            _ => Err(node.unreadable("expected a schema")),
        }
    }

    fn object(&mut self, node: &Node<'d>, absent: &BTreeSet<String>) -> Result<Map<String, Value>, Unreadable> {
        let mut schema = Map::new();
        if let Some(reference) = node.get("$ref") {
            let text = reference.value.as_str().ok_or_else(|| reference.unreadable("expected a text"))?;
            schema.insert("$ref".to_owned(), self.reference(node.target(text)?).into());
            if self.schemas.version == Version::V30 {
                self.tell_of_siblings(node);
                return Ok(schema);
            }
        }
        let absent: BTreeSet<String> = absent.union(&read_only::properties(node)?).cloned().collect();
        for (name, member) in node.entries() {
            self.keyword(name, &member, &absent, &mut schema)?;
        }
        self.exclusive_bounds(node, &mut schema)?;
        if self.schemas.version == Version::V30 && node.is("nullable") {
            nullable(&mut schema);
        }
        format::apply(node, &mut schema, self.schemas.report);
        discriminator::apply(node, &mut schema, self.schemas.report)?;
        Ok(schema)
    }

    fn keyword(
        &mut self,
        name: &str,
        member: &Node<'d>,
        absent: &BTreeSet<String>,
        schema: &mut Map<String, Value>,
    ) -> Result<(), Unreadable> {
        let report = self.schemas.report;
        let none = BTreeSet::new();
        let converted = match keyword(name, self.schemas.version) {
            Keyword::Annotation => return Ok(()),
            Keyword::Plain => member.value.clone(),
            Keyword::Schema => self.schema(member, &none)?,
            Keyword::Schemas => {
                // The branches of `allOf` are about the same object.
                let absent = if name == "allOf" { absent } else { &none };
                let branches = list(member)?.map(|branch| self.schema(&branch, absent));
                branches.collect::<Result<Vec<_>, _>>()?.into()
            }
            Keyword::SchemasByName => self.by_name(member)?,
            Keyword::Special => return self.special(name, member, absent, schema),
            Keyword::Content => {
                report.unenforced(&member.pointer, "the encoding and the content of a text are not looked at");
                return Ok(());
            }
            Keyword::Unfollowed => return Err(member.unreadable("it changes what references mean, and is not followed")),
            Keyword::NotIn30 => {
                report.unenforced(&member.pointer, "OpenAPI 3.0 does not have this keyword: it counts for nothing");
                return Ok(());
            }
            Keyword::Unknown => {
                report.unenforced(&member.pointer, "an unknown keyword counts for nothing");
                return Ok(());
            }
        };
        schema.insert(name.to_owned(), converted);
        Ok(())
    }

    fn special(
        &mut self,
        name: &str,
        member: &Node<'d>,
        absent: &BTreeSet<String>,
        schema: &mut Map<String, Value>,
    ) -> Result<(), Unreadable> {
        match name {
            "$schema" if !member.value.as_str().is_some_and(|dialect| DIALECTS.contains(&dialect)) => {
                return Err(member.unreadable("another dialect of JSON Schema is not read"));
            }
            "pattern" if is_linear(member.value) => drop(schema.insert(name.to_owned(), member.value.clone())),
            "pattern" => self.schemas.report.unenforced(&member.pointer, NOT_LINEAR),
            "properties" => drop(schema.insert(name.to_owned(), self.properties(member, absent)?)),
            "patternProperties" if self.schemas.version == Version::V31 => {
                let linear = self.pattern_properties(member)?;
                schema.insert(name.to_owned(), linear);
            }
            "patternProperties" => {
                self.schemas.report.unenforced(&member.pointer, "OpenAPI 3.0 does not have this keyword: it counts for nothing");
            }
            "required" => {
                let names = list(member)?.filter(|name| !name.value.as_str().is_some_and(|name| absent.contains(name)));
                let names: Vec<Value> = names.map(|name| name.value.clone()).collect();
                if !names.is_empty() {
                    schema.insert(name.to_owned(), names.into());
                }
            }
            "nullable" if self.schemas.version == Version::V31 => {
                self.schemas.report.stricter(&member.pointer, "OpenAPI 3.1 does not have `nullable`: `null` is refused");
            }
            _ => {}
        }
        Ok(())
    }

    /// Properties that are `readOnly` are not sent (OpenAPI 3.0 section 4.7.24.2).
    fn properties(&mut self, member: &Node<'d>, absent: &BTreeSet<String>) -> Result<Value, Unreadable> {
        let mut properties = Map::new();
        for (name, property) in map(member)?.entries() {
            let refused = absent.contains(name) && !self.schemas.accept_read_only && read_only::is(&property)?;
            let converted = if refused { Value::Bool(false) } else { self.schema(&property, &BTreeSet::new())? };
            if refused {
                self.schemas.refused_properties.borrow_mut().insert(property.pointer.clone());
            }
            properties.insert(name.to_owned(), converted);
        }
        Ok(properties.into())
    }

    fn pattern_properties(&mut self, member: &Node<'d>) -> Result<Value, Unreadable> {
        let mut properties = Map::new();
        for (pattern, property) in map(member)?.entries() {
            if is_linear(&json!(pattern)) {
                properties.insert(pattern.to_owned(), self.schema(&property, &BTreeSet::new())?);
            } else {
                self.schemas.report.unenforced(&property.pointer, NOT_LINEAR);
            }
        }
        Ok(properties.into())
    }

    fn by_name(&mut self, member: &Node<'d>) -> Result<Value, Unreadable> {
        let schemas = map(member)?.entries().map(|(name, node)| Ok((name.to_owned(), self.schema(&node, &BTreeSet::new())?)));
        schemas.collect::<Result<Map<_, _>, _>>().map(Value::Object)
    }

    /// In 3.0 they are booleans beside the bound, in 3.1 the bound itself.
    fn exclusive_bounds(&self, node: &Node<'d>, schema: &mut Map<String, Value>) -> Result<(), Unreadable> {
        for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            let Some(member) = node.get(exclusive) else { continue };
            match (self.schemas.version, member.value) {
                (Version::V30, Value::Bool(true)) => {
                    if let Some(value) = schema.remove(bound) {
                        schema.insert(exclusive.to_owned(), value);
                    }
                }
                (Version::V30, Value::Bool(false)) => {}
                (Version::V31, Value::Number(_)) => drop(schema.insert(exclusive.to_owned(), member.value.clone())),
                (Version::V30, _) => return Err(member.unreadable("expected `true` or `false`, as OpenAPI 3.0 has it")),
                (Version::V31, _) => return Err(member.unreadable("expected a number, as OpenAPI 3.1 has it")),
            }
        }
        Ok(())
    }

    fn tell_of_siblings(&self, node: &Node<'d>) {
        let counts = |name: &str| !matches!(keyword(name, Version::V30), Keyword::Annotation) && name != "$ref";
        if node.entries().any(|(name, _)| counts(name)) {
            self.schemas.report.note(&node.pointer, "what stands beside a `$ref` counts for nothing in OpenAPI 3.0");
        }
    }
}

const NOT_LINEAR: &str = "a pattern that cannot be matched in linear time (look-around, back-references) is left out";

/// A type and `null`; without a type it says nothing (OpenAPI 3.0.3, proposal 003).
fn nullable(schema: &mut Map<String, Value>) {
    if let Some(Value::String(kind)) = schema.get("type") {
        let kinds = json!([kind, "null"]);
        schema.insert("type".to_owned(), kinds);
    }
}

/// Whether the plugin takes the pattern. One that is no text at all is a mistake that compiling the schema finds.
fn is_linear(pattern: &Value) -> bool {
    !pattern.is_string() || JsonSchema::compile(&json!({ "pattern": pattern }), Formats::Assert).is_ok()
}

fn list<'d>(member: &Node<'d>) -> Result<impl Iterator<Item = Node<'d>>, Unreadable> {
    if member.value.is_array() { Ok(member.elements()) } else { Err(member.unreadable("expected a list")) }
}

fn map<'n, 'd>(member: &'n Node<'d>) -> Result<&'n Node<'d>, Unreadable> {
    if member.value.is_object() { Ok(member) } else { Err(member.unreadable("expected an object")) }
}
