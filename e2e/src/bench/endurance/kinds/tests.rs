use std::collections::BTreeSet;

use super::*;

const KNOWN: Moment = Moment { rotating: Rotating::Present, away: false };
const GONE: Moment = Moment { rotating: Rotating::Absent, away: false };
const AWAY: Moment = Moment { rotating: Rotating::Absent, away: true };

#[test]
fn every_kind_has_a_name_of_its_own_and_requests() {
    let kinds = all().unwrap();
    let names: BTreeSet<&str> = kinds.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), kinds.len());
    for Kind { name, weight, manner, expected, requests, .. } in &kinds {
        assert!(*weight > 0 && !requests.is_empty(), "{name}");
        assert_eq!(expected.is_empty(), matches!(manner, Manner::Abandoned(_)), "{name}");
    }
    assert!(names.contains(TIGHT));
}

#[test]
fn a_key_that_came_or_went_meanwhile_may_count_or_not() {
    let allows = |status, details, sent, answered| Expected::RotatingKey.allows(status, details, sent, answered);
    assert!(allows(200, "", KNOWN, KNOWN) && !allows(401, "jwt_unknown_key", KNOWN, KNOWN));
    assert!(!allows(200, "", GONE, GONE) && allows(401, "jwt_unknown_key", GONE, GONE));
    assert!(allows(200, "", GONE, KNOWN) && allows(401, "jwt_unknown_key", GONE, KNOWN));
}

#[test]
fn keys_are_unavailable_only_while_their_server_may_be_away() {
    let allows = |sent, answered| Expected::UnknownKey.allows(503, "jwks_unavailable", sent, answered);
    assert!(allows(AWAY, GONE) && allows(GONE, AWAY) && !allows(GONE, GONE));
    assert!(!PASSES.allows(503, "jwks_unavailable", AWAY, AWAY));
}
