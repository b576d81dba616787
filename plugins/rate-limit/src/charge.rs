//! What a request or its response costs.

use portcullis_config::ConfigError;
use portcullis_policy::{Attribute, Expression, Facts, Params, Scope, Type, Value};
use portcullis_quota::UNITS_MAX;

/// A number of units, or how to tell it.
#[derive(Debug)]
pub(crate) enum Charge {
    /// Always so many.
    Units(u64),
    /// As many as this answers.
    Told(Box<Expression>),
}

impl Charge {
    /// Compiles what stands in `field`.
    pub(crate) fn new(field: &str, source: &str, scope: &Scope<'_>) -> Result<Self, ConfigError> {
        if let Ok(units) = source.trim().parse::<u64>() {
            return match units {
                0..=UNITS_MAX => Ok(Self::Units(units)),
                _ => Err(ConfigError::at(field, format_args!("expected at most {UNITS_MAX} units"))),
            };
        }
        let scope = Scope { result: Type::Dyn, ..scope.clone() };
        let expression = portcullis_attributes::compile(field, source, &scope)?;
        match expression.result() {
            Type::Int | Type::Uint | Type::Double | Type::Dyn => Ok(Self::Told(Box::new(expression))),
            other => Err(ConfigError::at(field, format_args!("expected a number of units, found {other}"))),
        }
    }

    /// What it reads.
    pub(crate) fn attributes(&self) -> &[Attribute] {
        match self {
            Self::Units(_) => &[],
            Self::Told(expression) => expression.attributes(),
        }
    }

    /// How many units it is.
    ///
    /// # Errors
    /// Where it cannot be evaluated, or answers what is no number of units: why.
    pub(crate) fn units(&self, facts: &Facts<'_>, params: Params<'_>) -> Result<u64, String> {
        match self {
            Self::Units(units) => Ok(*units),
            Self::Told(expression) => {
                let value = expression.evaluate(facts, params).map_err(|failure| failure.to_string())?;
                whole(&value).ok_or_else(|| "no number of units".to_owned())
            }
        }
    }
}

/// A number out of JSON is a double.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and in the range")]
fn whole(value: &Value<'_>) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::Uint(number) => Some(*number),
        Value::Double(number) if number.fract() == 0.0 && (0.0..=MOST).contains(number) => Some(*number as u64),
        _ => None,
    }
}

/// The largest quota; every whole number up to it is a double.
const MOST: f64 = 999_999_999_999_999.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_that_are_not_negative_are_units() {
        for (value, units) in [
            (Value::Int(5), Some(5)),
            (Value::Int(-1), None),
            (Value::Uint(u64::MAX), Some(u64::MAX)),
            (Value::Double(7.0), Some(7)),
            (Value::Double(MOST), Some(UNITS_MAX)),
            (Value::Double(1e15), None),
            (Value::Double(0.5), None),
            (Value::Double(-0.5), None),
            (Value::Double(f64::NAN), None),
            (Value::String("5".into()), None),
        ] {
            assert_eq!(whole(&value), units, "{value:?}");
        }
    }

    #[test]
    fn a_plain_number_needs_no_evaluation_and_a_text_is_refused() {
        let charge = |source| Charge::new("charge.request", source, &Scope::condition());
        assert!(matches!(charge(" 3 "), Ok(Charge::Units(3))));
        assert!(matches!(charge("request.method == 'GET' ? 1 : 5"), Ok(Charge::Told(_))));
        let message = |source| charge(source).unwrap_err().to_string();
        assert_eq!(message("request.method"), "charge.request: expected a number of units, found string");
        assert_eq!(message("1000000000000000"), "charge.request: expected at most 999999999999999 units");
    }
}
