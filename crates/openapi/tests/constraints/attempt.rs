//! Wrong requests: what they break, and where.

use std::collections::BTreeMap;

use portcullis_host::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::document::{Document, Media, Operation, Parameter};
use crate::gate::Gate;
use crate::request::{Draft, is_file};
use crate::walk::{Constraint, Walk};
use crate::wrong::Form;

/// Requests that break one constraint.
pub(crate) struct Attempt {
    kind: &'static str,
    /// The operation, and what of it.
    place: String,
    places: Vec<String>,
    pub(crate) requests: BoxedStrategy<Request>,
    /// With which of these they are refused.
    pub(crate) codes: Vec<&'static str>,
    /// Why there is no such request.
    unbreakable: Option<&'static str>,
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) broken: BTreeMap<&'static str, usize>,
    pub(crate) slipped: Vec<String>,
    named: BTreeMap<String, usize>,
    unbreakable: BTreeMap<(&'static str, &'static str), usize>,
}

impl Tally {
    pub(crate) fn count(&mut self, attempt: &Attempt, outcome: Result<(), String>, gate: &Gate) {
        if let Some(why) = attempt.unbreakable {
            *self.unbreakable.entry((attempt.kind, why)).or_default() += 1;
            return;
        }
        match (outcome, gate.named(attempt.kind, &attempt.places)) {
            (Ok(()), _) => *self.broken.entry(attempt.kind).or_default() += 1,
            (Err(_), Some(remark)) => *self.named.entry(format!("{}: {remark}", attempt.kind)).or_default() += 1,
            (Err(why), None) => self.slipped.push(format!("{}: {}: {:?}: {why}", attempt.place, attempt.kind, attempt.places)),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        other.broken.into_iter().for_each(|(kind, count)| *self.broken.entry(kind).or_default() += count);
        other.named.into_iter().for_each(|(line, count)| *self.named.entry(line).or_default() += count);
        other.unbreakable.into_iter().for_each(|(line, count)| *self.unbreakable.entry(line).or_default() += count);
        self.slipped.extend(other.slipped);
    }

    pub(crate) fn summary(&self) -> String {
        let total: usize = self.broken.values().sum();
        let mut lines = vec![format!("{total} constraints broken and refused")];
        lines.extend(self.broken.iter().map(|(kind, count)| format!("  {kind}: {count}")));
        lines.extend(self.named.iter().map(|(line, count)| format!("  not enforced, and named: {count} × {line}")));
        lines.extend(self.unbreakable.iter().map(|((kind, why), count)| format!("  cannot be broken: {count} × {kind}: {why}")));
        lines.extend(self.slipped.iter().map(|line| format!("  SLIPPED: {line}")));
        lines.join("\n")
    }
}

/// What is common to the attempts at one operation.
struct Maker<'d> {
    document: &'d Document,
    operation: &'d Operation,
    /// A body that is as it should be.
    body: Option<(usize, Value)>,
}

pub(crate) fn attempts(document: &Document, operation: &Operation) -> Vec<Attempt> {
    let media = operation.media.iter().enumerate();
    let body = media.clone().find_map(|(at, media)| Some((at, media.examples.first()?.clone())));
    let maker = Maker { document, operation, body };
    let mut attempts = maker.of_the_head();
    for (at, parameter) in operation.parameters.iter().enumerate() {
        attempts.extend(maker.of_parameter(at, parameter));
    }
    for (at, media) in media {
        for example in 0..media.examples.len() {
            attempts.extend(maker.of_body(at, media, example));
        }
    }
    attempts
}

impl Maker<'_> {
    fn draft(&self) -> Draft {
        Draft::new(self.operation, self.body.clone())
    }

    fn attempt(&self, kind: &'static str, place: &str, codes: &[&'static str], drafts: BoxedStrategy<Draft>) -> Attempt {
        let (document, operation) = (self.document.root(), self.operation.clone());
        let requests = drafts.prop_map(move |draft| draft.request(&document, &operation)).boxed();
        Attempt {
            kind,
            place: format!("{} {place}", self.operation.id),
            places: Vec::new(),
            requests,
            codes: codes.to_vec(),
            unbreakable: None,
        }
    }

    fn of_the_head(&self) -> Vec<Attempt> {
        let draft = self.draft();
        let open = self.operation.parameters.iter().any(|it| it.style == "form" && self.is_open_object(it));
        let mut attempts = Vec::new();
        if !open {
            let more = draft.clone();
            let extra = "[a-z]{3,9}X=[a-z0-9]{0,5}".prop_map(move |extra| Draft { more: extra, ..more.clone() }).boxed();
            attempts.push(self.attempt("parameter extra", "", &["query_invalid"], extra));
        }
        let others: Vec<String> = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PURGE"]
            .into_iter()
            .filter(|method| !self.operation.methods.iter().any(|own| own == method))
            .map(str::to_owned)
            .collect();
        let other = draft.clone();
        let methods = proptest::sample::select(others).prop_map(move |method| Draft { method, ..other.clone() }).boxed();
        let codes = ["no_rule", "condition_false", "body_unexpected", "method_invalid"];
        attempts.push(self.attempt("method", "", &codes, methods));
        attempts.push(self.other_paths(&draft));
        attempts.extend(self.of_bodies(&draft));
        attempts
    }

    /// Below the path, above it, and beside the base path.
    fn other_paths(&self, draft: &Draft) -> Attempt {
        let kinds = ("[a-z]{3,9}", 0..3_u8);
        let draft = draft.clone();
        let (document, operation) = (self.document.root(), self.operation.clone());
        let attempt = self.attempt("path", "", &["no_rule", "param_invalid"], Just(draft.clone()).boxed());
        let requests = kinds.prop_map(move |(word, kind)| {
            let mut operation = operation.clone();
            operation.path = match kind {
                0 => format!("{}/{word}X", operation.path),
                1 => format!("{}/", operation.path),
                _ => format!("/{word}X{}", operation.path),
            };
            draft.request(&document, &operation)
        });
        Attempt { requests: requests.boxed(), ..attempt }
    }

    fn of_bodies(&self, draft: &Draft) -> Vec<Attempt> {
        let Some((at, value)) = &self.body else {
            let (bytes, content_type) = (Some(b"{}".to_vec()), Some("application/json".to_owned()));
            let body = Draft { bytes, content_type, ..draft.clone() };
            return vec![self.attempt("body unexpected", "", &["body_unexpected"], Just(body).boxed())];
        };
        let other = draft.clone();
        let types = "application/x-[a-z]{3,9}".prop_map(move |name| Draft { content_type: Some(name), ..other.clone() });
        let mut attempts = vec![self.attempt("content type", "", &["content_type_refused"], types.boxed())];
        if self.operation.body_required {
            let without = Draft { body: None, ..draft.clone() };
            attempts.push(self.attempt("body missing", "", &["body_missing"], Just(without).boxed()));
        }
        if self.operation.media[*at].name.ends_with("json") {
            let text = value.to_string().into_bytes();
            let cut = (1..text.len()).prop_map({
                let draft = draft.clone();
                move |length| Draft { bytes: Some(text[..length].to_vec()), ..draft.clone() }
            });
            attempts.push(self.attempt("malformed", "", &["body_malformed"], cut.boxed()));
        }
        attempts
    }

    fn is_open_object(&self, parameter: &Parameter) -> bool {
        let schema = format!("{}/schema", parameter.pointer);
        let schema = self.document.find(&schema).map(|_| self.document.at(&self.document.resolved(&schema)));
        parameter.place == "query"
            && schema.is_some_and(|schema| schema["type"] == "object" && schema["additionalProperties"] != false)
    }

    fn of_parameter(&self, at: usize, parameter: &Parameter) -> Vec<Attempt> {
        let codes: &[&'static str] = match parameter.place.as_str() {
            "path" => &["param_invalid", "no_rule"],
            "query" => &["query_invalid"],
            "header" => &["header_invalid"],
            _ => &["cookie_invalid"],
        };
        let mut attempts = Vec::new();
        let with = |value: Option<Value>| {
            let mut draft = self.draft();
            draft.values[at] = value;
            draft
        };
        if parameter.required && parameter.place != "path" {
            attempts.push(self.attempt("parameter missing", &parameter.name, codes, Just(with(None)).boxed()));
        }
        let scalar = parameter.examples.first().is_some_and(|example| !example.is_array() && !example.is_object());
        if scalar && parameter.place == "query" {
            let more = format!("{}=1", parameter.name);
            let twice = Draft { more, ..self.draft() };
            attempts.push(self.attempt("parameter repeated", &parameter.name, codes, Just(twice).boxed()));
        }
        let form = if parameter.place == "path" { Form::Segment } else { Form::Text };
        let schema = format!("{}/schema", parameter.pointer);
        if self.document.find(&schema).is_none() {
            return attempts;
        }
        for example in &parameter.examples {
            for constraint in Walk::of(self.document, form, &schema, example.clone(), Vec::new()) {
                let base = self.draft();
                let drafts = move |value: Value| {
                    let mut draft = base.clone();
                    draft.values[at] = Some(value);
                    draft
                };
                attempts.push(self.of_constraint(constraint, &parameter.name, codes, drafts, &parameter.pointer));
            }
        }
        attempts
    }

    fn of_body(&self, at: usize, media: &Media, example: usize) -> Vec<Attempt> {
        let schema = format!("{}/schema", media.pointer);
        let (form, codes): (Form, &[&'static str]) = match media.name.as_str() {
            // Without its only field there is no body.
            "application/x-www-form-urlencoded" => (Form::Text, &["body_field", "body_missing"]),
            "multipart/form-data" => (Form::Text, &["body_field"]),
            name if name.ends_with("json") => (Form::Json, &["body_schema"]),
            _ => (Form::Text, &["body_too_large"]),
        };
        let mut others = media.examples.clone();
        let instance = others.remove(example);
        let base = self.draft();
        let drafts = move |value: Value| Draft { body: Some((at, value)), ..base.clone() };
        let constraints = Walk::of(self.document, form, &schema, instance.clone(), others);
        let mut attempts: Vec<Attempt> = constraints
            .into_iter()
            .map(|it| self.of_constraint(it, &media.name, codes, drafts.clone(), &media.pointer))
            .collect();
        if media.name == "multipart/form-data" {
            for name in instance.as_object().unwrap().keys().filter(|name| is_file(self.document, &schema, name)) {
                // A field in the place of a file.
                let mut value = instance.clone();
                let renamed = value[name].clone();
                value[name] = json!([renamed, "once more"]);
                let twice = Just(drafts(value)).boxed();
                if !instance[name].is_array() {
                    attempts.push(self.attempt("file", name, codes, twice));
                }
            }
        }
        attempts
    }

    fn of_constraint(
        &self,
        constraint: Constraint,
        place: &str,
        codes: &[&'static str],
        drafts: impl Fn(Value) -> Draft + 'static,
        pointer: &str,
    ) -> Attempt {
        let Constraint { kind, mut places, wrong } = constraint;
        places.push(pointer.to_owned());
        let unbreakable = wrong.as_ref().err().copied();
        let wrong = wrong.unwrap_or_else(|_| Just(Value::Null).boxed());
        let attempt = self.attempt(kind, place, codes, wrong.prop_map(drafts).boxed());
        Attempt { places, unbreakable, ..attempt }
    }
}
