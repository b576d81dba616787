//! What looking through answers costs.

use serde_json::{Value, json};

use super::Variant;
use super::input_validation::{SIZES, document};
use super::sections::Subjects;
use super::{Ground, Group};
use crate::{Request, Route};

pub(super) const ABOUT: &str = "Answers are JSON. *Redaction* looks for card numbers and keys in every byte and holds what may be the beginning of one; *hardening* sets \
    headers, and reads no body.";

pub(super) fn groups(subjects: &Subjects) -> Vec<Group> {
    SIZES.into_iter().map(|size| of_size(subjects, size)).collect()
}

fn of_size(subjects: &Subjects, size: usize) -> Group {
    let requests = vec![Request::get("/").to_bytes()];
    let variant = |what: &str, response: Value, bytes| {
        let name = format!("input-validation, {what}, {size} KiB");
        let configuration = json!({ "version": 1, "on_no_match": "pass", "defaults": { "response": response } });
        let filter = subjects.judge(&name, "input_validation", &configuration);
        Variant { bytes, ..Variant::new(name, vec![filter], requests.clone()) }
    };
    let variants = vec![
        variant("hardening", json!({ "hardening": "strict" }), 0),
        variant("redaction", json!({ "redact": {} }), size << 10),
    ];
    let ground = Ground { route: Route::Json(document(size << 10)), ..Ground::default() };
    Group { ground, variants }
}
