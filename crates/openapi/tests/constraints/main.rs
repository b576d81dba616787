//! Every example request of the documents passes, and one that breaks a constraint is refused: each constraint that stands in a schema
//! that an example reaches, with values that vary. What passes all the same must be named in the report. The documents are read here
//! independently of the importer.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

mod attempt;
mod document;
mod gate;
mod request;
mod walk;
mod wrong;

use attempt::{Attempt, Tally, attempts};
use document::Document;
use gate::Gate;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use request::Draft;

const DOCUMENTS: [&str; 3] = ["store", "payments", "uploads"];

/// How many wrong values each constraint is tried with.
const CASES: u32 = 12;

/// What each kind of constraint must have come to at least once, in all documents together.
const KINDS: [&str; 40] = [
    "additionalProperties",
    "anyOf",
    "body missing",
    "body unexpected",
    "const",
    "contains",
    "content type",
    "dependentRequired",
    "discriminator",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "malformed",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "method",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf: none",
    "oneOf: two",
    "parameter extra",
    "parameter missing",
    "parameter repeated",
    "path",
    "pattern",
    "propertyNames",
    "readOnly",
    "required",
    "type",
    "unevaluatedProperties",
    "uniqueItems",
    "file",
];

#[test]
fn every_example_request_passes() {
    for name in DOCUMENTS {
        let document = Document::read(name);
        let mut gate = Gate::of(name);
        let mut passed = 0;
        for operation in document.operations() {
            let drafts = Draft::of_examples(&operation);
            assert!(!drafts.is_empty(), "{}: no example", operation.id);
            for draft in drafts {
                let request = draft.request(&document, &operation);
                let verdict = gate.verdict(request);
                assert_eq!(verdict, None, "{name}: {}: {draft:?}", operation.id);
                passed += 1;
            }
        }
        println!("{name}: {passed} example requests pass");
        assert!(passed > 20, "{name}: {passed}");
    }
}

#[test]
fn every_constraint_is_held_to_or_named() {
    let mut total = Tally::default();
    for name in DOCUMENTS {
        let document = Document::read(name);
        let mut gate = Gate::of(name);
        let mut tally = Tally::default();
        for operation in document.operations() {
            for attempt in attempts(&document, &operation) {
                let outcome = broken(&mut gate, &attempt);
                tally.count(&attempt, outcome, &gate);
            }
        }
        println!("{name}: {}", tally.summary());
        total.add(tally);
    }
    println!("in all: {}", total.summary());
    assert!(total.slipped.is_empty(), "{}", total.slipped.join("\n"));
    let never: Vec<&str> = KINDS.into_iter().filter(|kind| !total.broken.contains_key(kind)).collect();
    assert!(never.is_empty(), "never broken: {never:?}");
}

/// Why a wrong request passed, or was refused for another reason; nothing where every one was refused as it should be.
fn broken(gate: &mut Gate, attempt: &Attempt) -> Result<(), String> {
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 32, ..Config::default() };
    let gate = std::cell::RefCell::new(gate);
    let run = TestRunner::new(config).run(&attempt.requests, |request| {
        let shown = request::shown(&request);
        match gate.borrow_mut().verdict(request) {
            Some(code) if attempt.codes.contains(&code.as_str()) => Ok(()),
            Some(code) => Err(TestCaseError::fail(format!("refused as {code}: {shown}"))),
            None => Err(TestCaseError::fail(format!("passed: {shown}"))),
        }
    });
    run.map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
}
