use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{ByteSize, ConfigError, Duration, HeaderName, NonEmpty, Secret, from_value};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    providers: BTreeMap<String, Provider>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    issuer: String,
    #[serde(default)]
    audiences: Option<NonEmpty<String>>,
    #[serde(default)]
    remote_jwks: Option<RemoteJwks>,
    #[serde(default)]
    keys: Option<Keys>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoteJwks {
    #[serde(default)]
    timeout: Duration,
    #[serde(default)]
    max_size: ByteSize,
    #[serde(default)]
    retries: Option<NonZeroU32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Keys {
    Inline(String),
    Hmac { secret: Secret },
    None,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rule {
    status: u16,
    offset: i8,
    ratio: f64,
    shadow: bool,
    header: Option<HeaderName>,
    on_missing: OnMissing,
    pair: (u8, u8),
    schema: Value,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnMissing {
    #[default]
    Deny,
    Allow,
}

fn error(document: &Value) -> String {
    from_value::<Config>(document).unwrap_err().to_string()
}

fn provider_error(fields: &Value) -> String {
    let mut provider = json!({ "issuer": "https://id.example.com" });
    provider.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    error(&json!({ "providers": { "main": provider } }))
}

fn rule_error(rule: &Value) -> String {
    error(&json!({ "rules": [{}, rule] }))
}

#[test]
fn reads_every_shape() {
    let document = json!({
        "providers": { "main": {
            "issuer": "https://id.example.com",
            "audiences": ["a", "b"],
            "remote_jwks": { "timeout": "1.5s", "max_size": "64KiB", "retries": 3 },
            "keys": { "hmac": { "secret": { "env": "KEY" } } },
        }, "other": { "issuer": "x", "keys": "none" }, "inline": { "issuer": "y", "keys": { "inline": "k" } } },
        "rules": [{ "status": 403, "offset": -1, "ratio": 1, "shadow": true, "header": "X-A", "on_missing": "allow", "pair": [1, 2],
            "schema": { "type": ["string", null, 1.5, true] } }],
    });
    let config: Config = from_value(&document).unwrap();
    let main = &config.providers["main"];
    assert_eq!(main.issuer, "https://id.example.com");
    assert_eq!(main.audiences.as_ref().unwrap().as_slice(), ["a", "b"]);
    let remote = main.remote_jwks.as_ref().unwrap();
    assert_eq!(remote.timeout.get(), std::time::Duration::from_millis(1500));
    assert_eq!((remote.max_size.get(), remote.retries), (65_536, NonZeroU32::new(3)));
    assert!(matches!(main.keys.as_ref().unwrap(), Keys::Hmac { secret } if secret.env.as_str() == "KEY"));
    assert!(matches!(config.providers["other"].keys, Some(Keys::None)));
    assert!(matches!(&config.providers["inline"].keys, Some(Keys::Inline(key)) if key == "k"));
    let rule = &config.rules[0];
    assert_eq!((rule.status, rule.offset, rule.ratio, rule.shadow, rule.pair), (403, -1, 1.0, true, (1, 2)));
    assert_eq!(rule.header.as_ref().unwrap().as_str(), "x-a");
    assert_eq!(rule.on_missing, OnMissing::Allow);
    assert_eq!(rule.schema, json!({ "type": ["string", null, 1.5, true] }));
}

#[test]
fn names_the_nearest_field() {
    assert_eq!(provider_error(&json!({ "isuer": 1 })), "providers.main: unknown field `isuer`; did you mean `issuer`?");
    assert_eq!(error(&json!({ "rule": [] })), "unknown field `rule`; did you mean `rules`?");
    assert_eq!(
        provider_error(&json!({ "remote_jwks": { "colour": 1 } })),
        "providers.main.remote_jwks: unknown field `colour`; expected `timeout`, `max_size` or `retries`"
    );
}

#[test]
fn names_a_missing_field() {
    assert_eq!(error(&json!({ "providers": { "main": {} } })), "providers.main: missing field `issuer`");
    assert_eq!(error(&json!({ "providers": { "a b": {} } })), "providers[\"a b\"]: missing field `issuer`");
}

#[test]
fn speaks_of_json_when_a_type_is_wrong() {
    assert_eq!(provider_error(&json!({ "audiences": "a" })), "providers.main.audiences: expected a list, found a string");
    assert_eq!(
        provider_error(&json!({ "audiences": ["a", 1] })),
        "providers.main.audiences[1]: expected a string, found a number"
    );
    assert_eq!(provider_error(&json!({ "issuer": ["x"] })), "providers.main.issuer: expected a string, found a list");
    assert_eq!(provider_error(&json!({ "issuer": false })), "providers.main.issuer: expected a string, found false");
    assert_eq!(provider_error(&json!({ "remote_jwks": "x" })), "providers.main.remote_jwks: expected an object, found a string");
    assert_eq!(error(&json!({ "providers": [] })), "providers: expected an object, found a list");
    assert_eq!(rule_error(&json!({ "shadow": "yes" })), "rules[1].shadow: expected true or false, found a string");
    assert_eq!(rule_error(&json!({ "ratio": {} })), "rules[1].ratio: expected a number, found an object");
    assert_eq!(rule_error(&json!({ "pair": {} })), "rules[1].pair: expected a list, found an object");
    assert_eq!(rule_error(&json!({ "pair": [1, 2, 3] })), "rules[1].pair: expected a list of 2 elements");
    assert_eq!(rule_error(&json!(1)), "rules[1]: expected an object, found a number");
}

#[test]
fn null_is_not_absence() {
    assert_eq!(provider_error(&json!({ "audiences": null })), "providers.main.audiences: expected a list, found null");
    assert_eq!(
        rule_error(&json!({ "header": null })),
        "rules[1].header: expected a header name such as \"x-user-id\", found null"
    );
}

#[test]
fn says_which_numbers_fit() {
    let status = |status: Value| rule_error(&json!({ "status": status }));
    assert_eq!(status(json!(65_536)), "rules[1].status: expected a whole number from 0 to 65535");
    assert_eq!(status(json!(-1)), "rules[1].status: expected a whole number from 0 to 65535");
    assert_eq!(status(json!(1.5)), "rules[1].status: expected a whole number from 0 to 65535");
    assert_eq!(status(json!("200")), "rules[1].status: expected a whole number, found a string");
    assert_eq!(rule_error(&json!({ "offset": 128 })), "rules[1].offset: expected a whole number from -128 to 127");
    let retries = |retries: Value| provider_error(&json!({ "remote_jwks": { "retries": retries } }));
    assert_eq!(retries(json!(0)), "providers.main.remote_jwks.retries: expected a whole number of at least 1");
    assert_eq!(retries(json!(1e30)), "providers.main.remote_jwks.retries: expected a whole number from 0 to 4294967295");
}

#[test]
fn a_whole_number_may_be_written_as_a_fraction() {
    let config: Config = from_value(&json!({ "rules": [{ "status": 200.0, "offset": -3.0 }] })).unwrap();
    assert_eq!((config.rules[0].status, config.rules[0].offset), (200, -3));
}

#[test]
fn quotes_a_scalar_that_is_wrong() {
    let timeout = |timeout: Value| provider_error(&json!({ "remote_jwks": { "timeout": timeout } }));
    assert_eq!(timeout(json!("5")), "providers.main.remote_jwks.timeout: expected a duration such as \"5s\", found \"5\"");
    assert_eq!(timeout(json!(5)), "providers.main.remote_jwks.timeout: expected a duration such as \"5s\", found a number");
    assert_eq!(
        timeout(json!(format!("{}\n", "ü".repeat(40)))),
        format!("providers.main.remote_jwks.timeout: expected a duration such as \"5s\", found \"{}…\"", "ü".repeat(32))
    );
}

#[test]
fn names_the_nearest_word_and_repeats_no_other() {
    let on_missing = |word: Value| rule_error(&json!({ "on_missing": word }));
    assert_eq!(on_missing(json!("alow")), "rules[1].on_missing: unknown word `alow`; did you mean `allow`?");
    assert_eq!(on_missing(json!("s3cr3t")), "rules[1].on_missing: expected `deny` or `allow`");
    assert_eq!(on_missing(json!(true)), "rules[1].on_missing: expected `deny` or `allow`, found true");
    assert_eq!(on_missing(json!({ "allow": 1 })), "rules[1].on_missing: expected just `allow`");
}

#[test]
fn enums_with_content_name_their_keys() {
    let keys = |keys: Value| provider_error(&json!({ "keys": keys }));
    assert_eq!(keys(json!("-----BEGIN KEY")), "providers.main.keys: expected `inline`, `hmac` or `none`");
    assert_eq!(keys(json!("inline")), "providers.main.keys: expected an object with the key `inline`");
    assert_eq!(keys(json!({})), "providers.main.keys: expected an object with exactly one of `inline`, `hmac` or `none`");
    assert_eq!(keys(json!({ "inlin": "x" })), "providers.main.keys: unknown word `inlin`; did you mean `inline`?");
    assert_eq!(keys(json!({ "hmac": "s3cr3t" })), "providers.main.keys.hmac: expected an object, found a string");
    assert_eq!(
        keys(json!({ "hmac": { "secret": "s3cr3t" } })),
        "providers.main.keys.hmac.secret: expected an object, found a string"
    );
    assert_eq!(
        keys(json!({ "hmac": { "secret": { "env": "s3cr3t!" } } })),
        "providers.main.keys.hmac.secret.env: expected the name of an environment variable"
    );
}

#[test]
fn an_empty_list_is_refused_where_it_would_be_read_both_ways() {
    assert_eq!(
        provider_error(&json!({ "audiences": [] })),
        "providers.main.audiences: an empty list says nothing; leave the field out, or name at least one"
    );
}

#[test]
fn an_error_is_a_line_whatever_the_keys() {
    let error: ConfigError = from_value::<Config>(&json!({ "a\nb": 1 })).unwrap_err();
    assert_eq!(error.to_string(), "unknown field `a\\nb`; expected `providers` or `rules`");
}
