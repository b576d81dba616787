use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::{DecisionOptions, Duration, HeaderName, Mode, OnAmbiguous, Secret};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plugin {
    #[serde(default)]
    timeout: Duration,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    key: String,
}

fn loaded(document: &Value) -> Result<Loaded<Plugin>, ConfigError> {
    load(document.to_string().as_bytes(), "jwt_auth")
}

fn error(document: &Value) -> String {
    loaded(document).unwrap_err().to_string()
}

#[test]
fn the_common_block_has_defaults() {
    let Loaded { common, plugin } = loaded(&json!({ "version": 1, "timeout": "5s" })).unwrap();
    assert_eq!(plugin.timeout.get().as_secs(), 5);
    assert_eq!(common.instance.as_str(), "jwt_auth");
    assert_eq!(common.mode, Mode::Enforce);
    assert_eq!(common.path.on_ambiguous, OnAmbiguous::Reject);
    let decisions = DecisionOptions {
        allowed: false,
        claims: vec!["iss".to_owned(), "sub".to_owned()],
        max_per_second: std::num::NonZeroU32::new(100),
    };
    assert_eq!(common.decisions, decisions);
}

#[test]
fn the_common_block_is_read() {
    let document = json!({
        "version": 1.0, "instance": "edge_1", "mode": "shadow", "path": { "on_ambiguous": "rewrite" },
        "decisions": { "allowed": true, "claims": [], "max_per_second": 5 },
    });
    let common = loaded(&document).unwrap().common;
    assert_eq!(common.instance.as_str(), "edge_1");
    assert_eq!((common.mode, common.path.on_ambiguous), (Mode::Shadow, OnAmbiguous::Rewrite));
    assert_eq!((common.decisions.allowed, common.decisions.claims.len()), (true, 0));
    assert_eq!(common.decisions.max_per_second.unwrap().get(), 5);
}

#[test]
fn only_this_version_is_read() {
    assert_eq!(error(&json!({})), "missing field `version`; this build reads `version: 1`");
    assert_eq!(error(&json!({ "version": 2, "whatever": 1 })), "version: this build reads version 1, found 2");
    assert_eq!(error(&json!({ "version": "1" })), "version: expected a number, found a string");
    assert_eq!(error(&json!({ "version": 1.5 })), "version: this build reads version 1, found 1.5");
}

#[test]
fn the_rate_of_records_is_at_least_one_or_unlimited() {
    let rate = |rate: Value| loaded(&json!({ "version": 1, "decisions": { "max_per_second": rate } }));
    assert_eq!(rate(json!("unlimited")).unwrap().common.decisions.max_per_second, None);
    assert_eq!(rate(json!(200.0)).unwrap().common.decisions.max_per_second.unwrap().get(), 200);
    for wrong in [json!(0), json!(-1), json!(0.5), json!("none"), json!(4_294_967_296_u64), json!(1e300)] {
        let message = "decisions.max_per_second: expected a whole number from 1 to 4294967295, or `unlimited`";
        assert!(rate(wrong.clone()).unwrap_err().to_string().starts_with(message), "{wrong}");
    }
}

#[test]
fn an_instance_is_a_segment_of_a_metric_name() {
    for wrong in ["", "A", "1a", "a.b", "a-b", "_a", &"a".repeat(64)] {
        assert!(error(&json!({ "version": 1, "instance": wrong })).starts_with("instance: expected a name of"), "{wrong}");
    }
    assert!(loaded(&json!({ "version": 1, "instance": "a".repeat(63) })).is_ok());
}

#[test]
fn at_most_32_claims_are_recorded() {
    let claims = |count: usize| loaded(&json!({ "version": 1, "decisions": { "claims": vec!["x"; count] } }));
    assert!(claims(32).is_ok());
    assert_eq!(claims(33).unwrap_err().to_string(), "decisions.claims: expected at most 32 claims, found 33");
}

#[test]
fn a_field_at_the_top_is_looked_for_in_both_parts() {
    let unknown = |key: &str| error(&json!({ "version": 1, key: 1 }));
    assert_eq!(unknown("timeuot"), "unknown field `timeuot`; did you mean `timeout`?");
    assert_eq!(unknown("instanc"), "unknown field `instanc`; did you mean `instance`?");
    assert_eq!(
        unknown("colour"),
        "unknown field `colour`; expected `timeout`, `rules`, `version`, `instance`, `mode`, `path` or `decisions`"
    );
    let nested = error(&json!({ "version": 1, "rules": [{ "mode": "shadow" }] }));
    assert_eq!(nested, "rules[0]: unknown field `mode`; expected `key`");
}

#[test]
fn both_parts_are_reported() {
    let both = error(&json!({ "version": 1, "mode": "shadwo", "timeout": "x" }));
    assert_eq!(
        both,
        "mode: unknown word `shadwo`; did you mean `shadow`?\ntimeout: expected a duration such as \"5s\", found \"x\""
    );
}

#[test]
fn the_document_is_an_object_in_strict_json() {
    assert_eq!(error(&json!([])), "expected an object at the top level");
    let repeated = load::<Plugin>(br#"{"version": 1, "version": 1}"#, "jwt_auth").unwrap_err();
    assert_eq!(repeated.to_string(), "not valid JSON: repeated key at line 1, column 28");
    assert!(load::<Plugin>(b"", "jwt_auth").unwrap_err().to_string().starts_with("not valid JSON: EOF"));
}

/// A plugin whose every string may be a secret, in every shape that a plugin uses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
struct Sensitive {
    #[serde(default)]
    inline: Option<Inline>,
    #[serde(default)]
    secret: Option<Secret>,
    #[serde(default)]
    keys: Vec<Inline>,
    #[serde(default)]
    number: Option<u32>,
    #[serde(default)]
    flag: bool,
    #[serde(default)]
    letter: Option<char>,
    #[serde(default)]
    mode_of: Option<Mode>,
    #[serde(default)]
    pair: Option<(String, u8)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
enum Inline {
    Text(String),
    Pair { key: String, id: u8 },
    Nothing,
}

const SECRET: &str = "hunter2";

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(SECRET)),
        Just(json!(format!("{SECRET} and more"))),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..300_000i64).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key(), inner), 0..5).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let keys = vec![
        "version",
        "mode",
        "path",
        "decisions",
        "claims",
        "max_per_second",
        "inline",
        "secret",
        "env",
        "keys",
        "number",
        "flag",
        "letter",
        "mode_of",
        "pair",
        "text",
        "key",
        "id",
        "nothing",
        "on_ambiguous",
        "kye",
    ];
    prop::sample::select(keys).prop_map(str::to_owned)
}

fn document() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), value()), 0..6).prop_map(|entries| {
        let mut document: Map<String, Value> = entries.into_iter().collect();
        document.insert("version".to_owned(), json!(1));
        Value::Object(document)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_error_never_holds_a_value(document in document()) {
        if let Err(error) = load::<Sensitive>(document.to_string().as_bytes(), "jwt_auth") {
            prop_assert!(!format!("{error} {error:?}").contains(SECRET), "{}", error);
            prop_assert!(error.findings().iter().all(|finding| !finding.to_string().contains('\n')));
        }
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = load::<Sensitive>(&bytes, "jwt_auth");
    }

    #[test]
    fn scalars_never_panic(text in any::<String>()) {
        let _ = (text.parse::<Duration>(), text.parse::<crate::ByteSize>(), text.parse::<HeaderName>());
    }

    #[test]
    fn scalars_read_what_they_print(nanos in any::<u64>()) {
        let duration = Duration::from(std::time::Duration::from_nanos(nanos));
        prop_assert_eq!(duration.to_string().parse::<Duration>().unwrap(), duration);
        let size = crate::ByteSize::new(nanos);
        prop_assert_eq!(size.to_string().parse::<crate::ByteSize>().unwrap(), size);
    }
}
