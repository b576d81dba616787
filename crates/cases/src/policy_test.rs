//! A case beside a policy: what the corpus calls a case, without what the policy and its file of tests say.

use std::collections::BTreeMap;
use std::time::Duration;

use portcullis_config::{ConfigError, from_value};
use serde::Deserialize;
use serde_json::Value;

use crate::case::{Before, Case, Expectation, HostKind, Instant, RequestSpec, ResponseSpec, Step, once, yes};
use crate::checks;
use crate::rate_limit_service::RateLimitServices;
use crate::secrets::Secrets;

/// What all cases of a policy have in common.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The policies that a request passes before the one that is tested, each by its plugin, with its configuration.
    pub before: Vec<(String, Value)>,
    /// The configuration that is tested.
    pub config: Value,
    /// Environment variables; a case may have more, or others.
    pub environment: BTreeMap<String, String>,
    /// Clusters; a case may have more, or others.
    pub clusters: BTreeMap<String, BTreeMap<String, String>>,
    /// Rate limit services; a case may have more, or others.
    pub rate_limit_services: RateLimitServices,
    /// Where the clock stands, unless a case says otherwise.
    pub now: Instant,
}

/// A case as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    /// The only request, with what must follow it.
    request: Option<RequestSpec>,
    response: Option<ResponseSpec>,
    expect: Option<Expectation>,
    #[serde(default)]
    requests: Vec<Step>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    clusters: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    rate_limit_services: RateLimitServices,
    now: Option<Instant>,
    #[serde(default = "yes")]
    native_crypto: bool,
    refused: Option<String>,
}

/// The case that `value` says in `setting`.
///
/// # Errors
/// When it is no case, or one that nothing can break; paths are as it is written.
pub fn policy_test(value: &Value, setting: &Setting) -> Result<Case, ConfigError> {
    let written: Written = from_value(value)?;
    let requests = match (written.request, written.expect, written.requests) {
        (None, None, requests) if written.response.is_none() => {
            let steps = requests.iter().enumerate();
            let checked = steps.map(|(number, step)| checks::check_step(step).map_err(|error| error.within_index(number)));
            ConfigError::gather(checked).map_err(|error| error.within("requests"))?;
            requests
        }
        (Some(request), Some(expect), requests) if requests.is_empty() => {
            let response = written.response.unwrap_or_default();
            let step = Step { request, response, expect, after: Duration::ZERO, times: once() };
            checks::check_step(&step)?;
            vec![step]
        }
        (None, Some(_), requests) if requests.is_empty() => return Err(ConfigError::at("", "missing field `request`")),
        (Some(_), None, requests) if requests.is_empty() => return Err(ConfigError::at("", "missing field `expect`")),
        _ => return Err(ConfigError::at("requests", "expected either these or one `request` with its `expect`")),
    };
    checks::check_outcome(written.refused.as_deref(), &requests)?;
    let mut case = Case {
        name: written.name,
        config: setting.config.clone(),
        before: setting.before.iter().map(|(plugin, config)| Before { plugin: plugin.clone(), config: config.clone() }).collect(),
        connection_manager: serde_json::Map::new(),
        environment: joined(&setting.environment, written.environment),
        clusters: joined(&setting.clusters, written.clusters),
        rate_limit_services: joined(&setting.rate_limit_services, written.rate_limit_services),
        now: written.now.unwrap_or(setting.now),
        native_crypto: written.native_crypto,
        forbidden: Vec::new(),
        refused: written.refused,
        requests,
        run_on: vec![HostKind::Native, HostKind::Wasm],
        run_on_reason: Some("tests of policies need no proxy".to_owned()),
        secrets: Secrets::default(),
    };
    case.expand()?;
    Ok(case)
}

/// What a case has, and else what all have.
fn joined<V: Clone>(all: &BTreeMap<String, V>, own: BTreeMap<String, V>) -> BTreeMap<String, V> {
    let mut joined = all.clone();
    joined.extend(own);
    joined
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn setting() -> Setting {
        let environment = BTreeMap::from([("A".to_owned(), "all".to_owned()), ("B".to_owned(), "all".to_owned())]);
        let (clusters, rate_limit_services) = Default::default();
        Setting { before: Vec::new(), config: json!({}), environment, clusters, rate_limit_services, now: Instant::default() }
    }

    fn error(case: Value) -> String {
        policy_test(&case, &setting()).expect_err("no case").to_string()
    }

    #[test]
    fn one_request_stands_for_a_list_of_one() {
        let case = json!({"name": "a", "request": {"path": "/a"}, "expect": {"status": 200}});
        let case = policy_test(&case, &setting()).expect("a case");
        assert_eq!((case.requests.len(), case.requests[0].request.path.as_str()), (1, "/a"));
    }

    #[test]
    fn a_case_has_its_own_variables_beside_those_of_all() {
        let case = json!({"name": "a", "environment": {"B": "own"}, "refused": "no"});
        let case = policy_test(&case, &setting()).expect("a case");
        assert_eq!((case.environment["A"].as_str(), case.environment["B"].as_str()), ("all", "own"));
    }

    #[test]
    fn an_error_has_the_place_as_it_is_written() {
        let ok = json!({"request": {}, "expect": {"status": 200}});
        for (case, expected) in [
            (json!({"request": {}, "expect": {"status": 200}}), "missing field `name`"),
            (json!({"name": "a"}), "expects neither a refusal nor an answer to a request"),
            (json!({"name": "a", "request": {}}), "missing field `expect`"),
            (json!({"name": "a", "expect": {"status": 200}}), "missing field `request`"),
            (json!({"name": "a", "request": {}, "expct": {}}), "unknown field `expct`; did you mean `expect`?"),
            (
                json!({"name": "a", "request": {"hedaers": {}}, "expect": {}}),
                "request: unknown field `hedaers`; did you mean `headers`?",
            ),
            (
                json!({"name": "a", "request": {"headers": {"x": 1}}, "expect": {}}),
                "request.headers.x: expected a string or a list of strings, found a number",
            ),
            (json!({"name": "a", "request": {}, "expect": {}}), "expect: expects nothing"),
            (
                json!({"name": "a", "requests": [ok, {"request": {}, "expect": {"statu": 1}}]}),
                "requests[1].expect: unknown field `statu`; did you mean `status`?",
            ),
            (
                json!({"name": "a", "request": {}, "expect": {"status": 200}, "requests": [ok]}),
                "requests: expected either these or one `request` with its `expect`",
            ),
            (
                json!({"name": "a", "request": {"headers": {"x": ["a", "${tokn(rs256)}"]}}, "expect": {"status": 200}}),
                "request.headers.x[1]: no function is called `tokn`; did you mean `token`?",
            ),
            (
                json!({"name": "a", "request": {"path": "/${token(rs257)}"}, "expect": {"status": 200}}),
                "request.path: no test key is called `rs257`; did you mean `rs256`?",
            ),
            (
                json!({"name": "a", "request": {}, "expect": {"upstream": {"request": {"headers": {"x": "${bytes(zz)}"}}}}}),
                "expect.upstream.request.headers.x: `zz` is no byte",
            ),
            (
                json!({"name": "a", "response": {"status": 401}, "requests": [ok]}),
                "requests: expected either these or one `request` with its `expect`",
            ),
            (json!({"name": "a", "now": "today", "refused": "no"}), "now: expected a time such as \"2026-01-01T00:00:00Z\""),
        ] {
            assert_eq!(error(case.clone()), expected, "{case}");
        }
    }
}
