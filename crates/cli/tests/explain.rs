//! `portcullis explain` from the outside: what it prints is in `explain/NAME.out`, the exit code last. `UPDATE_GOLDEN=1` writes that.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "support/golden.rs"]
mod golden;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

/// A clerk, as jwt-auth has verified her.
const CLERK: &str = r#"{"sub": "cleo", "roles": ["clerk"], "status": "active", "tenant": "acme"}"#;
const MANAGER: &str = r#"{"sub": "mia", "roles": ["manager"], "status": "active", "groups": ["dev", "ops-shop"]}"#;

/// A token of the issuer `main`; more claims may follow.
const TOKEN: &str = "authorization: Bearer ${token(rs256, iss: https://id.example, aud: shop, sub: alice, exp: 300";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain")
}

fn explain(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.current_dir(folder()).arg("explain").args(arguments).output().unwrap()
}

/// Everything that is said of a request at a fixed time, and the exit code.
fn said(arguments: &[&str]) -> String {
    let output = explain(&[arguments, &["--native"]].concat());
    let text = [output.stdout, output.stderr].concat();
    format!("{}exit code {}\n", String::from_utf8(text).unwrap(), output.status.code().unwrap())
}

fn at_noon(arguments: &[&str]) -> String {
    said(&[arguments, &["--now", "2026-01-01T12:00:00Z"]].concat())
}

/// Whether `said` is what the file `golden` holds; it then does if it is to be updated.
fn is_golden(golden: &str, said: &str) -> bool {
    golden::holds(&folder().join(golden), said)
}

fn is_told(name: &str, arguments: &[&str]) {
    let said = at_noon(arguments);
    assert!(is_golden(&format!("{name}.out"), &said), "{name}:\n{said}");
}

#[test]
fn tells_what_rbac_decides() {
    for (name, arguments) in [
        ("allow", &["shop.yaml", "/orders/7", "--jwt", CLERK][..]),
        ("deny", &["shop.yaml", "/orders/7", "--jwt", r#"{"sub": "leo", "roles": ["clerk"], "status": "left"}"#]),
        ("deny_error", &["shop.yaml", "/orders/7", "--jwt", r#"{"sub": "ann", "roles": ["clerk"]}"#]),
        ("method", &["shop.yaml", "/orders/7", "-X", "PATCH", "--jwt", CLERK]),
        ("path", &["shop.yaml", "/order/7", "--jwt", CLERK]),
        ("host", &["shop.yaml", "http://www.shop.example/reports", "--jwt", MANAGER]),
        ("short_circuit", &["shop.yaml", "https://admin.shop.example/reports", "--jwt", CLERK]),
        ("macro", &["shop.yaml", "/reports", "--host", "admin.shop.example", "--jwt", MANAGER, "--source-ip", "192.0.2.1"]),
        ("roles_fail", &["shop.yaml", "/orders", "--peer", "spiffe://shop.example/web"]),
        ("shadow", &["shop.yaml", "/orders/7", "-X", "DELETE", "--jwt", CLERK]),
        ("log", &["shop.yaml", "/orders/7", "--jwt", CLERK, "--now", "2026-01-01T03:00:00Z"]),
        ("ambiguous_path", &["shop.yaml", "/orders/%2e%2e/health?token=x"]),
        ("method_override", &["shop.yaml", "/orders/7", "-H", "X-HTTP-Method-Override: DELETE", "--jwt", CLERK]),
        ("no_condition", &["shop.yaml", "/health"]),
        ("request_file", &["shop.yaml", "request.yaml", "-H", "x-tenant: globex"]),
    ] {
        let fixed = if arguments.contains(&"--now") { said(arguments) } else { at_noon(arguments) };
        assert!(is_golden(&format!("{name}.out"), &fixed), "{name}:\n{fixed}");
    }
}

#[test]
fn tells_what_input_validation_decides() {
    let json = ["-X", "POST", "-H", "content-type: application/json"];
    let order = |body| [&["intake.yaml", "/customers/7/orders"][..], &json, &["-d", body]].concat();
    is_told("valid", &order(r#"{"customer": "7", "items": [{"price": 2}]}"#));
    is_told("body_schema", &order(r#"{"customer": "7", "items": [{"price": -2}, {"name": "x"}]}"#));
    is_told("body_condition", &order(r#"{"customer": "8", "items": []}"#));
    is_told("body_malformed", &order(r#"{"customer": "7", "items": [}"#));
    is_told("query", &["intake.yaml", "/customers?page=0"]);
    is_told("no_rule", &["intake.yaml", "/customers/7/orders", "-X", "DELETE"]);
    is_told("header_repeated", &["intake.yaml", "/customers", "-H", "origin: a", "-H", "origin: b"]);
}

#[test]
fn tells_what_rate_limit_decides() {
    let key = ["limits.yaml", "/api/orders", "-H", "x-api-key: k1"];
    let weighing = |weight| [&key[..], &["-X", "POST", "-H", weight]].concat();
    is_told("limits", &weighing("x-weight: 4"));
    is_told("limits_fit", &weighing("x-weight: 1"));
    is_told("limits_untold", &weighing("x-weight: heavy"));
    is_told("limits_none", &["limits.yaml", "/"]);
}

#[test]
fn tells_what_jwt_auth_decides() {
    let header = |more: &str| format!("{TOKEN}{more})}}");
    is_told("verified", &["login.yaml", "/orders/7", "-H", &header("")]);
    is_told("expired", &["login.yaml", "/orders/7", "-H", &header(", exp: -61")]);
    is_told("audience", &["login.yaml", "/orders/7", "-H", &header(", aud: [billing, crm]")]);
    is_told("condition", &["login.yaml", "/orders/7", "-H", &header(", tenant: acme"), "-H", "x-tenant: globex"]);
    is_told("demands", &["login.yaml", "/payments", "-X", "POST", "-H", &header(", scope: pay, acr: pwd, auth_time: -30")]);
    is_told("no_token", &["login.yaml", "/orders/7"]);
    is_told("not_required", &["login.yaml", "/health", "-H", "x-user: admin"]);
    is_told("several_tokens", &["login.yaml", "/orders/7", "-H", &header(""), "-H", &header(", sub: bob")]);
    is_told("no_keys", &["remote.yaml", "/", "-H", &header("")]);
    is_told("fetched_keys", &["remote.yaml", "/", "-H", &header(""), "--jwks", "${jwks(rs256)}"]);
}

#[test]
fn tells_each_policy_of_a_chain() {
    let token = format!("{TOKEN}, roles: [clerk], status: active)}}");
    is_told("chain", &["shop.yaml", "--before", "login.yaml", "/orders/7", "-H", &token]);
    is_told("chain_refused", &["shop.yaml", "--before", "login.yaml", "/orders/7"]);
    is_told("case", &["shop.yaml", "--case", "a clerk changes an order, twice"]);
    is_told("case_step", &["shop.test.yaml", "--case", "a clerk changes an order, twice", "--step", "1"]);
}

#[test]
fn writes_json() {
    let expired = format!("{TOKEN}, exp: -61)}}");
    for (name, arguments) in [
        ("short_circuit", &["shop.yaml", "https://admin.shop.example/reports", "--jwt", CLERK][..]),
        ("shadow", &["shop.yaml", "/orders/7", "-X", "DELETE", "--jwt", CLERK]),
        ("expired", &["login.yaml", "/orders/7", "-H", &expired]),
        ("ambiguous_path", &["shop.yaml", "/orders//7"]),
        ("limits", &["limits.yaml", "/api/orders", "-X", "POST", "-H", "x-api-key: k1", "-H", "x-weight: 4"]),
    ] {
        let output = explain(&[arguments, &["--native", "--format", "json", "--now", "2026-01-01T12:00:00Z"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(serde_json::from_str::<Json>(&text).is_ok(), "{text}");
        assert!(is_golden(&format!("{name}.json"), &text), "{name}:\n{text}");
    }
}

#[test]
fn tells_no_part_of_a_credential() {
    let policy = folder().join("credentials.yaml");
    let secret = "c2VjcmV0LW9mLXRoZS1jbGllbnQ";
    for arguments in [
        vec!["-H", "authorization: Basic c2VjcmV0LW9mLXRoZS1jbGllbnQ"],
        vec!["-H", "authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0LW9mLXRoZS1jbGllbnQ"],
        vec!["-H", "cookie: a=b; session=eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0LW9mLXRoZS1jbGllbnQ"],
    ] {
        for format in ["text", "json"] {
            let path = "/a?token=eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0LW9mLXRoZS1jbGllbnQ";
            let said = at_noon(&[&[policy.to_str().unwrap(), path, "--format", format], arguments.as_slice()].concat());
            assert!(said.contains("hidden") && !said.contains(secret) && !said.contains(secret.get(..16).unwrap()), "{said}");
        }
    }
}

/// The variables of the plugin are those of the command.
#[test]
fn a_secret_of_the_environment_is_used_and_not_told() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let key = "c2hhcmVkLXNlY3JldC1zaGFyZWQtc2VjcmV0LXNoYXJlZC1zZWNyZXQ";
    let output = command
        .current_dir(folder())
        .args(["explain", "environment.yaml", "/", "--native", "--format", "json", "-H", "authorization: Bearer x.y.z"])
        .env("PORTCULLIS_TEST_KEYS", format!(r#"{{"keys":[{{"kty":"oct","alg":"HS256","k":"{key}"}}]}}"#))
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(text.contains("jwt_malformed") && !text.contains(key), "{text}");
    let output = explain(&["environment.yaml", "/", "--native"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text, "environment.yaml: providers.main.local_jwks.env: the environment variable is not set\n");
}

#[test]
fn what_is_wrong_is_told_in_a_line() {
    for (arguments, expected) in [
        (&["no_such.yaml", "/"][..], "no_such.yaml: "),
        (&["shop.yaml", "/", "--jwt", "[]"], "expected an object of claims such as `{\"sub\": \"ann\"}`"),
        (&["shop.yaml", "/", "-H", "x-a"], "expected a header such as `accept: text/html`"),
        (&["shop.yaml", "/", "--now", "noon"], "expected a time such as \"2026-01-01T00:00:00Z\""),
        (&["shop.yaml", "no_such_request.yaml"], "no_such_request.yaml: "),
        (&["shop.yaml", "--case", "a clerk changes an order twice"], "did you mean `a clerk changes an order, twice`?"),
        (
            &["shop.yaml", "--case", "a clerk changes an order, twice", "--step", "3"],
            "--step: the test has 2 requests, no request 3",
        ),
        (&["shop.yaml"], "<REQUEST>"),
        (&["../check/expressions.yaml", "/"], "policies[0].condition:1:9: unknown field"),
    ] {
        let output = explain(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

/// The modules that `make wasm` wrote.
#[test]
fn the_modules_say_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let token = format!("{TOKEN}, roles: [clerk], status: active)}}");
    let policies = ["crates/cli/tests/explain/shop.yaml", "--before", "crates/cli/tests/explain/login.yaml"];
    let output = command.current_dir(root).arg("explain").args(policies).args(["/orders/7", "-H", &token]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the modules that a proxy loads say the same"), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_page_about_it_shows_what_is_printed() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli/explain.md")).unwrap();
    let claims = r#"{"sub": "ann", "roles": ["clerk"], "tenants": ["globex"]}"#;
    let printed = at_noon(&["orders.yaml", "/acme/orders/7", "-X", "PUT", "--jwt", claims]);
    let (printed, _) = printed.rsplit_once("exit code").unwrap();
    let shown = format!("$ portcullis explain orders.yaml /acme/orders/7 -X PUT --jwt '{claims}'\n{printed}└─ the modules");
    assert!(page.contains(&shown), "{shown}");
}
