//! Whether an answer is the one that a row of a suite expects.

use serde_json::Value as Json;

use crate::{Value, typed};

/// Whether `answer` is what `row` expects: `{"value": …}`, with its type, or else some error.
#[must_use]
pub fn meets(row: &Json, answer: &Json) -> bool {
    match row.get("expect").and_then(|expect| expect.get("value")) {
        None => answer.get("error").is_some(),
        Some(expected) => {
            let found = answer.get("value").and_then(typed::from_json);
            typed::from_json(expected).zip(found).is_some_and(|(expected, found)| same(&expected, &found))
        }
    }
}

/// Of one type and equal; maps in any order, and NaN as itself.
fn same(expected: &Value<'_>, found: &Value<'_>) -> bool {
    match (expected, found) {
        (Value::Double(expected), Value::Double(found)) => {
            expected.to_bits() == found.to_bits() || (expected.is_nan() && found.is_nan())
        }
        (Value::List(expected), Value::List(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| same(expected, found))
        }
        (Value::Map(expected), Value::Map(found)) => {
            let has = |(key, value): &(Value<'_>, Value<'_>)| {
                found.iter().any(|(other_key, other)| same(key, other_key) && same(value, other))
            };
            expected.len() == found.len() && expected.iter().all(has)
        }
        (expected, found) => expected == found,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meets_int(answer: &Json) -> bool {
        meets(&json!({"expect": {"value": {"type": "int", "value": "1"}}}), answer)
    }

    #[test]
    fn a_value_is_met_by_the_same_value_of_the_same_type() {
        assert!(meets_int(&json!({"value": {"type": "int", "value": "1"}})));
        assert!(!meets_int(&json!({"value": {"type": "uint", "value": "1"}})));
        assert!(!meets_int(&json!({"error": "no"})));
    }

    #[test]
    fn an_error_is_met_by_any_error() {
        let row = json!({"expect": {"error": true}});
        assert!(meets(&row, &json!({"error": "no"})));
        assert!(!meets(&row, &json!({"value": {"type": "null", "value": null}})));
    }
}
