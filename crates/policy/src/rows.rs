//! Rows: an expression with its bindings in, what it answers out. What `portcullis eval` and the conformance suites run, natively and
//! as a module.

mod expectation;

pub use expectation::meets;

use serde_json::{Value as Json, json};

use crate::{Attribute, AttributeSource, Facts, Phase, Scope, Type, Unreadable, Value, compile, typed};

/// What is bound to names: attributes by their names, and others.
#[derive(Debug, Default)]
pub struct Bindings(Vec<(String, Value<'static>)>);

impl AttributeSource for Bindings {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        Ok(self.0.iter().find(|(name, _)| name == attribute.name()).map(|(_, value)| value.clone()))
    }
}

/// Evaluates `row`, `{"id", "expr", "bindings", "disable_check"}`, and answers `{"id", "value"}` with a value of [`typed`], or
/// `{"id", "error"}`. With `"repeat": n` it also answers the `"nanoseconds"` that one of so many evaluations took.
#[must_use]
pub fn answer(row: &Json) -> Json {
    let mut answer = match evaluate(row) {
        Ok((value, None)) => json!({"value": typed::to_json(&value)}),
        Ok((value, Some(nanoseconds))) => json!({"value": typed::to_json(&value), "nanoseconds": nanoseconds}),
        Err(error) => json!({"error": error}),
    };
    if let (Some(id), Some(answer)) = (row.get("id"), answer.as_object_mut()) {
        answer.insert("id".to_owned(), id.clone());
    }
    answer
}

fn evaluate(row: &Json) -> Result<(Value<'static>, Option<f64>), String> {
    let source = row.get("expr").and_then(Json::as_str).ok_or("a row needs an `expr`")?;
    let bindings = bindings(row.get("bindings"))?;
    let variables: Vec<(String, Type)> = others(&bindings).map(|(name, value)| (name.clone(), typed::type_of(value))).collect();
    let scope = Scope {
        phase: Phase::Response,
        result: Type::Dyn,
        raw_path: true,
        variables: &variables,
        unchecked: row.get("disable_check").and_then(Json::as_bool).unwrap_or_default(),
        cost_max: u64::MAX,
        ..Scope::condition()
    };
    let expression = compile(source, &scope).map_err(|problems| problems.to_string())?;
    let values: Vec<(String, Value<'static>)> = others(&bindings).cloned().collect();
    let facts = Facts::new(&bindings).with_variables(&values);
    let run = || expression.evaluate(&facts, &[]).map_err(|failure| failure.to_string());
    let value = run()?;
    Ok((value, row.get("repeat").and_then(Json::as_u64).map(|times| nanoseconds(times.max(1), &run))))
}

/// The mean of `times` evaluations.
fn nanoseconds<T>(times: u64, run: &impl Fn() -> T) -> f64 {
    let start = std::time::Instant::now();
    for _ in 0..times {
        std::hint::black_box(run());
    }
    start.elapsed().as_secs_f64() * 1e9 / times as f64
}

fn bindings(bindings: Option<&Json>) -> Result<Bindings, String> {
    let Some(bindings) = bindings.and_then(Json::as_object) else { return Ok(Bindings::default()) };
    let read = |(name, value): (&String, &Json)| {
        let value = typed::from_json(value).ok_or_else(|| format!("`{name}` is bound to no typed value"))?;
        Ok((name.clone(), value))
    };
    bindings.iter().map(read).collect::<Result<_, String>>().map(Bindings)
}

/// The bindings of names that are no attributes.
fn others(bindings: &Bindings) -> impl Iterator<Item = &(String, Value<'static>)> {
    bindings.0.iter().filter(|(name, _)| Attribute::named(name).is_none())
}
