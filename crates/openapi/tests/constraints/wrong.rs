//! Values that break a keyword of a schema.

use proptest::prelude::*;
use regex::Regex;
use serde_json::{Number, Value, json};

/// Where the value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    /// It comes as a text.
    Text,
    /// It is a segment of a path, or a part of one.
    Segment,
}

/// Texts, where a text may be anything, and of a segment what cannot be read in two ways.
fn any_text(form: Form) -> BoxedStrategy<String> {
    match form {
        Form::Json => "\\PC{0,16}".boxed(),
        // A comma and a semicolon part values from each other.
        Form::Text => "[ -+./0-:<-~-]{1,20}".prop_filter("blank at an end", |text| text.trim() == text).boxed(),
        Form::Segment => "[a-zA-Z0-9!]{1,16}".boxed(),
    }
}

/// Values of other types.
pub(crate) fn of_type(types: Vec<String>, form: Form) -> Option<BoxedStrategy<Value>> {
    let has = move |kind: &str| types.iter().any(|it| it == kind);
    if form != Form::Json {
        let texts = any_text(form).prop_filter("a value", |text| serde_json::from_str::<Value>(text).is_err());
        let scalar = !has("string") && (has("integer") || has("number") || has("boolean"));
        return scalar.then(|| texts.prop_map(Value::from).boxed());
    }
    let wrong = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        "[a-z]{0,8}".prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1000..1000_i32).prop_map(|whole| json!(f64::from(whole) + 0.5)),
        Just(json!([])),
        Just(json!({})),
    ];
    let differs = move |value: &Value| match value {
        Value::Null => !has("null"),
        Value::Bool(_) => !has("boolean"),
        Value::String(_) => !has("string"),
        Value::Number(number) => !(has("number") || has("integer") && number.is_i64()),
        Value::Array(_) => !has("array"),
        Value::Object(_) => !has("object"),
    };
    Some(wrong.prop_filter("of the type", differs).boxed())
}

pub(crate) fn of_enum(values: Vec<Value>, form: Form) -> BoxedStrategy<Value> {
    let texts = values.clone();
    let other = any_text(form).prop_map(Value::from).prop_filter("among them", move |value| !texts.contains(value));
    if form != Form::Json {
        return other.boxed();
    }
    let number = any::<i32>().prop_map(Value::from).prop_filter("among them", move |value| !values.contains(value));
    prop_oneof![other, number].boxed()
}

pub(crate) fn of_pattern(pattern: &str, form: Form) -> BoxedStrategy<Value> {
    let regex = Regex::new(pattern).unwrap();
    any_text(form).prop_filter("it matches", move |text| !regex.is_match(text)).prop_map(Value::from).boxed()
}

/// Lengths from `least` to `most` in characters.
pub(crate) fn of_length(least: u64, most: u64) -> BoxedStrategy<Value> {
    proptest::string::string_regex(&format!("[a-z0-9]{{{least},{most}}}")).unwrap().prop_map(Value::from).boxed()
}

/// Beyond a bound, by a whole number where the value is one.
pub(crate) fn beyond(bound: &Number, whole: bool, direction: f64, with_bound: bool) -> BoxedStrategy<Value> {
    let bound = bound.as_f64().unwrap();
    let least = i32::from(!with_bound);
    let number = move |value: f64| if whole { json!(value.round() as i64) } else { json!(value) };
    (least..10_000).prop_map(move |steps| number(bound + direction * f64::from(steps) * if whole { 1.0 } else { 0.25 })).boxed()
}

pub(crate) fn no_multiple(of: &Number, whole: bool) -> Option<BoxedStrategy<Value>> {
    let of = of.as_f64().unwrap();
    if whole {
        let of = of as i64;
        return (of > 1).then(|| (1..1000_i64, 1..of).prop_map(move |(times, rest)| json!(times * of + rest)).boxed());
    }
    Some((1..100_i32).prop_map(move |times| json!(f64::from(times) * of + of * 0.4)).boxed())
}

/// Two words have no format that is known here; numbers leave their range.
pub(crate) fn of_format(format: &str) -> Option<BoxedStrategy<Value>> {
    let words = || "[a-z]{1,8} [a-z]{1,8}".prop_map(Value::from).boxed();
    match format {
        "int32" => Some(
            (1..1_000_000_i64, any::<bool>())
                .prop_map(|(by, up)| json!(if up { i64::from(i32::MAX) + by } else { i64::from(i32::MIN) - by }))
                .boxed(),
        ),
        "int64" => Some((1..1_000_000_u64).prop_map(|by| json!(i64::MAX as u64 + by)).boxed()),
        "byte" => Some("[a-z]{1,3}[!.]".prop_map(Value::from).boxed()),
        "float" | "double" | "password" | "binary" => None,
        _ => Some(words()),
    }
}
