//! A schema without references and `allOf` at its top, for values that come as texts.

use serde_json::{Map, Value, json};

/// So many references and branches are followed from one to the next.
const DEPTH_MAX: u32 = 16;

/// So many schemas are read for one value.
const SCHEMAS_MAX: u32 = 1_000;

/// The keywords of one schema.
#[derive(Debug, Clone)]
pub(crate) struct Flat {
    pub(crate) keywords: Map<String, Value>,
    /// Keywords that are there and are not in `keywords`.
    pub(crate) lost: Vec<String>,
    defs: Map<String, Value>,
    /// How many schemas may still be read.
    left: u32,
}

impl Flat {
    pub(super) fn new(schema: &Value, defs: Map<String, Value>) -> Self {
        let mut flat = Self { keywords: Map::new(), lost: Vec::new(), defs, left: SCHEMAS_MAX };
        flat.add(schema, DEPTH_MAX);
        flat.choices();
        flat
    }

    /// A schema below this one.
    pub(crate) fn below(&self, schema: &Value) -> Self {
        Self::new(schema, self.defs.clone())
    }

    /// The types that it allows but `null`, which no text is.
    pub(crate) fn types(&self) -> Vec<&str> {
        let named = match self.keywords.get("type") {
            Some(Value::String(only)) => vec![only.as_str()],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect(),
            _ => Vec::new(),
        };
        if !named.is_empty() {
            return named;
        }
        if ["properties", "additionalProperties", "required"].iter().any(|keyword| self.keywords.contains_key(*keyword)) {
            return vec!["object"];
        }
        if self.keywords.contains_key("items") {
            return vec!["array"];
        }
        self.type_of_values().into_iter().collect()
    }

    /// The type that all values of `enum` or `const` have.
    fn type_of_values(&self) -> Option<&'static str> {
        let constant = self.keywords.get("const");
        let values = self.keywords.get("enum").and_then(Value::as_array).into_iter().flatten().chain(constant);
        let mut types = values.filter_map(|value| match value {
            Value::String(_) => Some("string"),
            Value::Bool(_) => Some("boolean"),
            Value::Number(number) if number.is_f64() => Some("number"),
            Value::Number(_) => Some("integer"),
            _ => None,
        });
        let first = types.next()?;
        types.all(|kind| kind == first).then_some(first)
    }

    fn add(&mut self, schema: &Value, depth: u32) {
        let (Value::Object(schema), Some(deeper), Some(left)) = (schema, depth.checked_sub(1), self.left.checked_sub(1)) else {
            if *schema != Value::Bool(true) {
                self.lost.push("allOf".to_owned());
            }
            return;
        };
        self.left = left;
        for (keyword, value) in schema {
            match (keyword.as_str(), value) {
                ("$ref", Value::String(reference)) => {
                    let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
                    if let Some(target) = self.defs.get(name).cloned() {
                        self.add(&target, deeper);
                    }
                }
                ("allOf", Value::Array(branches)) => branches.iter().for_each(|branch| self.add(branch, deeper)),
                _ => self.keyword(keyword, value),
            }
        }
    }

    /// What two branches say holds in both.
    fn keyword(&mut self, keyword: &str, value: &Value) {
        let Some(present) = self.keywords.get(keyword).cloned() else {
            self.keywords.insert(keyword.to_owned(), value.clone());
            return;
        };
        let merged = match keyword {
            _ if present == *value => Some(present),
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" => chosen(&present, value, |a, b| a >= b),
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" => chosen(&present, value, |a, b| a <= b),
            "required" => union(&present, value),
            "properties" => disjoint(&present, value),
            "enum" => intersection(&present, value),
            _ => None,
        };
        match merged {
            Some(merged) => drop(self.keywords.insert(keyword.to_owned(), merged)),
            None => self.lost.push(keyword.to_owned()),
        }
    }

    /// `oneOf` of constants is an `enum` with a description for each.
    fn choices(&mut self) {
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = self.keywords.get(keyword) else { continue };
            let constants: Option<Vec<Value>> = branches.iter().map(constant).collect();
            if let Some(constants) = constants.filter(|_| !self.keywords.contains_key("enum")) {
                self.keywords.remove(keyword);
                self.keywords.insert("enum".to_owned(), constants.into());
            }
        }
    }
}

fn constant(branch: &Value) -> Option<Value> {
    let branch = branch.as_object()?;
    branch.get("const").filter(|_| branch.keys().all(|keyword| keyword == "const" || keyword == "type")).cloned()
}

fn chosen(a: &Value, b: &Value, first: impl Fn(f64, f64) -> bool) -> Option<Value> {
    Some(if first(a.as_f64()?, b.as_f64()?) { a.clone() } else { b.clone() })
}

fn union(a: &Value, b: &Value) -> Option<Value> {
    let mut names = a.as_array()?.clone();
    names.extend(b.as_array()?.iter().filter(|name| !a.as_array().is_some_and(|a| a.contains(name))).cloned());
    Some(names.into())
}

fn disjoint(a: &Value, b: &Value) -> Option<Value> {
    let (mut all, more) = (a.as_object()?.clone(), b.as_object()?);
    for (name, schema) in more {
        let both = match all.get(name) {
            Some(present) => json!({ "allOf": [present, schema] }),
            None => schema.clone(),
        };
        all.insert(name.clone(), both);
    }
    Some(all.into())
}

fn intersection(a: &Value, b: &Value) -> Option<Value> {
    let b = b.as_array()?;
    let both: Vec<Value> = a.as_array()?.iter().filter(|value| b.contains(value)).cloned().collect();
    (!both.is_empty()).then(|| both.into())
}
