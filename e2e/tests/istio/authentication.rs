//! RequestAuthentication: every row of the suite.
//!
//! Istio answers 403 where an audience is wrong, and 401 where keys are missing. jwt-auth says 401 and 503 there (no keys are no fault
//! of the client's), so refusals are compared as refusals, and the rows whose status differs are counted.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use portcullis_cli::import::istio::{Options, Workload};
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Response, Seen, echo, envoy};
use serde_json::Value;

use crate::template::{JWKS_URI, SERVICE};
use crate::{imported, rows};

/// Refusals whose status differs from Istio's, for the reasons above.
const OTHER_STATUS: usize = 3;

/// The policies of the rows, by the name of a listener: their template, and for which workload they are.
const POLICIES: [(&str, &str, Option<&str>); 11] = [
    ("authn-only", "authn-only", None),
    ("authn-authz", "authn-authz", None),
    ("forward", "forward", None),
    ("remote", "remote", None),
    ("timeout", "timeout", None),
    ("aud", "aud", None),
    ("invalid-jwks", "invalid-jwks", None),
    ("headers-params", "headers-params", None),
    ("in-mesh", "global-jwt", Some("app=svc-b")),
    ("ingress", "global-jwt", Some("istio=ingressgateway")),
    ("gateway-api", "gateway-jwt", None),
];

/// The listener that a row is about.
fn listener_of(id: &str) -> &str {
    match id.split('/').collect::<Vec<_>>().as_slice() {
        ["TestRequestAuthentication", group, ..] => group,
        ["TestIngressRequestAuthentication", _, name] if name.starts_with("in-mesh") => "in-mesh",
        ["TestIngressRequestAuthentication", ..] => "ingress",
        _ => "gateway-api",
    }
}

fn host_of(id: &str) -> String {
    let name = match id {
        _ if id.ends_with("on any.com") => "any-request-principal-ok",
        _ if id.ends_with("on other host") => "other",
        _ => "example",
    };
    format!("{name}.{SERVICE}.com")
}

fn options(workload: Option<&str>) -> Options {
    let cluster = |uri: &str, cluster: &str| (uri.to_owned(), cluster.to_owned());
    Options {
        workload: workload.map(|label| {
            let mut workload = Workload::default();
            workload.add(label).unwrap();
            workload
        }),
        clusters: BTreeMap::from([
            cluster(JWKS_URI, "keys"),
            cluster(&format!("{JWKS_URI}?delay=500ms"), "slow"),
            cluster("https://raw.githubusercontent.com/istio/istio/master/tests/common/jwt/jwks-not-exist.json", "nowhere"),
        ]),
        ..Options::default()
    }
}

fn start(suite: &Path, slow: &KeyServer, keys: &KeyServer, upstream: SocketAddr) -> Envoy {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let spec = EnvoySpec::default()
        .cluster("echo", upstream)
        .cluster("keys", keys.address())
        .cluster("slow", slow.address())
        .cluster("nowhere", nowhere)
        // Without any policy.
        .listener(Listener::new("no-authn-authz"));
    let spec = POLICIES.iter().fold(spec, |spec, (name, template, workload)| {
        let template = suite.join(format!("requestauthn_policies/{template}.yaml.tmpl"));
        spec.listener(imported(name, &[template], &options(*workload)))
    });
    Envoy::start(&spec).unwrap()
}

fn request_of(row: &Value) -> Request {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let request = Request::new(&text(&row["method"]), text(&row["path"])).header("host", host_of(row["id"].as_str().unwrap()));
    let lines = row["headers"].as_array().unwrap().iter();
    lines.fold(request, |request, line| request.header(&text(&line[0]), text(&line[1])))
}

/// What the row's Go source says that the upstream must see: `headers.Authorization: ""`, `"X-Jwt-Iss": "…"`.
fn check_upstream(row: &Value, request: &Request, response: &Response) -> Result<(), String> {
    let seen = Seen::of(response).map_err(|error| error.to_string())?;
    let sent = request.headers.iter().find(|(name, _)| name == "Authorization").map(|(_, value)| value.clone());
    let payload = sent.as_deref().and_then(|value| value.split(|byte| *byte == b'.').nth(1)).map(<[u8]>::to_vec);
    for check in row["upstream_header_checks"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let check = check.replace("map[string]string{", "").replace('}', "").replace("headers.Authorization,", "Authorization:");
        for pair in check.split(", ").map(str::trim).filter(|pair| pair.contains(':')) {
            let (name, value) = pair.split_once(':').unwrap();
            let name = name.trim().trim_matches('"').replace("headers.", "").to_ascii_lowercase();
            let expected = match value.trim().trim_end_matches(',').trim() {
                "\"\"" => None,
                value if value.starts_with("payload") => payload.clone(),
                value if value.contains("jwt.Token") => sent.clone(),
                value => Some(value.trim_matches('"').as_bytes().to_vec()),
            };
            if seen.headers.first(&name) != expected.as_deref() {
                return Err(format!("upstream header {name}: {:?}", seen.headers.first(&name).map(String::from_utf8_lossy)));
            }
        }
    }
    Ok(())
}

#[test]
fn request_authentication_cases_end_as_in_istio() {
    let Some(suite) = portcullis_suites::path("istio") else { return };
    if !envoy::is_installed().unwrap() {
        return;
    }
    let jwks = fs::read_to_string(suite.join("jwt/tests_common_jwks.json")).unwrap();
    let keys = KeyServer::start(Behaviour::Serve(jwks.clone())).unwrap();
    let slow = KeyServer::start(Behaviour::ServeAfter(Duration::from_millis(500), jwks)).unwrap();
    let upstream = echo::start().unwrap();
    let envoy = start(&suite, &slow, &keys, upstream.address());

    let rows = rows(&suite.join("requestauthn_cases.jsonl"));
    let (mut other_status, mut failures) = (0, Vec::new());
    for row in &rows {
        let (id, expected) = (row["id"].as_str().unwrap(), row["expect_status_code"].as_u64().unwrap());
        let request = request_of(row);
        let response = envoy.send(listener_of(id), &request).unwrap();
        let outcome = match (expected, response.status) {
            (200, 200) => check_upstream(row, &request, &response),
            (200, status) => Err(format!("refused with {status}")),
            (_, 200) => Err("allowed".to_owned()),
            (expected, status) => {
                other_status += usize::from(expected != u64::from(status));
                Ok(())
            }
        };
        failures.extend(outcome.err().map(|reason| format!("{id}: {reason}")));
    }
    let agree = rows.len() - failures.len();
    println!("istio RequestAuthentication: {agree} of {} rows, {other_status} refused with another status", rows.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!((rows.len(), other_status), (49, OTHER_STATUS));
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
