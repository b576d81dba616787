//! What makes an expectation one that cannot fail: a case that has it is refused.

mod expressions;

use std::collections::BTreeMap;

use portcullis_config::{ConfigError, nearest};
use serde_json::Value;

use crate::case::{Case, Expectation, HostKind, Step, UpstreamExpectation};

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

/// A case that asserts something, on some host.
pub(crate) fn check(case: &Case) -> Result<(), ConfigError> {
    if case.run_on.is_empty() {
        return wrong("run_on", "no host runs the case");
    }
    if case.run_on.len() < 3 && case.run_on_reason.is_none() {
        return wrong("run_on", "opting out of a host wants a `run_on_reason`");
    }
    check_outcome(case.refused.as_deref(), &case.requests)?;
    if !case.clusters.is_empty() && case.run_on.contains(&HostKind::Envoy) {
        return wrong("clusters", "a real Envoy has its own");
    }
    if !case.rate_limit_services.is_empty() && case.run_on.contains(&HostKind::Envoy) {
        return wrong("rate_limit_services", "a real Envoy has its own");
    }
    for (number, step) in case.requests.iter().enumerate() {
        let at = |error: ConfigError| error.within_index(number).within("requests");
        check_step(step).map_err(at)?;
        if let Some(field) = step.request.simulated().filter(|_| case.run_on.contains(&HostKind::Envoy)) {
            return wrong(field, "a real Envoy has its own").map_err(|error| at(error.within("request")));
        }
        if !step.response.body.is_empty() && case.run_on.contains(&HostKind::Envoy) {
            return wrong("response.body", "a real Envoy's upstream has its own").map_err(at);
        }
        if step.response.unanswered && case.run_on.contains(&HostKind::Envoy) {
            return wrong("response.unanswered", "a real Envoy's upstream answers").map_err(at);
        }
    }
    Ok(())
}

/// That something is expected: of the configuration, or of requests.
pub(crate) fn check_outcome(refused: Option<&str>, requests: &[Step]) -> Result<(), ConfigError> {
    match (refused, requests) {
        (None, []) => wrong("", "expects neither a refusal nor an answer to a request"),
        (Some(_), [_, ..]) => wrong("refused", "a refused configuration answers no requests"),
        (Some(""), []) => wrong("refused", "every message holds the empty text"),
        _ => Ok(()),
    }
}

/// That something is expected of a request, and that whatever both say can be expanded.
pub(crate) fn check_step(step: &Step) -> Result<(), ConfigError> {
    check_expectation(&step.expect).map_err(|error| error.within("expect"))?;
    expressions::check(step)
}

fn check_expectation(expect: &Expectation) -> Result<(), ConfigError> {
    if *expect == Expectation::default() {
        return wrong("", "expects nothing");
    }
    if expect.body == Some(Value::Null) {
        return wrong("body", "null expects nothing");
    }
    check_names("headers", &expect.headers)?;
    if let Some(UpstreamExpectation::Request(request)) = &expect.upstream {
        check_names("upstream.request.headers", &request.headers)?;
        check_names("upstream.request.trailers", &request.trailers)?;
    }
    if let Some(name) = expect.filter_state.keys().find(|name| !FILTER_STATES.contains(&name.as_str())) {
        let error = ConfigError::at("", format!("the hosts show {}", FILTER_STATES.join(", ")));
        return Err(error.within_key(name).within("filter_state"));
    }
    expect.decision.as_ref().map_or(Ok(()), check_record)
}

fn check_names(at: &str, headers: &BTreeMap<String, Option<String>>) -> Result<(), ConfigError> {
    let Some(name) = headers.keys().find(|name| name.chars().any(char::is_uppercase)) else { return Ok(()) };
    let error = ConfigError::at("", "every header that is seen has a name in lower case");
    Err(error.within_key(name).within(at))
}

fn check_record(decision: &Value) -> Result<(), ConfigError> {
    match decision {
        Value::String(word) if word == "none" => Ok(()),
        Value::Object(members) => match members.keys().find(|name| !RECORD_MEMBERS.contains(&name.as_str())) {
            Some(name) => wrong("decision", &unknown_member(name)),
            None => Ok(()),
        },
        _ => wrong("decision", "expected members of a record, or `none`"),
    }
}

fn unknown_member(name: &str) -> String {
    match nearest(name, RECORD_MEMBERS) {
        Some(near) => format!("unknown field `{name}`; did you mean `{near}`?"),
        None => format!("unknown field `{name}`; a record has {}", RECORD_MEMBERS.join(", ")),
    }
}

fn wrong(at: &str, message: &str) -> Result<(), ConfigError> {
    Err(ConfigError::at(at, message))
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
        Case::parse(&document).map(drop).map_err(|error| error.to_string())
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
            (json!({"decision": {"resaon": null}}), "expect.decision: unknown field `resaon`; did you mean `reason`?"),
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
