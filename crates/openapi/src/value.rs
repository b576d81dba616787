//! A value that comes as a text, from its schema into the words of a parameter.

use serde_json::{Map, Number, Value, json};

use crate::report::Report;
use crate::schema::Flat;

/// Keywords that are about something else than the texts of one value.
const FOR_OBJECTS: [&str; 3] = ["properties", "required", "additionalProperties"];

/// What a schema says of a parameter.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A value, as our parameters have it.
    Value(Map<String, Value>),
    /// A list of values, without its separator.
    Array(Map<String, Value>),
    /// Values by name.
    Object(Flat),
}

/// What `schema` says of a value; what a parameter cannot say is told at `pointer`.
pub(crate) fn shape(schema: &Flat, pointer: &str, report: &Report) -> Shape {
    let types = schema.types();
    match types.as_slice() {
        ["array"] => Shape::Array(array(schema, pointer, report)),
        ["object"] => Shape::Object(schema.clone()),
        _ => Shape::Value(value(schema, pointer, report)),
    }
}

/// One value; a list or an object as any text.
pub(crate) fn value(schema: &Flat, pointer: &str, report: &Report) -> Map<String, Value> {
    let mut left = Left::new(schema);
    let types = schema.types();
    let mut parameter = Map::new();
    match types.as_slice() {
        ["integer"] => {
            parameter.insert("type".to_owned(), "integer".into());
            left.values(&mut parameter, |value| value.is_i64() || value.is_u64());
            left.integers(&mut parameter);
        }
        ["number"] | ["integer", "number"] | ["number", "integer"] => {
            parameter.insert("type".to_owned(), "number".into());
            left.values(&mut parameter, Value::is_number);
            left.numbers(&mut parameter);
        }
        ["boolean"] => {
            parameter.insert("type".to_owned(), "boolean".into());
            left.values(&mut parameter, Value::is_boolean);
        }
        ["string"] => {
            left.values(&mut parameter, Value::is_string);
            for (keyword, field) in [("format", "format"), ("pattern", "pattern")] {
                left.carried(&mut parameter, keyword, field, Value::is_string);
            }
            for (keyword, field) in [("minLength", "min_length"), ("maxLength", "max_length")] {
                left.carried(&mut parameter, keyword, field, is_u32);
            }
        }
        [] => {}
        _ => left.lost.push(format!("type: {}", types.join(", "))),
    }
    left.tell(pointer, report);
    parameter
}

fn array(schema: &Flat, pointer: &str, report: &Report) -> Map<String, Value> {
    let mut left = Left::new(schema);
    let items = left.keywords.remove("items").map(|items| schema.below(&items));
    let mut parameter = match items {
        Some(items) if matches!(items.types().as_slice(), ["array" | "object"]) => {
            left.lost.push("items".to_owned());
            Map::new()
        }
        Some(items) => value(&items, &format!("{pointer}/items"), report),
        None => Map::new(),
    };
    let kind = parameter.insert("type".to_owned(), "array".into()).filter(|kind| kind != "string");
    if let Some(kind) = kind {
        parameter.insert("items".to_owned(), kind);
    }
    for (keyword, field) in [("minItems", "min_items"), ("maxItems", "max_items")] {
        left.carried(&mut parameter, keyword, field, is_u32);
    }
    left.tell(pointer, report);
    parameter
}

/// What is left of a schema to be said.
struct Left {
    keywords: Map<String, Value>,
    lost: Vec<String>,
}

impl Left {
    fn new(schema: &Flat) -> Self {
        let mut keywords = schema.keywords.clone();
        keywords.remove("type");
        Self { keywords, lost: schema.lost.clone() }
    }

    /// The keyword, as it is, if the field takes it.
    fn carried(&mut self, parameter: &mut Map<String, Value>, keyword: &str, field: &str, takes: impl Fn(&Value) -> bool) {
        if let Some(value) = self.keywords.get(keyword).filter(|value| takes(value)).cloned() {
            self.keywords.remove(keyword);
            parameter.insert(field.to_owned(), value);
        }
    }

    /// `enum`, and `const` as one of a single value. No text is `null`.
    fn values(&mut self, parameter: &mut Map<String, Value>, fits: impl Fn(&Value) -> bool) {
        let named = self.keywords.get("enum").and_then(Value::as_array).cloned();
        let named = self.keywords.get("const").map(|only| vec![only.clone()]).or(named);
        let Some(named) = named else { return };
        let values: Vec<Value> = named.into_iter().filter(|value| fits(value)).collect();
        if !values.is_empty() {
            self.keywords.remove("enum");
            self.keywords.remove("const");
            parameter.insert("enum".to_owned(), values.into());
        }
    }

    /// The whole number beside an exclusive bound.
    fn integers(&mut self, parameter: &mut Map<String, Value>) {
        let (least, most) = (i64::MIN as f64, i64::MAX as f64);
        let lower = [self.number("minimum").map(f64::ceil), self.number("exclusiveMinimum").map(|bound| bound.floor() + 1.0)];
        let upper = [self.number("maximum").map(f64::floor), self.number("exclusiveMaximum").map(|bound| bound.ceil() - 1.0)];
        bound(parameter, "minimum", lower.into_iter().flatten().reduce(f64::max).filter(|bound| *bound > least));
        bound(parameter, "maximum", upper.into_iter().flatten().reduce(f64::min).filter(|bound| *bound < most));
    }

    /// The next number beside an exclusive bound.
    fn numbers(&mut self, parameter: &mut Map<String, Value>) {
        let lower = [self.number("minimum"), self.number("exclusiveMinimum").map(f64::next_up)];
        let upper = [self.number("maximum"), self.number("exclusiveMaximum").map(f64::next_down)];
        bound(parameter, "minimum", lower.into_iter().flatten().reduce(f64::max));
        bound(parameter, "maximum", upper.into_iter().flatten().reduce(f64::min));
    }

    fn number(&mut self, keyword: &str) -> Option<f64> {
        let number = self.keywords.get(keyword)?.as_f64()?;
        self.keywords.remove(keyword);
        Some(number)
    }

    fn tell(self, pointer: &str, report: &Report) {
        let says_nothing = |keyword: &str, value: &Value| {
            FOR_OBJECTS.contains(&keyword) || keyword == "uniqueItems" && *value == Value::Bool(false)
        };
        let keywords = self.keywords.iter().filter(|(keyword, value)| !says_nothing(keyword, value));
        let mut lost: Vec<String> = keywords.map(|(keyword, _)| keyword.clone()).chain(self.lost).collect();
        lost.dedup();
        if !lost.is_empty() {
            let lost: Vec<String> = lost.iter().map(|keyword| format!("`{keyword}`")).collect();
            report.unenforced(pointer, format!("a parameter cannot say this: {}", lost.join(", ")));
        }
    }
}

fn bound(parameter: &mut Map<String, Value>, field: &str, bound: Option<f64>) {
    let whole = |bound: f64| bound.fract() == 0.0 && bound.abs() < 9e15;
    let number = match bound {
        Some(bound) if whole(bound) => Some(json!(bound as i64)),
        Some(bound) => Number::from_f64(bound).map(Value::Number),
        None => None,
    };
    if let Some(number) = number {
        parameter.insert(field.to_owned(), number);
    }
}

fn is_u32(value: &Value) -> bool {
    value.as_u64().is_some_and(|number| u32::try_from(number).is_ok())
}
