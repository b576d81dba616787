use std::fmt::Write;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn reason(text: &str) -> String {
    parse(text.as_bytes()).unwrap_err().reason().to_owned()
}

#[test]
fn reads_what_serde_json_reads() {
    let text = r#" {"a": [1, -2, 3.5, 1e3, true, false, null, "xA\n"], "b": {"a": {}}, "c": 18446744073709551615} "#;
    let expected = json!({"a": [1, -2, 3.5, 1000.0, true, false, null, "xA\n"], "b": {"a": {}}, "c": u64::MAX});
    assert_eq!(parse(text.as_bytes()).unwrap(), expected);
    assert_eq!(parse(b"null").unwrap(), Value::Null);
}

#[test]
fn refuses_a_repeated_key_at_any_depth() {
    assert_eq!(reason(r#"{"a": 1, "a": 1}"#), "repeated key");
    assert_eq!(reason(r#"[{"b": {"a": 1, "x": 2, "\u0061": 1}}]"#), "repeated key");
    assert!(parse(br#"{"a": {"a": 1}, "A": 2}"#).is_ok());
}

#[test]
fn refuses_keys_that_the_parser_would_treat_specially() {
    assert_eq!(reason(r#"{"$serde_json::private::RawValue": "{}"}"#), "reserved key");
    assert_eq!(reason(r#"[{"$serde_json::private::Number": "1"}]"#), "reserved key");
}

#[test]
fn nests_64_deep_and_no_deeper() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(64).as_bytes()).is_ok());
    assert_eq!(reason(&nested(65)), "nested too deeply");
    assert_eq!(reason(&"[".repeat(1_000_000)), "nested too deeply");
    let mut objects = String::new();
    for _ in 0..65 {
        objects.write_str("{\"a\":").unwrap();
    }
    assert_eq!(reason(&objects), "nested too deeply");
}

#[test]
fn refuses_numbers_that_do_not_fit() {
    assert_eq!(reason("1e400"), "number out of range");
    assert_eq!(reason("[-1e400]"), "number out of range");
    assert!(parse(b"1e-400").is_ok());
    assert!(parse(b"123456789012345678901234567890").is_ok());
}

#[test]
fn refuses_what_is_not_exactly_one_value() {
    for text in [
        "",
        " ",
        "1 2",
        "{} x",
        "{},",
        "[1,]",
        "{\"a\":1,}",
        "nul",
        "'a'",
        "{a: 1}",
        "01",
        "+1",
        ".5",
        "NaN",
        "// c\n1",
        "\u{feff}1",
        "\"a",
    ] {
        assert!(parse(text.as_bytes()).is_err(), "{text:?}");
    }
}

#[test]
fn refuses_what_is_not_utf_8() {
    for bytes in [&b"\"\xff\""[..], b"\"\xc0\xaf\"", b"{\"\xff\": 1}", b"\xff", b"\"\\ud800\"", b"\"a\x00\""] {
        assert!(parse(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn says_where_but_not_what() {
    let error = parse(b"{\n  \"password\": \"hunter2\" oops }").unwrap_err();
    assert_eq!(error.to_string(), "not valid JSON: expected `,` or `}` at line 2, column 25");
    let error = parse(b"{\"hunter2\": 1, \"hunter2\": 2}").unwrap_err();
    assert_eq!((error.line(), error.reason()), (1, "repeated key"));
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn takes_members_out_of_an_object() {
    let text = r#" {"a": [1, {"b": null}], "x": {"a": 2}, "\u0062": "\u0041"} "#;
    assert_eq!(members(text, ["b", "c", "a"]).unwrap(), [Some(json!("A")), None, Some(json!([1, {"b": null}]))]);
    assert_eq!(members("{}", []).unwrap(), []);
}

#[test]
fn is_as_strict_with_members_that_nobody_wants() {
    for text in [
        r#"{"x": 1, "x": 1}"#,
        r#"{"a": 1, "\u0061": 1}"#,
        r#"{"x": [{"y": 1, "y": 1}]}"#,
        r#"{"x": {"$serde_json::private::Number": "1"}}"#,
        r#"{"x": 1e400}"#,
        r#"{"x": "\ud800"}"#,
        r#"{"x": 01}"#,
        r#"{"x": 1,}"#,
        "{} {}",
        "[]",
        "\"a\"",
        "",
        &format!("{{\"x\": {}{}}}", "[".repeat(64), "]".repeat(64)),
    ] {
        assert!(members(text, ["a"]).is_err(), "{text}");
    }
    assert!(members(&format!("{{\"x\": {}{}}}", "[".repeat(63), "]".repeat(63)), ["a"]).is_ok());
}

#[test]
fn says_what_is_no_object_without_repeating_it() {
    assert_eq!(members("\"hunter2\"", []).unwrap_err().to_string(), "not valid JSON: expected an object at line 1, column 1");
    assert_eq!(members("\"hunter2", []).unwrap_err().reason(), "EOF while parsing a string");
}

/// Documents that are nearly JSON.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"SECRET\"",
        "\"SECRET",
        "SECRET",
        "1",
        "-",
        "1e999",
        "null",
        "true",
        "\\u12",
        " ",
        "\n",
        "\"a\"",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat().into_bytes())
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn never_repeats_the_text(bytes in nearly_json()) {
        if let Err(error) = parse(&bytes) {
            let printed = format!("{error} {error:?}");
            prop_assert!(!printed.contains("SECRET"), "{}", printed);
        }
    }

    #[test]
    fn members_are_those_of_the_whole(bytes in nearly_json()) {
        let text = format!("{{\"a\": {}}}", String::from_utf8(bytes).unwrap());
        let whole = parse(text.as_bytes()).ok().and_then(|mut value| value.as_object_mut().map(std::mem::take));
        let wanted = members(&text, ["a"]).ok().map(|[a]| a);
        prop_assert_eq!(wanted, whole.clone().map(|mut whole| whole.remove("a")));
        prop_assert_eq!(members(&text, []).is_ok(), whole.is_some());
    }

    #[test]
    fn agrees_with_serde_json_on_what_it_accepts(bytes in nearly_json()) {
        if let Ok(value) = parse(&bytes) {
            prop_assert_eq!(value, serde_json::from_slice::<Value>(&bytes).unwrap());
        }
    }
}
