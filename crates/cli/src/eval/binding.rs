//! `--bind NAME=VALUE`.

use std::borrow::Cow;
use std::str::FromStr;

use portcullis_policy::{Attribute, Type, Value, typed};
use serde_json::Value as Json;

/// A name and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Binding {
    pub(crate) name: String,
    value: Json,
}

impl FromStr for Binding {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("expected `NAME=VALUE`")?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Json::String(value.to_owned()));
        Ok(Self { name: name.to_owned(), value })
    }
}

impl Binding {
    /// The value with its type: the attribute's, where the name is one.
    pub(crate) fn typed(&self) -> Json {
        let expected = Attribute::named(&self.name).map(Attribute::value_type);
        typed::to_json(&value(&self.value, expected.as_ref()))
    }
}

/// `Type::Dyn` is expected within a JSON document, whose numbers are doubles as far as those are exact.
fn value(json: &Json, expected: Option<&Type>) -> Value<'static> {
    const EXACT: u64 = 1 << 53;
    let inner = expected.filter(|expected| matches!(expected, Type::Dyn | Type::Map(..))).and(Some(&Type::Dyn));
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => match number.as_i64() {
            Some(int) if expected != Some(&Type::Dyn) || int.unsigned_abs() > EXACT => Value::Int(int),
            _ => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => match (expected, text.parse()) {
            (Some(Type::Ip), Ok(address)) => Value::Ip(address),
            _ => Value::String(Cow::Owned(text.clone())),
        },
        Json::Array(elements) => Value::List(elements.iter().map(|element| value(element, inner)).collect()),
        Json::Object(fields) => {
            let entry = |(name, field): (&String, &Json)| (Value::String(Cow::Owned(name.clone())), value(field, inner));
            Value::Map(fields.iter().map(entry).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn typed(text: &str) -> Json {
        text.parse::<Binding>().unwrap().typed()
    }

    #[test]
    fn takes_what_is_no_json_for_a_string() {
        assert_eq!(typed("request.method=GET"), json!({"type": "string", "value": "GET"}));
        assert_eq!(typed("n=3"), json!({"type": "int", "value": "3"}));
    }

    #[test]
    fn an_attribute_gives_its_type() {
        assert_eq!(typed("source.ip=10.0.0.1"), json!({"type": "ip", "value": "10.0.0.1"}));
        let claims = json!({"type": "map", "value": [[{"type": "string", "value": "n"}, {"type": "double", "value": "1.0"}]]});
        assert_eq!(typed(r#"jwt.claims={"n": 1}"#), claims);
    }

    #[test]
    fn a_binding_without_a_value_is_refused() {
        assert!("request.method".parse::<Binding>().is_err());
    }
}
