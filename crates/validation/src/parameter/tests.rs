use super::*;

fn config(fields: Value) -> ParameterConfig {
    serde_json::from_value(fields).unwrap()
}

fn parameter(fields: Value) -> Parameter {
    Parameter::compile(config(fields)).unwrap()
}

fn check(parameter: &Parameter, values: &[&str]) -> Result<(), ParameterProblem> {
    parameter.check(values.iter().map(|value| value.as_bytes()))
}

fn error(fields: Value) -> String {
    Parameter::compile(config(fields)).unwrap_err().to_string()
}

fn keyword(keyword: &str) -> Result<(), ParameterProblem> {
    Err(ParameterProblem::Keyword(keyword.to_owned()))
}

#[test]
fn a_type_has_one_spelling_of_each_value() {
    let table: [(&str, &[&str], &[&str]); 4] = [
        ("string", &["", "a", "é"], &[]),
        (
            "integer",
            &["0", "-1", "10", "9223372036854775807"],
            &["", "-", "-0", "+1", "01", "1.0", "1e2", " 1", "1 ", "0x1", "９", "9223372036854775808"],
        ),
        ("number", &["0", "-1.5", "1e2", "0.1"], &["", ".5", "5.", "+1", "01", "NaN", "Infinity", "1e400", " 1", "1_0"]),
        ("boolean", &["true", "false"], &["", "1", "0", "True", "yes"]),
    ];
    for (kind, good, bad) in table {
        let parameter = parameter(json!({ "type": kind }));
        for value in good {
            assert_eq!(check(&parameter, &[value]), Ok(()), "{kind} {value}");
        }
        for value in bad {
            assert_eq!(check(&parameter, &[value]), Err(ParameterProblem::Type), "{kind} {value}");
        }
    }
    assert_eq!(parameter(json!({})).check([&b"\xff"[..]]), Err(ParameterProblem::Type));
}

#[test]
fn one_that_is_required_must_come_and_one_that_is_no_array_comes_once() {
    assert_eq!(check(&parameter(json!({})), &[]), Ok(()));
    assert_eq!(check(&parameter(json!({ "required": true })), &[]), Err(ParameterProblem::Missing));
    assert_eq!(check(&parameter(json!({})), &["a", "a"]), Err(ParameterProblem::Repeated));
}

#[test]
fn keywords_hold_for_the_value() {
    let word = parameter(json!({ "pattern": "^\\d{2}$", "min_length": 1 }));
    assert_eq!(check(&word, &["12"]), Ok(()));
    for value in ["1", "123", "12\n", "१२"] {
        assert_eq!(check(&word, &[value]), keyword("pattern"), "{value:?}");
    }
    assert_eq!(check(&parameter(json!({ "enum": ["asc", "desc"] })), &["up"]), keyword("enum"));
    let page = parameter(json!({ "type": "integer", "minimum": 1, "maximum": 100, "enum": [1, 50, 1000] }));
    assert_eq!(check(&page, &["50"]), Ok(()));
    assert!(check(&page, &["0"]).is_err() && check(&page, &["1000"]).is_err() && check(&page, &["2"]).is_err());
    assert_eq!(check(&parameter(json!({ "format": "uuid" })), &["2eb8aa08-aa98-11ea-b4aa-73b441d16380"]), Ok(()));
    assert_eq!(check(&parameter(json!({ "format": "uuid" })), &["2eb8aa08"]), keyword("format"));
    assert_eq!(check(&parameter(json!({})), &["é".repeat(1024).as_str()]), Ok(()));
    assert_eq!(check(&parameter(json!({})), &["e".repeat(1025).as_str()]), keyword("maxLength"));
}

#[test]
fn an_array_is_repeated_or_separated_by_commas() {
    let ids = parameter(json!({ "type": "array", "items": "integer", "minimum": 1, "min_items": 1, "max_items": 3 }));
    assert_eq!(check(&ids, &["1", "2", "3"]), Ok(()));
    assert_eq!(check(&ids, &["1", "2", "3", "4"]), keyword("maxItems"));
    assert_eq!(check(&ids, &["1", "0"]), keyword("minimum"));
    assert_eq!(check(&ids, &["1,2"]), Err(ParameterProblem::Type));
    let fields = parameter(json!({ "type": "array", "separator": "comma", "enum": ["id", "name"], "min_items": 1 }));
    assert_eq!(check(&fields, &["id,name"]), Ok(()));
    assert_eq!(check(&fields, &["id,"]), keyword("enum"));
    assert_eq!(check(&fields, &[""]), keyword("minItems"));
    assert_eq!(check(&fields, &["id", "name"]), Err(ParameterProblem::Repeated));
}

#[test]
fn what_could_never_hold_is_a_mistake_of_the_configuration() {
    assert_eq!(error(json!({ "type": "integer", "pattern": "a" })), "pattern: only a `string` has it");
    assert_eq!(error(json!({ "minimum": 1 })), "minimum: only an `integer` or a `number` has it");
    assert_eq!(error(json!({ "max_items": 1 })), "max_items: only an `array` has it");
    assert_eq!(error(json!({ "type": "integer", "enum": [1, "2"] })), "enum[1]: expected a value of the parameter's type");
    assert_eq!(error(json!({ "min_length": 2000 })), "min_length: it is above the upper bound: no value fits");
    assert!(error(json!({ "pattern": "(" })).starts_with("pattern: "));
    assert!(error(json!({ "type": "array", "pattern": "(?=a)" })).starts_with("pattern: "));
    assert_eq!(error(json!({ "format": "uuidd" })), "format: unknown format; did you mean `uuid`?");
}
