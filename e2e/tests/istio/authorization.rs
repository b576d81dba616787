//! AuthorizationPolicy: the rows of the suite that need nothing but HTTP.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis_cli::import::istio::Options;
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, echo, envoy};
use serde_json::{Value, json};

use crate::template::{JWKS_URI, SERVICE};
use crate::{imported, rows};

/// The rows that are about HTTP alone and say themselves whether the request passes.
fn http_rows(suite: &Path) -> Vec<Value> {
    let is_meant = |row: &Value| row["http_only"] == json!(true) && row["allow_is_literal"] == json!(true);
    rows(&suite.join("authz_cases.jsonl")).into_iter().filter(is_meant).collect()
}

fn policy_files(row: &Value) -> Vec<&str> {
    row["policy_files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().rsplit('/').next().unwrap()).collect()
}

/// As the suite's own clusters are: clients connect themselves, but for those in front of the ingress gateway.
fn listener(suite: &Path, files: &[&str]) -> Listener {
    let options = Options {
        namespace: Some("echo".to_owned()),
        direct_clients: true,
        clusters: [(JWKS_URI.to_owned(), "keys".to_owned())].into(),
        ..Options::default()
    };
    let templates: Vec<PathBuf> = files.iter().map(|file| suite.join("authz_policies").join(file)).collect();
    let hops = usize::from(files.contains(&"ingress-gateway.yaml.tmpl"));
    imported(&files.join(" "), &templates, &options)
        .connection_manager("use_remote_address", json!(true))
        .connection_manager("xff_num_trusted_hops", json!(hops))
}

fn request(row: &Value) -> Request {
    let text = |field: &str| row[field].as_str().filter(|text| !text.is_empty());
    // `fmt.Sprintf("allow.%s.com", to.Config().Service)`
    let formatted = row["host"]["go"].as_str().map(|go| go.split('"').nth(1).unwrap().replace("%s", SERVICE));
    let host = text("host").map(str::to_owned).or(formatted).unwrap_or_else(|| SERVICE.to_owned());
    let request = Request::new(text("method").unwrap_or("GET"), text("path").unwrap_or("/")).header("host", host);
    let token = text("jwt").map(|token| ("authorization", format!("Bearer {token}")));
    let client = text("ip").map(|address| ("x-forwarded-for", address.to_owned()));
    let request = token.into_iter().chain(client).fold(request, |request, (name, value)| request.header(name, value));
    let lines = row["headers"].as_array().into_iter().flatten();
    lines.fold(request, |request, line| request.header(line[0].as_str().unwrap(), line[1].as_str().unwrap()))
}

#[test]
fn authorization_policy_cases_end_as_in_istio() {
    let Some(suite) = portcullis_suites::path("istio") else { return };
    if !envoy::is_installed().unwrap() {
        return;
    }
    let rows = http_rows(&suite);
    let sets: BTreeSet<Vec<&str>> = rows.iter().map(policy_files).collect();
    let keys = KeyServer::start(Behaviour::Serve(fs::read_to_string(suite.join("jwt/tests_common_jwks.json")).unwrap())).unwrap();
    let upstream = echo::start().unwrap();
    let spec = EnvoySpec::default().cluster("echo", upstream.address()).cluster("keys", keys.address());
    let spec = sets.iter().fold(spec, |spec, files| spec.listener(listener(&suite, files)));
    let envoy = Envoy::start(&spec).unwrap();

    let wrong = |row: &Value| {
        let status = envoy.send(&policy_files(row).join(" "), &request(row)).unwrap().status;
        let expected = if row["allow"].as_bool().unwrap() { 200 } else { 403 };
        (status != expected).then(|| format!("{}: {status} in place of {expected}", row["id"]))
    };
    let failures: Vec<String> = rows.iter().filter_map(wrong).collect();
    println!(
        "istio AuthorizationPolicy: {} of {} rows, {} sets of policies",
        rows.len() - failures.len(),
        rows.len(),
        sets.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(rows.len(), 97);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
