//! A document, read for its operations and examples alone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use portcullis_json_schema::{Formats, JsonSchema};
use serde_json::Value;

pub(crate) struct Document {
    root: Value,
    /// Schemas that were asked for, by their places.
    compiled: RefCell<BTreeMap<String, Rc<JsonSchema>>>,
    pub(crate) is_30: bool,
    pub(crate) base: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// All methods of the path.
    pub(crate) methods: Vec<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) media: Vec<Media>,
    pub(crate) body_required: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) style: String,
    pub(crate) explode: bool,
    pub(crate) required: bool,
    pub(crate) pointer: String,
    pub(crate) examples: Vec<Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) name: String,
    pub(crate) pointer: String,
    pub(crate) encoding: Value,
    pub(crate) examples: Vec<Value>,
}

pub(crate) fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(format!("{name}.yaml"));
    std::fs::read_to_string(path).unwrap()
}

pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Document {
    pub(crate) fn read(name: &str) -> Self {
        let root: Value = serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&text(name)).map(stringified).unwrap();
        let is_30 = root["openapi"].as_str().unwrap().starts_with("3.0");
        let base = match name {
            "store" => "/v2",
            "payments" => "/api/payments",
            _ => "/upload",
        };
        Self { root, compiled: RefCell::default(), is_30, base: base.to_owned() }
    }

    /// Another handle of the same.
    pub(crate) fn root(&self) -> Self {
        Self { root: self.root.clone(), compiled: RefCell::default(), is_30: self.is_30, base: self.base.clone() }
    }

    /// The value at a place, where there is one.
    pub(crate) fn find(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }

    /// The value at a place.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.root.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"))
    }

    /// The place that the one at `pointer` refers to in the end.
    pub(crate) fn resolved(&self, pointer: &str) -> String {
        let mut pointer = pointer.to_owned();
        while let Some(reference) = self.at(&pointer).get("$ref") {
            pointer = reference.as_str().unwrap().strip_prefix('#').unwrap().to_owned();
        }
        pointer
    }

    /// Whether the value is as the schema at a place says, formats aside.
    pub(crate) fn fits(&self, pointer: &str, value: &Value) -> bool {
        let known = self.compiled.borrow().get(pointer).cloned();
        let schema = known.unwrap_or_else(|| {
            let schema = Rc::new(self.compile(pointer));
            self.compiled.borrow_mut().insert(pointer.to_owned(), Rc::clone(&schema));
            schema
        });
        schema.is_valid(value)
    }

    fn compile(&self, pointer: &str) -> JsonSchema {
        let mut schema = self.root.clone();
        let plain = |c: &char| c.is_ascii_alphanumeric() || "/~._-$".contains(*c);
        let fragment: String =
            pointer.chars().map(|c| if plain(&c) { c.to_string() } else { format!("%{:02X}", u32::from(c)) }).collect();
        schema["$ref"] = format!("#{fragment}").into();
        JsonSchema::compile(&schema, Formats::Ignore).unwrap()
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.at("/paths").as_object().unwrap() {
            let known = ["get", "put", "post", "delete", "patch", "head", "options"];
            let methods: Vec<&str> = known.into_iter().filter(|method| item.get(method).is_some()).collect();
            for method in &methods {
                let item = format!("/paths/{}", escaped(path));
                operations.push(self.operation(path, method, &item, &methods));
            }
        }
        operations
    }

    fn operation(&self, path: &str, method: &str, item: &str, methods: &[&str]) -> Operation {
        let pointer = format!("{item}/{method}");
        let own = self.at(&pointer);
        let mut parameters: Vec<Parameter> = Vec::new();
        for list in [format!("{pointer}/parameters"), format!("{item}/parameters")] {
            for at in 0..self.root.pointer(&list).and_then(Value::as_array).map_or(0, Vec::len) {
                parameters.push(self.parameter(&self.resolved(&format!("{list}/{at}"))));
            }
        }
        let body = own.get("requestBody").map(|_| self.resolved(&format!("{pointer}/requestBody")));
        let media = body.iter().flat_map(|body| {
            let content = self.at(&format!("{body}/content")).as_object().unwrap();
            content.iter().map(move |(name, media)| Media {
                name: name.clone(),
                pointer: format!("{body}/content/{}", escaped(name)),
                encoding: media.get("encoding").cloned().unwrap_or_default(),
                examples: examples(media),
            })
        });
        Operation {
            id: own["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            methods: methods.iter().map(|method| method.to_uppercase()).collect(),
            media: media.collect(),
            body_required: body.is_some_and(|body| self.at(&body)["required"] == true),
            parameters,
        }
    }

    fn parameter(&self, pointer: &str) -> Parameter {
        let own = self.at(pointer);
        let text = |field: &str| own.get(field).and_then(Value::as_str).map(str::to_owned);
        let place = text("in").unwrap();
        let default = if place == "query" || place == "cookie" { "form" } else { "simple" };
        let style = text("style").unwrap_or_else(|| default.to_owned());
        Parameter {
            name: text("name").unwrap(),
            explode: own.get("explode").and_then(Value::as_bool).unwrap_or(style == "form"),
            required: own["required"] == true,
            pointer: pointer.to_owned(),
            examples: examples(own),
            place,
            style,
        }
    }
}

fn examples(node: &Value) -> Vec<Value> {
    let several = node.get("examples").and_then(Value::as_object).into_iter().flatten().map(|(_, it)| it["value"].clone());
    node.get("example").cloned().into_iter().chain(several).collect()
}

/// Numbers as keys are texts.
fn stringified(value: serde_yaml_ng::Value) -> Value {
    match value {
        serde_yaml_ng::Value::Mapping(entries) => {
            let key = |key: serde_yaml_ng::Value| match key {
                serde_yaml_ng::Value::String(text) => text,
                other => serde_yaml_ng::to_string(&other).unwrap().trim().to_owned(),
            };
            entries.into_iter().map(|(name, value)| (key(name), stringified(value))).collect()
        }
        serde_yaml_ng::Value::Sequence(elements) => elements.into_iter().map(stringified).collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}
