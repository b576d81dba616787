//! JSONTestSuite, written by none of this project's people: the check takes what JSON is, and nothing else, however it is cut.

use base64::prelude::{BASE64_STANDARD, Engine};
use portcullis_validation::json::{DuplicateKeys, JsonCheck, JsonLimits};

/// Valid JSON that is refused unless a configuration allows it.
const REPEATED_KEYS: [&str; 2] = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

fn takes(text: &[u8], piece: usize, duplicate_keys: DuplicateKeys) -> bool {
    let mut check = JsonCheck::new(JsonLimits { duplicate_keys, ..JsonLimits::unlimited(64) });
    text.chunks(piece).all(|piece| check.feed(piece).is_ok()) && check.finish().is_ok()
}

#[test]
fn takes_json_and_nothing_else() {
    let Some(rows) = portcullis_suites::rows("json-parsing/json_parsing.jsonl") else { return };
    let mut figures = [0; 2];
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        let text = BASE64_STANDARD.decode(row["bytes_base64"].as_str().unwrap()).unwrap();
        for piece in [1, 2, 3, 7, usize::MAX] {
            let taken = takes(&text, piece, DuplicateKeys::Allow);
            match row["expect"].as_str().unwrap() {
                "accept" => {
                    assert!(taken, "{id} in pieces of {piece}");
                    assert_eq!(takes(&text, piece, DuplicateKeys::Reject), !REPEATED_KEYS.contains(&id), "{id}");
                    figures[0] += usize::from(piece == 1);
                }
                "reject" => {
                    assert!(!taken, "{id} in pieces of {piece}");
                    figures[1] += usize::from(piece == 1);
                }
                _ => assert_eq!(taken, takes(&text, 1, DuplicateKeys::Allow), "{id}"),
            }
        }
    }
    println!("json-parsing: {} of 95 accepted, {} of 188 refused", figures[0], figures[1]);
    assert_eq!(figures, [95, 188]);
}
