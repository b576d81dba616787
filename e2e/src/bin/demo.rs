//! `make demo`: a stock Envoy with `jwt_auth.wasm`, requests that pass and requests that do not.

use std::error::Error;
use std::process::ExitCode;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::table::{Row, Table};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Seen, echo, wall_clock};
use portcullis_host_tests::corpus::module_path;
use serde_json::{Value, json};

/// A request in words, the `authorization` lines that it carries, and the answer that it should get.
type Try = (&'static str, Vec<&'static str>, u16, &'static str);

const PATH: &str = "/orders";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let upstream = echo::start()?;
    let config = configuration()?;
    let module = module_path("jwt-auth");
    let plugin = wasm_filter(&WasmFilter::new("jwt-auth", &module, &config));
    let listener = Listener::new("demo").filter(plugin).details_header("x-observed-details");
    let envoy = Envoy::start(&EnvoySpec::default().cluster("echo", upstream.address()).listener(listener))?;

    println!("Envoy {} with {}:\n", envoy.listener_addr("demo")?, module.display());
    let mut table = Table::default();
    for (request, tokens, status, reason) in tries() {
        table.push(row(&envoy, request, PATH, &tokens, status, reason)?);
    }
    table.push(row(&envoy, "/healthz without a token", "/healthz", &[], 200, "no user")?);
    println!("{table}");
    envoy.wasm_failures()?.iter().for_each(|failure| println!("a VM failed: {failure}"));
    Ok(table.exit_code())
}

fn configuration() -> Result<Value, String> {
    Ok(json!({
        "version": 1,
        "providers": { "main": {
            "issuer": "https://id.example",
            "audiences": ["orders"],
            "local_jwks": { "inline": mint::key_set(&["rs256", "es256", "eddsa"])? },
            "claim_to_headers": [{ "header_name": "x-user", "claim_name": "sub" }],
        } },
        "rules": [{ "name": "health", "match": { "paths": ["/healthz"] }, "requires": "none" }],
        "on_no_match": { "provider_name": "main" },
    }))
}

/// Tokens are `KEY` or `KEY, what is special`, as in the corpus.
fn tries() -> Vec<Try> {
    vec![
        ("no token", vec![], 401, "jwt_missing"),
        ("a good RS256 token", vec!["rs256"], 200, "x-user: alice"),
        ("a good ES256 token", vec!["es256"], 200, "x-user: alice"),
        ("a good EdDSA token", vec!["eddsa, sub: bob"], 200, "x-user: bob"),
        ("an expired token", vec!["rs256, exp: -3600"], 401, "jwt_expired"),
        ("a token that is not yet valid", vec!["rs256, nbf: 200"], 401, "jwt_not_yet_valid"),
        ("a token of another issuer", vec!["rs256, iss: 'https://evil.example'"], 401, "jwt_issuer"),
        ("a token for another audience", vec!["rs256, aud: billing"], 401, "jwt_audience"),
        ("a token with another payload", vec!["rs256, tamper: payload"], 401, "jwt_signature"),
        ("a token with `alg: none`", vec!["rs256, header: {alg: none}, tamper: strip_signature"], 401, "jwt_algorithm"),
        ("HS256 with the RSA public key", vec!["hs256_by_rsa_modulus, header: {kid: rs256}"], 401, "jwt_algorithm"),
        ("two `authorization` headers", vec!["rs256", "rs256, sub: mallory"], 400, "jwt_multiple_tokens"),
        ("an unknown `kid`", vec!["rs256, header: {kid: gone}"], 401, "jwt_unknown_key"),
    ]
}

fn row(envoy: &Envoy, words: &str, path: &str, tokens: &[&str], status: u16, reason: &str) -> Result<Row, Box<dyn Error>> {
    let mut request = Request::get(path).header("host", "shop.example").header("x-user", "root");
    for token in tokens {
        request = request.header("authorization", format!("Bearer {}", minted(token)?));
    }
    let response = envoy.send("demo", &request)?;
    let upstream = Seen::of(&response).ok();
    let user = upstream.as_ref().map(|seen| seen.headers.first("x-user").map(String::from_utf8_lossy));
    Ok(Row {
        request: words.to_owned(),
        expected: status,
        status: response.status,
        reason: match user {
            Some(Some(user)) => format!("upstream sees x-user: {user}"),
            Some(None) => "upstream sees no user".to_owned(),
            None => response.header("x-observed-details").unwrap_or_default(),
        },
        expected_reason: Some(reason.to_owned()),
    })
}

fn minted(token: &str) -> Result<String, String> {
    let (key, rest) = token.split_once(',').unwrap_or((token, ""));
    let now = wall_clock();
    mint::token(key, &TokenSpec::parse(rest)?, now)
}
