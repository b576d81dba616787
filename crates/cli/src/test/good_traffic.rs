//! What the tests of policies let pass is no injection: no signature is found in it.

use std::path::Path;

use portcullis_cases::runner::{Host as _, prepared};
use portcullis_cases::{Simulated, options};
use serde_json::json;

use super::file::TestFile;
use super::find::Found;
use crate::plugin::Plugin;

#[test]
fn no_signature_is_found_in_what_the_tests_of_policies_let_pass() {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let all = ["sqli", "xss", "path_traversal", "command", "template", "crlf"].map(|name| (name.to_owned(), json!("block")));
    let signatures: serde_json::Map<_, _> = all.into_iter().collect();
    // Bodies of every kind: what else is wrong with one is not asked here.
    let body = json!({
        "required": false, "max_bytes": "1MiB", "json": {}, "form": { "additional": "pass" },
        "multipart": { "additional": "pass" }, "text": {}, "raw": {},
    });
    let rules = [json!({ "name": "all", "body": body })];
    let config = json!({ "version": 1, "defaults": { "signatures": signatures }, "rules": rules }).to_string();
    let mut requests = 0;
    for file in Found::new(&[policies]).unwrap().tests {
        // It lets pass on purpose what it counts.
        if file.ends_with("injection.test.yaml") {
            continue;
        }
        for (_, case) in &TestFile::read(&file).unwrap().cases {
            let mut host = Simulated::new(vec![Plugin::InputValidation.proxy(config.as_bytes(), options(case)).unwrap()]);
            for step in case.requests.iter().filter(|step| step.expect.status == Some(200)) {
                let seen = host.send(&prepared(&step.request, host.now()).unwrap()).unwrap();
                let found = seen.decisions.iter().find(|decision| decision["reason"].to_string().contains("signature_"));
                assert_eq!(found, None, "{}, {}", file.display(), case.name);
                requests += 1;
            }
        }
    }
    println!("{requests} requests");
    assert!(requests > 100, "{requests}");
}
