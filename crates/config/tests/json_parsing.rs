//! JSONTestSuite, written by none of this project's people: `json::parse` takes what JSON is, and nothing else.

use base64::prelude::{BASE64_STANDARD, Engine};
use portcullis_config::json;

/// Valid JSON that we refuse, each with the reason.
const STRICTER: [(&str, &str); 2] = [
    ("y_object_duplicated_key.json", "parsers disagree about which of the two counts"),
    ("y_object_duplicated_key_and_value.json", "parsers disagree about which of the two counts"),
];

#[test]
fn takes_json_and_nothing_else() {
    let Some(rows) = portcullis_suites::rows("json-parsing/json_parsing.jsonl") else { return };
    let (mut taken, mut refused) = (0, 0);
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        let bytes = BASE64_STANDARD.decode(row["bytes_base64"].as_str().unwrap()).unwrap();
        let parsed = json::parse(&bytes);
        match row["expect"].as_str().unwrap() {
            "accept" => assert_eq!(parsed.is_ok(), STRICTER.iter().all(|(stricter, _)| *stricter != id), "{id}: {parsed:?}"),
            "reject" => assert!(parsed.is_err(), "{id}: {parsed:?}"),
            _ => {}
        }
        *(if parsed.is_ok() { &mut taken } else { &mut refused }) += 1;
    }
    println!("json-parsing, {} rows: {taken} taken, {refused} refused", rows.len());
    assert_eq!(rows.len(), 318);
}
