use serde_json::json;

use super::*;

fn all(expect: Value, seen: &Observed, growth: &BTreeMap<String, i64>) -> Vec<String> {
    let expect: Expectation = serde_json::from_value(expect).expect("an expectation");
    differences(&expect, seen, growth)
}

/// What differs, without the reasons.
fn found(expect: Value, seen: &Observed) -> Vec<String> {
    let mut found = all(expect, seen, &BTreeMap::new());
    found.retain(|line| !line.starts_with(' '));
    found
}

fn reached() -> Observed {
    Observed { upstream: Some(UpstreamSaw::default()), upstream_requests: 1, ..Observed::default() }
}

#[test]
fn a_body_is_compared_whole() {
    let seen = Observed { body: br#"{"type":"t","status":401,"reason":"jwt_expired"}"#.to_vec(), ..Observed::default() };
    assert_eq!(found(json!({"body": {"type": "t", "status": 401, "reason": "jwt_expired"}}), &seen).len(), 0);
    assert_eq!(found(json!({"body": {"type": "t", "status": 401}}), &seen).len(), 1);
    assert_eq!(found(json!({"body": "no"}), &seen).len(), 1);
}

#[test]
fn nothing_upstream_is_what_the_upstream_counts() {
    let nothing = json!({"upstream": "nothing"});
    assert_eq!(found(nothing.clone(), &Observed::default()).len(), 0);
    assert_eq!(found(nothing.clone(), &reached()).len(), 1);
    assert_eq!(found(nothing.clone(), &Observed { upstream_requests: 1, ..Observed::default() }).len(), 1);
    assert_eq!(found(nothing, &Observed { upstream_requests: 0, ..reached() }).len(), 1);
}

#[test]
fn a_request_upstream_is_counted_once() {
    let request = json!({"upstream": {"request": {}}});
    assert_eq!(found(request.clone(), &reached()).len(), 0);
    assert_eq!(found(request.clone(), &Observed { upstream_requests: 2, ..reached() }).len(), 1);
    assert_eq!(found(request.clone(), &Observed { upstream: None, ..reached() }).len(), 1);
    assert_eq!(found(request, &Observed::default()).len(), 1);
}

#[test]
fn one_record_a_request_and_it_must_match() {
    let seen = |decisions: &[Value]| Observed { decisions: decisions.to_vec(), ..Observed::default() };
    let (good, bad) = (json!({"reason": "a", "rule": "r"}), json!({"reason": "b"}));
    let expect = json!({"decision": {"reason": "a"}});
    assert_eq!(found(expect.clone(), &seen(std::slice::from_ref(&good))).len(), 0);
    assert_eq!(found(expect.clone(), &seen(std::slice::from_ref(&bad))).len(), 1);
    assert_eq!(found(expect.clone(), &seen(&[bad, good.clone()])).len(), 1);
    assert_eq!(found(expect, &seen(&[])).len(), 1);
    assert_eq!(found(json!({"decision": "none"}), &seen(&[])).len(), 0);
    assert_eq!(found(json!({"decision": "none"}), &seen(std::slice::from_ref(&good))).len(), 1);
    assert_eq!(found(json!({"status": 0}), &seen(std::slice::from_ref(&good))).len(), 0);
    assert_eq!(found(json!({"status": 0}), &seen(&[good.clone(), good])).len(), 1);
}

#[test]
fn the_claims_of_a_record_are_compared_whole() {
    let seen = Observed { decisions: vec![json!({"reason": "a", "claims": {"iss": "i", "email": "e"}})], ..Observed::default() };
    assert_eq!(found(json!({"decision": {"claims": {"iss": "i", "email": "e"}}}), &seen).len(), 0);
    assert_eq!(found(json!({"decision": {"claims": {"iss": "i"}}}), &seen).len(), 1);
    assert_eq!(found(json!({"decision": {"claims": null}}), &seen).len(), 1);
    assert_eq!(found(json!({"decision": {"reason": "a"}}), &seen).len(), 0);
}

#[test]
fn what_a_host_does_not_show_is_a_difference() {
    let seen = Observed::default();
    assert_eq!(found(json!({"details": "portcullis_jwt_missing"}), &seen).len(), 1);
    assert_eq!(found(json!({"filter_state": {"portcullis_subject": null}}), &seen).len(), 1);
}

#[test]
fn every_difference_is_a_line_in_words() {
    let record = json!({"plugin": "rbac", "outcome": "denied", "reason": "rbac_denied", "rule": "no-guests"});
    let seen = Observed {
        status: 403,
        headers: vec![("x-a".to_owned(), b"1".to_vec()), ("x-a".to_owned(), b"2".to_vec())],
        body: br#"{"title":"Forbidden","status":403}"#.to_vec(),
        decisions: vec![record],
        ..Observed::default()
    };
    let expect = json!({
        "status": 200,
        "headers": {"x-a": "1", "x-b": "3", "x-c": null},
        "body": {"title": "Forbidden", "status": 401, "detail": "d"},
        "upstream": {"request": {}},
        "metrics": {"m": 1},
        "decision": {"reason": "rbac_error", "subject": "ann"},
    });
    let grew = BTreeMap::from([("portcullis.decisions.rbac.denied.rbac_denied".to_owned(), 1)]);
    let expected = r#"status: expected 200, found 403
decision.reason: expected "rbac_error", found "rbac_denied"
decision.subject: expected "ann", found nothing
upstream: expected a request, found none
  rbac denied it: rbac_denied, rule "no-guests"
response header x-a: expected "1", found "1 | 2"
response header x-b: expected "3", found nothing
body.detail: expected "d", found nothing
body.status: expected 401, found 403
metric m: expected +1, found +0
  what grew: portcullis.decisions.rbac.denied.rbac_denied +1"#;
    assert_eq!(all(expect, &seen, &grew).join("\n"), expected);
}
