use proptest::prelude::*;

use super::*;

const LIMITS: JsonLimits = JsonLimits::unlimited(64);

fn check(limits: JsonLimits, pieces: &[&[u8]]) -> Result<(), JsonFault> {
    let mut check = JsonCheck::new(limits);
    pieces.iter().try_for_each(|piece| check.feed(piece))?;
    check.finish()
}

fn problem(limits: JsonLimits, text: &str) -> Option<JsonProblem> {
    check(limits, &[text.as_bytes()]).err().map(|fault| fault.problem)
}

/// What one byte at a time comes to.
fn byte_by_byte(limits: JsonLimits, text: &[u8]) -> Result<(), JsonFault> {
    check(limits, &text.chunks(1).collect::<Vec<_>>())
}

#[test]
fn a_fault_has_its_place() {
    for (text, problem, at) in [
        ("", JsonProblem::Truncated, 0),
        ("{\"a\": }", JsonProblem::Unexpected, 6),
        ("[1, 2] x", JsonProblem::Trailing, 7),
        ("[1, 02]", JsonProblem::Unexpected, 5),
        ("[1, -]", JsonProblem::Number, 5),
        ("\u{feff}1", JsonProblem::ByteOrderMark, 0),
        ("\n\u{feff}1", JsonProblem::ByteOrderMark, 1),
        ("\"a\nb\"", JsonProblem::ControlCharacter, 2),
        ("\"a\\x\"", JsonProblem::Escape, 3),
        ("\"\\ud800\"", JsonProblem::LoneSurrogate, 7),
        ("\"\\udc00\"", JsonProblem::LoneSurrogate, 6),
        ("\"\\ud800\\ud800\"", JsonProblem::LoneSurrogate, 12),
        ("{\"a\": 1, \"a\": 2}", JsonProblem::RepeatedKey, 12),
        ("{\"a\": 1,}", JsonProblem::Unexpected, 8),
        ("tru", JsonProblem::Truncated, 3),
        ("[1", JsonProblem::Truncated, 2),
    ] {
        assert_eq!(check(LIMITS, &[text.as_bytes()]), Err(JsonFault { problem, at }), "{text}");
        assert_eq!(byte_by_byte(LIMITS, text.as_bytes()), Err(JsonFault { problem, at }), "{text}");
    }
    assert_eq!(check(LIMITS, &[b"\"\xc3\x28\""]), Err(JsonFault { problem: JsonProblem::Utf8, at: 2 }));
}

#[test]
fn what_was_refused_stays_refused() {
    let mut check = JsonCheck::new(LIMITS);
    let fault = check.feed(b"[}").unwrap_err();
    assert_eq!(check.feed(b"1]"), Err(fault));
    assert_eq!(check.finish(), Err(fault));
}

#[test]
fn keys_are_compared_as_they_read_whatever_their_spelling() {
    for text in [
        r#"{"a": 1, "\u0061": 2}"#,
        r#"{"é": 1, "\u00e9": 2}"#,
        r#"{"😀": 1, "\ud83d\ude00": 2}"#,
        r#"{"/": 1, "\/": 2}"#,
        r#"{"": 1, "": 2}"#,
        r#"{"a": {"b": 1, "c": {}, "b": 2}}"#,
        r#"{"a": {"b": 1}, "b": 1, "a": 2}"#,
    ] {
        assert_eq!(problem(LIMITS, text), Some(JsonProblem::RepeatedKey), "{text}");
        assert_eq!(problem(JsonLimits { duplicate_keys: DuplicateKeys::Allow, ..LIMITS }, text), None, "{text}");
    }
    for text in [r#"{"a": {"a": {"a": 1}}, "b": {"a": 1}, "c": 1}"#, r#"[{"a": 1}, {"a": 1}]"#, r#"{"a": 1, "A": 1, "a ": 1}"#] {
        assert_eq!(problem(LIMITS, text), None, "{text}");
    }
}

#[test]
fn a_repeated_key_is_found_among_many() {
    for count in [1, 15, 16, 17, 18, 1_000] {
        let keys: Vec<String> = (0..count).map(|key| format!("\"key{key}\": {{\"key0\": 1}}")).collect();
        let object = format!("{{{}}}", keys.join(","));
        assert_eq!(problem(LIMITS, &object), None, "{count}");
        for repeated in [0, count / 2, count - 1] {
            let object = format!("{{{}, \"key{repeated}\": 1}}", keys.join(","));
            assert_eq!(problem(LIMITS, &object), Some(JsonProblem::RepeatedKey), "{count} {repeated}");
        }
    }
}

#[test]
fn each_limit_is_exact() {
    let limits = JsonLimits {
        max_depth: 2,
        max_entries: 2,
        max_array: 3,
        max_key_bytes: 4,
        max_string_bytes: 5,
        max_number_bytes: 6,
        max_values: 7,
        duplicate_keys: DuplicateKeys::Reject,
    };
    for (most, more, expected) in [
        ("[[1]]", "[[[1]]]", JsonProblem::TooDeep),
        ("[{}]", "[{\"a\": {}}]", JsonProblem::TooDeep),
        (r#"{"a": 1, "b": 2}"#, r#"{"a": 1, "b": 2, "c": 3}"#, JsonProblem::TooManyEntries),
        ("[1, 2, 3]", "[1, 2, 3, 4]", JsonProblem::TooManyElements),
        (r#"{"abcd": 1}"#, r#"{"abcde": 1}"#, JsonProblem::KeyTooLong),
        (r#"{"\u00e9\u00e9": 1}"#, r#"{"éée": 1}"#, JsonProblem::KeyTooLong),
        (r#""abcde""#, r#""abcdef""#, JsonProblem::StringTooLong),
        (r#""\u0061bcde""#, r#""\u0061bcdef""#, JsonProblem::StringTooLong),
        ("123456", "1234567", JsonProblem::NumberTooLong),
        ("[[1, 2], [3], 4]", "[[1, 2], [3, 4], 5]", JsonProblem::TooManyValues),
    ] {
        assert_eq!(problem(limits, most), None, "{most}");
        assert_eq!(problem(limits, more), Some(expected), "{more}");
        assert!(expected.is_limit());
        assert_eq!(byte_by_byte(limits, more.as_bytes()).map_err(|fault| fault.problem), Err(expected), "{more}");
    }
}

#[test]
fn a_bomb_of_depth_is_refused_at_its_limit_and_holds_little() {
    let mut check = JsonCheck::new(LIMITS);
    let fault = check.feed(&vec![b'['; 1 << 20]).unwrap_err();
    assert_eq!(fault, JsonFault { problem: JsonProblem::TooDeep, at: 64 });
    assert!(check.memory() < 16 << 10, "{}", check.memory());
}

#[test]
fn memory_is_that_of_the_keys_of_open_objects() {
    let mut check = JsonCheck::new(LIMITS);
    check.feed(b"[").unwrap();
    for number in 0..100_000 {
        check.feed(format!("{{\"key{number}\": \"{}\", \"b\": [1, 2, 3]}},", "x".repeat(100)).as_bytes()).unwrap();
    }
    assert!(check.memory() < 16 << 10, "{}", check.memory());
}

#[test]
fn a_value_is_built_as_it_is_written() {
    let text = br#"{"$serde_json::private::RawValue": "[1]", "a": [1, -2, 1.5, true, null, "x"], "a": 18446744073709551615}"#;
    let value = parse(text).unwrap();
    assert_eq!(value["$serde_json::private::RawValue"], "[1]");
    assert_eq!(value["a"], u64::MAX);
    assert!(parse(b"1e400").is_err());
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,20}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// What `serde_json` takes, with every number, and each key as often as it likes.
fn oracle(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

fn agrees(text: &[u8], cut: usize) -> Result<(), TestCaseError> {
    let limits = JsonLimits { duplicate_keys: DuplicateKeys::Allow, ..JsonLimits::unlimited(100) };
    let whole = check(limits, &[text]);
    prop_assert_eq!(byte_by_byte(limits, text), whole);
    let (head, tail) = text.split_at(cut.min(text.len()));
    prop_assert_eq!(check(limits, &[head, b"", tail]), whole);
    // What is skipped there is not held to be UTF-8, and half a pair passes.
    let skipped = matches!(whole, Err(JsonFault { problem: JsonProblem::LoneSurrogate | JsonProblem::Utf8, .. }));
    prop_assert!(skipped || whole.is_ok() == oracle(text), "{:?}: {:?}", whole, String::from_utf8_lossy(text));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn takes_what_serde_json_writes(value in json(), pretty in any::<bool>(), cut in 0usize..200) {
        let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        prop_assert_eq!(check(LIMITS, &[&text]), Ok(()));
        agrees(&text, cut)?;
        prop_assert_eq!(parse(&text).unwrap(), serde_json::from_slice::<serde_json::Value>(&text).unwrap());
    }

    #[test]
    fn agrees_with_serde_json_about_damaged_texts(
        value in json(), at in any::<prop::sample::Index>(), with in prop::sample::select(&b"\"\\,:[]{}0-+.eEut \n\x00\x7f\xc3\xed\xa0x"[..]),
        insert in any::<bool>(), cut in 0usize..200,
    ) {
        let mut text = serde_json::to_vec(&value).unwrap();
        let at = at.index(text.len());
        if insert { text.insert(at, with) } else { text[at] = with }
        agrees(&text, cut)?;
    }

    #[test]
    fn agrees_with_serde_json_about_soup(text in "[\\[\\]{}:,\"\\\\0-9eE.+truefalsnd8 -]{0,30}", cut in 0usize..30) {
        agrees(text.as_bytes(), cut)?;
    }
}
