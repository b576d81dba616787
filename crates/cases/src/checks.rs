//! What makes an expectation one that cannot fail: a case that has it is refused.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::{Case, Expectation, HostKind, UpstreamExpectation};

/// The filter state that every host shows.
pub const FILTER_STATES: [&str; 3] = ["portcullis_identity", "portcullis_policy", "portcullis_subject"];

/// What a decision record can say: an expectation of anything else is a typing error.
const RECORD_MEMBERS: [&str; 14] = [
    "time",
    "level",
    "plugin",
    "outcome",
    "reason",
    "detail",
    "rule",
    "shadow",
    "method",
    "host",
    "path",
    "subject",
    "claims",
    "request_id",
];

/// A case as it is written, before absent and null are the same.
pub(crate) fn check_document(document: &Value) -> Result<(), String> {
    let steps = document.get("requests").and_then(Value::as_array).into_iter().flatten();
    for (number, step) in steps.enumerate() {
        let members = step.get("expect").and_then(Value::as_object).into_iter().flatten();
        if let Some((name, _)) = members.into_iter().find(|(_, expected)| expected.is_null()) {
            return Err(format!("requests[{number}].expect.{name}: null expects nothing"));
        }
    }
    Ok(())
}

/// A case that asserts something, on some host.
pub(crate) fn check(case: &Case) -> Result<(), String> {
    if case.run_on.is_empty() {
        return Err("run_on: no host runs the case".to_owned());
    }
    if case.run_on.len() < 3 && case.run_on_reason.is_none() {
        return Err("opting out of a host wants a `run_on_reason`".to_owned());
    }
    match (&case.refused, case.requests.as_slice()) {
        (None, []) => return Err("expects neither a refusal nor an answer to a request".to_owned()),
        (Some(_), [_, ..]) => return Err("a refused configuration answers no requests".to_owned()),
        (Some(message), []) if message.is_empty() => return Err("refused: every message holds the empty text".to_owned()),
        _ => {}
    }
    if !case.clusters.is_empty() && case.run_on.contains(&HostKind::Envoy) {
        return Err("clusters: a real Envoy has its own".to_owned());
    }
    for (number, step) in case.requests.iter().enumerate() {
        let at = |error| format!("requests[{number}].{error}");
        check_expectation(&step.expect).map_err(at)?;
        if let Some(field) = step.request.simulated().filter(|_| case.run_on.contains(&HostKind::Envoy)) {
            return Err(at(format!("request.{field}: a real Envoy has its own")));
        }
    }
    Ok(())
}

fn check_expectation(expect: &Expectation) -> Result<(), String> {
    if *expect == Expectation::default() {
        return Err("expect: expects nothing".to_owned());
    }
    check_names("expect.headers", &expect.headers)?;
    if let Some(UpstreamExpectation::Request(request)) = &expect.upstream {
        check_names("expect.upstream.request.headers", &request.headers)?;
        check_names("expect.upstream.request.trailers", &request.trailers)?;
    }
    if let Some(name) = expect.filter_state.keys().find(|name| !FILTER_STATES.contains(&name.as_str())) {
        return Err(format!("expect.filter_state.{name}: the hosts show {}", FILTER_STATES.join(", ")));
    }
    expect.decision.as_ref().map_or(Ok(()), check_record)
}

fn check_names(at: &str, headers: &BTreeMap<String, Option<String>>) -> Result<(), String> {
    let upper = headers.keys().find(|name| name.chars().any(char::is_uppercase));
    upper.map_or(Ok(()), |name| Err(format!("{at}.{name}: every header that is seen has a name in lower case")))
}

fn check_record(decision: &Value) -> Result<(), String> {
    match decision {
        Value::String(word) if word == "none" => Ok(()),
        Value::Object(members) => match members.keys().find(|name| !RECORD_MEMBERS.contains(&name.as_str())) {
            Some(name) => Err(format!("expect.decision.{name}: no record has such a member")),
            None => Ok(()),
        },
        _ => Err("expect.decision: neither `none` nor members of a record".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case(members: Value) -> Result<(), String> {
        let mut document = json!({"name": "a case", "config": {}});
        for (name, member) in members.as_object().expect("members") {
            document[name] = member.clone();
        }
        check_document(&document)?;
        check(&serde_json::from_value(document).map_err(|error| error.to_string())?)
    }

    fn expecting(expect: Value) -> Result<(), String> {
        case(json!({"requests": [{"request": {}, "expect": expect}]}))
    }

    #[test]
    fn an_expectation_that_asserts_something_is_one() {
        for expect in [
            json!({"status": 200}),
            json!({"upstream": "nothing"}),
            json!({"decision": "none"}),
            json!({"filter_state": {"portcullis_subject": null}}),
            json!({"headers": {"x-a": null}, "upstream": {"request": {"headers": {"x-user": null}}}}),
        ] {
            assert_eq!(expecting(expect.clone()), Ok(()), "{expect}");
        }
    }

    #[test]
    fn an_expectation_that_cannot_fail_is_refused() {
        for (expect, at) in [
            (json!({}), "expect: "),
            (json!({"headers": {}}), "expect: "),
            (json!({"body": null}), "expect.body: "),
            (json!({"status": 200, "decision": null}), "expect.decision: "),
            (json!({"headers": {"X-Why": null}}), "expect.headers.X-Why: "),
            (json!({"upstream": {"request": {"headers": {"X-User": null}}}}), "expect.upstream.request.headers.X-User: "),
            (json!({"upstream": {"request": {"trailers": {"X-User": null}}}}), "expect.upstream.request.trailers.X-User: "),
            (json!({"filter_state": {"portcullis_user": null}}), "expect.filter_state.portcullis_user: "),
            (json!({"decision": {"resaon": null}}), "expect.decision.resaon: "),
            (json!({"decision": "nothing"}), "expect.decision: "),
        ] {
            let error = expecting(expect.clone()).expect_err("refused");
            assert!(error.starts_with(&format!("requests[0].{at}")), "{expect}: {error}");
        }
    }

    #[test]
    fn a_case_that_nothing_can_break_is_refused() {
        assert!(case(json!({})).is_err());
        assert!(case(json!({"refused": ""})).is_err());
        let requests = json!([{"request": {}, "expect": {"status": 200}}]);
        assert!(case(json!({"requests": requests, "refused": "no"})).is_err());
        assert!(case(json!({"requests": requests, "run_on": [], "run_on_reason": "none"})).is_err());
        assert!(case(json!({"requests": requests, "run_on": ["native"]})).is_err());
    }

    #[test]
    fn attributes_are_for_hosts_that_take_them() {
        let requests = json!([{"request": {"attributes": {"connection.mtls": "1"}}, "expect": {"status": 200}}]);
        assert!(case(json!({"requests": requests})).is_err());
        assert_eq!(case(json!({"requests": requests, "run_on": ["native", "wasm"], "run_on_reason": "no TLS"})), Ok(()));
    }
}
