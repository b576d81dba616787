//! `RateLimit-Policy` and `RateLimit`, read back by a structured-fields parser that is not ours: the examples of the IETF draft, which
//! are in `SUITES` (default: `shared/suites` beside the repository), and any names and numbers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use portcullis_quota::{Policy, ServiceLimit, UNITS_MAX};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sfv::{BareItem, Item, List, ListEntry, Parser};

/// Parameters that we never send, and the examples that have one.
const EXCUSED: [(&str, usize, &str); 4] = [
    ("pk", 4, "a partition key tells clients, and whoever reads along, how a key was made"),
    ("burst", 2, "ours has a vendor's prefix, as the draft asks for"),
    ("q", 2, "no parameter of `RateLimit`, in an appendix about older fields"),
    ("token", 4, "the name of a policy must be a string"),
];

#[test]
fn the_drafts_examples_are_what_we_would_send() {
    let Some(rows) = portcullis_suites::rows("rate-limit/ietf-draft/header_examples.jsonl") else { return };
    let (mut same, mut excused) = (0, [0; EXCUSED.len()]);
    for row in &rows {
        let (id, value) = (row["id"].as_str().unwrap(), row["value"].as_str().unwrap());
        let parsed = row["parsed"].as_array().unwrap();
        let policy = row["field"] == "RateLimit-Policy";
        if let Some(place) = parsed.iter().find_map(|item| excuse(item, policy)) {
            excused[place] += 1;
            continue;
        }
        assert_eq!(read(value), *parsed, "{id}");
        let items = parsed.iter().map(|item| if policy { sent_policy(item) } else { sent_limit(item) });
        let ours = items.collect::<Vec<_>>().join(", ");
        assert_eq!(read(&ours), *parsed, "{id}: {ours}");
        same += 1;
    }
    println!("header examples, {} rows: {same} the same, excused {excused:?}", rows.len());
    assert_eq!(rows.len(), 44);
    assert_eq!(excused, EXCUSED.map(|(_, count, _)| count));
    assert!(same >= 32, "{same}");
}

fn excuse(item: &Value, policy: bool) -> Option<usize> {
    let params = item["params"].as_object().unwrap();
    let has = |name: &str| match name {
        "token" => !item["value"].is_string(),
        "q" => !policy && params.contains_key("q"),
        name => params.contains_key(name),
    };
    EXCUSED.iter().position(|(name, _, _)| has(name))
}

fn sent_policy(item: &Value) -> String {
    let params = &item["params"];
    let policy = Policy {
        name: item["value"].as_str().unwrap(),
        quota: params["q"].as_u64().unwrap(),
        unit: params["qu"].as_str(),
        window: params["w"].as_u64().map(Duration::from_secs),
        burst: 0,
    };
    policy.to_string()
}

fn sent_limit(item: &Value) -> String {
    let params = &item["params"];
    let more_in = params["t"].as_u64().map(Duration::from_secs);
    ServiceLimit { name: item["value"].as_str().unwrap(), remaining: params["r"].as_u64().unwrap(), more_in }.to_string()
}

proptest! {
    #[test]
    fn any_policy_is_one_item(
        name in "\\PC{1,20}",
        quota in 0..=UNITS_MAX,
        burst in 0..=UNITS_MAX,
        window in prop_oneof![Just(0), any::<u32>().prop_map(u64::from)],
        nanos in prop_oneof![Just(0), 0_u32..1_000_000_000],
    ) {
        let policy = Policy { name: &name, quota, unit: Some("content-bytes"), window: Some(Duration::new(window, nanos)), burst };
        let items = read(&policy.to_string());
        let mut params = json!({ "q": quota, "qu": "content-bytes" });
        if window > 0 && nanos == 0 {
            params["w"] = window.into();
        }
        if burst > 0 {
            params["portcullis-burst"] = burst.into();
        }
        prop_assert_eq!(items, [json!({ "value": plain(&name), "params": params })]);
    }

    #[test]
    fn any_service_limit_is_one_item(name in "[ -~]{1,20}", remaining in 0..=UNITS_MAX, more_in in 0_u64..=1_000_000_000_000_000) {
        let limit = ServiceLimit { name: &name, remaining, more_in: Some(Duration::from_nanos(more_in)) };
        let params = json!({ "r": remaining, "t": more_in.div_ceil(1_000_000_000) });
        prop_assert_eq!(read(&limit.to_string()), [json!({ "value": name, "params": params })]);
    }
}

/// What a string may hold (RFC 9651 section 3.3.3).
fn plain(name: &str) -> String {
    name.chars().map(|character| if matches!(character, ' '..='~') { character } else { '_' }).collect()
}

/// The members of a list, in the suite's own notation.
fn read(field: &str) -> Vec<Value> {
    let list: List = Parser::new(field).parse().unwrap_or_else(|error| panic!("{field}: {error}"));
    list.iter().map(member).collect()
}

fn member(entry: &ListEntry) -> Value {
    let ListEntry::Item(Item { bare_item, params }) = entry else { panic!("an inner list") };
    let params: Map<String, Value> = params.iter().map(|(name, value)| (name.as_str().to_owned(), bare(value))).collect();
    json!({ "value": bare(bare_item), "params": params })
}

fn bare(item: &BareItem) -> Value {
    match item {
        BareItem::Integer(number) => i64::from(*number).into(),
        BareItem::String(text) => text.as_str().into(),
        other => panic!("{other:?}"),
    }
}
