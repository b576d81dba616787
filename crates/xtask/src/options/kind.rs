//! What an option may hold.

use serde_json::Value;

use super::text::{anchor, capitalised, of, value, words};

/// What an option may hold, references followed and `null` left out.
pub(super) enum Kind<'a> {
    /// Options of its own.
    Object(&'a Value),
    /// A list of objects.
    List(&'a Value),
    /// Objects by names of the user's.
    Map(&'a Value),
    /// One of several forms, some of them objects: the name of the definition, and itself.
    Union(&'a str, &'a Value),
    /// A list of such.
    Unions(&'a str, &'a Value),
    /// One of a few words, each with its meaning.
    Words(Vec<&'a Value>),
    /// Anything simple, in words.
    Simple(String),
}

impl<'a> Kind<'a> {
    pub(super) fn of(schema: &'a Value, option: &'a Value) -> Self {
        let (name, target) = resolve(schema, option);
        if is_object(target) {
            return Self::Object(target);
        }
        let part = |member| target.get(member).map(|part| resolve(schema, part).1).filter(|part| is_object(part));
        if let Some(item) = part("items") {
            return Self::List(item);
        }
        if let Some(item) = part("additionalProperties") {
            return Self::Map(item);
        }
        if is_union(target) {
            return Self::Union(name, target);
        }
        if let Some((name, item)) = target.get("items").map(|item| resolve(schema, item)).filter(|(_, item)| is_union(item)) {
            return Self::Unions(name, item);
        }
        let forms: Vec<&Value> = forms(target).collect();
        if !forms.is_empty() && forms.iter().all(|form| form.get("description").is_some()) {
            return Self::Words(forms);
        }
        Self::Simple(simple(schema, target))
    }

    /// The type's name for people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Object(_) => "object".to_owned(),
            Self::List(_) => "list".to_owned(),
            Self::Map(_) => "map".to_owned(),
            Self::Union(name, _) => link(name, ""),
            Self::Unions(name, _) => format!("list of {}", link(name, "s")),
            Self::Words(forms) => either(forms.iter().filter_map(|form| form.get("const")).map(value).collect()),
            Self::Simple(name) => name.clone(),
        }
    }

    /// The options within, and how a path leads to them.
    pub(super) fn inner(&self) -> Option<(&'a Value, &'static str)> {
        match self {
            Self::Object(inner) => Some((inner, "")),
            Self::List(inner) => Some((inner, "[]")),
            Self::Map(inner) => Some((inner, ".NAME")),
            _ => None,
        }
    }

    /// What the option means: its comment, and what each of its words means.
    pub(super) fn meaning(&self, option: &Value) -> String {
        let mut meaning = of(option, "description");
        if let Self::Words(forms) = self {
            for form in forms {
                let word = form.get("const").map(value).unwrap_or_default();
                meaning += &format!(" {word}: {}", of(form, "description"));
            }
        }
        meaning
    }
}

/// The forms of a union; none for anything else.
pub(super) fn forms(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("oneOf").and_then(Value::as_array).into_iter().flatten()
}

/// A form as it is written: `{ provider_name: … }`.
pub(super) fn shape(schema: &Value, form: &Value) -> String {
    let (_, form) = resolve(schema, form);
    if let Some(word) = form.get("const").and_then(Value::as_str) {
        return word.to_owned();
    }
    if form.get("type").and_then(Value::as_str) == Some("array") {
        return "[ … ]".to_owned();
    }
    if !is_object(form) {
        return "…".to_owned();
    }
    let members = super::in_order(form).into_iter().map(|(name, option, _)| format!("{name}: {}", shape(schema, option)));
    format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
}

/// To the table of the forms.
fn link(name: &str, plural: &str) -> String {
    format!("[{}{plural}](#{})", words(name), anchor(&capitalised(&words(name))))
}

fn is_union(schema: &Value) -> bool {
    forms(schema).any(is_object)
}

fn is_object(schema: &Value) -> bool {
    schema.get("properties").is_some()
}

/// The definition that `option` refers to, and its name; itself where it refers to none.
fn resolve<'a>(schema: &'a Value, option: &'a Value) -> (&'a str, &'a Value) {
    let alternatives = option.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let option = alternatives.into_iter().find(|other| other.get("$ref").is_some()).unwrap_or(option);
    let name = option.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/$defs/"));
    let target = name.and_then(|name| Some((name, schema.get("$defs")?.get(name)?)));
    target.unwrap_or(("", option))
}

fn simple(schema: &Value, target: &Value) -> String {
    let choices: Vec<String> = forms(target).map(|form| simple(schema, form)).collect();
    if !choices.is_empty() {
        return either(choices);
    }
    if let Some(only) = target.get("const") {
        return value(only);
    }
    match type_of(target) {
        "array" => {
            let item = target.get("items").map(|item| simple(schema, resolve(schema, item).1));
            item.map_or_else(|| "list".to_owned(), |item| format!("list of {item}s"))
        }
        "string" if target.get("pattern").is_some() => scalar(&of(target, "description")),
        "integer" => integer(target),
        "object" => "map".to_owned(),
        "" => "any".to_owned(),
        other => other.to_owned(),
    }
}

fn type_of(target: &Value) -> &str {
    match target.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or_default(),
        Some(name) => name.as_str().unwrap_or_default(),
        None => "",
    }
}

/// `a duration such as "5s"` as `duration`.
fn scalar(description: &str) -> String {
    let further = [" such as ", " of up to "].into_iter().filter_map(|words| description.find(words)).min();
    let name = further.and_then(|at| description.get(..at)).unwrap_or(description);
    name.strip_prefix("a ").or_else(|| name.strip_prefix("the ")).unwrap_or(name).to_owned()
}

fn integer(target: &Value) -> String {
    let bound = |member| target.get(member).and_then(Value::as_u64);
    let maximum = bound("maximum").filter(|maximum| *maximum < u64::from(u32::MAX));
    match (bound("minimum").unwrap_or_default(), maximum) {
        (minimum, Some(maximum)) => format!("integer, {minimum} to {maximum}"),
        (0, None) => "integer".to_owned(),
        (minimum, None) => format!("integer, at least {minimum}"),
    }
}

fn either(choices: Vec<String>) -> String {
    match choices.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => choices.concat(),
    }
}
