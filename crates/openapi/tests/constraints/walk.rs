//! The constraints of a schema, as far as an instance reaches them, each with values that break it.

mod containers;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Map, Value, json};

use crate::document::{Document, escaped};
use crate::wrong::{self, Form};

/// A constraint and whole instances that break it and, as a rule, nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Constraint {
    pub(crate) kind: &'static str,
    /// The places that lead to the keyword, references among them.
    pub(crate) places: Vec<String>,
    /// The instances; or why there is none.
    pub(crate) wrong: Result<BoxedStrategy<Value>, &'static str>,
}

pub(crate) struct Walk<'d> {
    pub(crate) document: &'d Document,
    pub(crate) form: Form,
    /// The whole instance.
    pub(crate) root: Value,
    /// Other examples of the same.
    pub(crate) others: Vec<Value>,
    pub(crate) found: Vec<Constraint>,
    places: Vec<String>,
    /// Branches, and where the value stands of which one holds: what another of them takes is not wrong.
    choices: Vec<(Vec<String>, String)>,
}

impl<'d> Walk<'d> {
    pub(crate) fn of(document: &'d Document, form: Form, schema: &str, root: Value, others: Vec<Value>) -> Vec<Constraint> {
        let mut walk = Self { document, form, root, others, found: Vec::new(), places: Vec::new(), choices: Vec::new() };
        walk.schema(schema, "");
        walk.found
    }

    fn schema(&mut self, pointer: &str, at: &str) {
        self.places.push(pointer.to_owned());
        let schema = self.document.at(pointer).clone();
        if let Some(reference) = schema.get("$ref") {
            let target = reference.as_str().unwrap().strip_prefix('#').unwrap().to_owned();
            self.schema(&target, at);
        }
        if schema.get("$ref").is_none() || !self.document.is_30 {
            for (keyword, value) in schema.as_object().into_iter().flatten() {
                self.places.push(format!("{pointer}/{}", escaped(keyword)));
                self.keyword(keyword, value, &schema, pointer, at);
                self.places.pop();
            }
        }
        self.places.pop();
    }

    fn keyword(&mut self, keyword: &str, value: &Value, schema: &Value, pointer: &str, at: &str) {
        let below = format!("{pointer}/{}", escaped(keyword));
        let instance = self.root.pointer(at).unwrap().clone();
        match (keyword, &instance) {
            ("allOf", _) => (0..value.as_array().unwrap().len()).for_each(|branch| self.schema(&format!("{below}/{branch}"), at)),
            ("oneOf" | "anyOf", _) => self.branches(keyword, value, schema, pointer, at),
            ("not", _) => self.merged("not", at, |document, merged| document.fits(&below, merged)),
            ("if", _) => {
                let next = if self.document.fits(&below, &instance) { "then" } else { "else" };
                if schema.get(next).is_some() {
                    self.schema(&format!("{pointer}/{next}"), at);
                }
            }
            ("type" | "enum" | "const" | "format", _) => self.of_any(keyword, value, schema, at),
            (_, Value::String(_)) => self.of_text(keyword, value, at),
            (_, Value::Number(_)) => self.of_number(keyword, value, schema, at),
            (_, Value::Array(elements)) => self.of_list(keyword, value, elements, &below, at),
            (_, Value::Object(members)) => self.of_object(keyword, value, members, schema, &below, at),
            _ => {}
        }
    }

    /// A constraint that is broken by other values in this place.
    fn push(&mut self, kind: &'static str, at: &str, wrong: impl Into<Option<BoxedStrategy<Value>>>, why: &'static str) {
        let (root, at) = (self.root.clone(), at.to_owned());
        let wrong = wrong.into().map(|wrong| {
            let whole = wrong.prop_map(move |wrong| {
                let mut whole = root.clone();
                *whole.pointer_mut(&at).unwrap() = wrong;
                whole
            });
            whole.boxed()
        });
        let wrong = wrong.ok_or(why).and_then(|wrong| self.unless_chosen(wrong));
        self.found.push(Constraint { kind, places: self.places.clone(), wrong });
    }

    /// Without what another branch takes.
    fn unless_chosen(&self, wrong: BoxedStrategy<Value>) -> Result<BoxedStrategy<Value>, &'static str> {
        if self.choices.is_empty() {
            return Ok(wrong);
        }
        let taken = |whole: &Value| {
            let takes = |(branches, at): &(Vec<String>, String)| {
                let value = whole.pointer(at).unwrap_or(&Value::Null);
                branches.iter().filter(|branch| self.document.fits(branch, value)).count() == 1
            };
            self.choices.iter().all(takes)
        };
        let left: Vec<Value> = sampled(wrong).into_iter().filter(|whole| !taken(whole)).collect();
        if left.is_empty() { Err("another branch takes it") } else { Ok(proptest::sample::select(left).boxed()) }
    }

    fn of_any(&mut self, keyword: &str, value: &Value, schema: &Value, at: &str) {
        match (keyword, value) {
            ("type", Value::String(_) | Value::Array(_)) => {
                let named = if value.is_string() { vec![value.clone()] } else { value.as_array().unwrap().clone() };
                let mut types: Vec<String> = named.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                if schema["nullable"] == true {
                    types.push("null".to_owned());
                }
                self.push("type", at, wrong::of_type(types, self.form), "a text has no other type");
            }
            ("enum", Value::Array(values)) => self.push("enum", at, wrong::of_enum(values.clone(), self.form), ""),
            ("const", _) => self.push("const", at, wrong::of_enum(vec![value.clone()], self.form), ""),
            ("format", Value::String(format)) => {
                self.push("format", at, wrong::of_format(format), "every value has the format");
            }
            _ => {}
        }
    }

    fn of_text(&mut self, keyword: &str, value: &Value, at: &str) {
        let least = u64::from(self.form == Form::Segment);
        match (keyword, value.as_u64()) {
            ("pattern", _) => self.push("pattern", at, wrong::of_pattern(value.as_str().unwrap(), self.form), ""),
            ("minLength", Some(length)) if length > least => self.push("minLength", at, wrong::of_length(least, length - 1), ""),
            ("minLength", Some(_)) => self.push("minLength", at, None, "a segment is never empty"),
            ("maxLength", Some(length)) => self.push("maxLength", at, wrong::of_length(length + 1, length + 20), ""),
            _ => {}
        }
    }

    fn of_number(&mut self, keyword: &str, value: &Value, schema: &Value, at: &str) {
        let whole = schema["type"] == "integer";
        let bound = value.as_number().cloned();
        match (keyword, bound) {
            ("minimum", Some(bound)) if schema["exclusiveMinimum"] == true => {
                self.push("exclusiveMinimum", at, wrong::beyond(&bound, whole, -1.0, true), "");
            }
            ("maximum", Some(bound)) if schema["exclusiveMaximum"] == true => {
                self.push("exclusiveMaximum", at, wrong::beyond(&bound, whole, 1.0, true), "");
            }
            ("minimum", Some(bound)) => self.push("minimum", at, wrong::beyond(&bound, whole, -1.0, false), ""),
            ("maximum", Some(bound)) => self.push("maximum", at, wrong::beyond(&bound, whole, 1.0, false), ""),
            ("exclusiveMinimum", Some(bound)) => self.push("exclusiveMinimum", at, wrong::beyond(&bound, whole, -1.0, true), ""),
            ("exclusiveMaximum", Some(bound)) => self.push("exclusiveMaximum", at, wrong::beyond(&bound, whole, 1.0, true), ""),
            ("multipleOf", Some(of)) => self.push("multipleOf", at, wrong::no_multiple(&of, whole), "every whole number is one"),
            _ => {}
        }
    }

    /// The branch that the instance takes, what no branch takes, and what two take.
    fn branches(&mut self, keyword: &str, value: &Value, schema: &Value, pointer: &str, at: &str) {
        let document = self.document;
        let instance = self.root.pointer(at).unwrap().clone();
        let branches: Vec<String> =
            (0..value.as_array().unwrap().len()).map(|branch| format!("{pointer}/{keyword}/{branch}")).collect();
        let property = schema.get("discriminator").and_then(|it| it["propertyName"].as_str());
        let fit = |value: &Value| branches.iter().filter(|branch| document.fits(branch, value)).count();
        let many = fit(&instance) > 1;
        let wrong = prop_oneof![
            Just(json!({})),
            Just(json!([])),
            Just(json!(0.5)),
            "[a-z]{65,80}".prop_map(Value::from),
            "[A-Z]{2,9}".prop_map(Value::from)
        ];
        let text = self.form != Form::Json;
        let wrong: Vec<Value> = if many {
            Vec::new()
        } else {
            sampled(wrong.boxed()).into_iter().filter(|value| fit(value) == 0 && (value.is_string() || !text)).collect()
        };
        let kind = if keyword == "oneOf" { "oneOf: none" } else { "anyOf" };
        let wrong = (!wrong.is_empty()).then(|| proptest::sample::select(wrong).boxed());
        self.push(kind, at, wrong, "the discriminator tells them apart, or everything fits");
        if let Some(property) = property {
            let (named, object) = (property.to_owned(), instance.as_object().unwrap().clone());
            let replaced = "[a-z]{2,9}X".prop_map(move |value| {
                let mut object = object.clone();
                object.insert(named.clone(), value.into());
                Value::Object(object)
            });
            self.push("discriminator", at, replaced.boxed(), "");
        } else if keyword == "oneOf" {
            let of = branches.clone();
            self.merged("oneOf: two", at, move |document, merged| {
                of.iter().filter(|branch| document.fits(branch, merged)).count() > 1
            });
        }
        if let Some(taken) = branches.iter().find(|branch| takes(document, branch, &instance, property)) {
            // A discriminator lets no other branch take it.
            let chosen = property.is_none().then(|| (branches.clone(), at.to_owned()));
            let depth = self.choices.len();
            self.choices.extend(chosen);
            self.schema(taken, at);
            self.choices.truncate(depth);
        }
    }

    /// What the example and another one come to together, where that breaks the keyword.
    fn merged(&mut self, kind: &'static str, at: &str, breaks: impl Fn(&Document, &Value) -> bool) {
        let instance = self.root.pointer(at).unwrap().clone();
        let others = self.others.iter().filter_map(|other| other.pointer(at)?.as_object());
        let merge = |other: &Map<String, Value>| {
            let mut merged = instance.as_object()?.clone();
            for (name, value) in other {
                merged.entry(name.clone()).or_insert_with(|| value.clone());
            }
            Some(Value::Object(merged))
        };
        let broken: Vec<Value> = others.filter_map(merge).filter(|merged| breaks(self.document, merged)).collect();
        let broken = (!broken.is_empty()).then(|| proptest::sample::select(broken).boxed());
        self.push(kind, at, broken, "no two examples come to it together");
    }
}

/// Whether the instance is of this branch: the discriminator says so, or else the schema.
fn takes(document: &Document, branch: &str, instance: &Value, property: Option<&str>) -> bool {
    let Some(property) = property else { return document.fits(branch, instance) };
    let target = document.resolved(branch);
    let schema = document.at(&target);
    let named = instance[property].as_str().unwrap();
    let own = &schema["properties"][property]["const"];
    own == named
        || target.rsplit('/').next().unwrap().to_lowercase().starts_with(&named.split('_').next().unwrap().to_lowercase())
}

/// Some values of a strategy.
fn sampled(strategy: BoxedStrategy<Value>) -> Vec<Value> {
    let mut runner = proptest::test_runner::TestRunner::default();
    (0..40).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}
