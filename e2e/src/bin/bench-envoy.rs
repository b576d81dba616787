//! `bench-envoy [ROUNDS]`: what our plugins and Envoy's own filters add to a request, in µs, side by side in one run.

use std::error::Error;
use std::fs;

use portcullis_e2e::bench::{Modules, Plan, Plugin, Tokens, run, variants};
use portcullis_e2e::envoy::workspace;
use portcullis_e2e::wall_clock;
use portcullis_host_tests::mint::{self, TokenSpec};
use serde_json::{Value, json};

/// Distinct tokens of each algorithm: no cache of a reasonable size answers for them.
const TOKENS: usize = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(Plan::default().rounds), |rounds| rounds.parse())?;
    let tokens = tokens()?;
    let report = run(&variants(&tokens, &modules(&tokens)), &Plan { rounds, ..Plan::default() })?;
    print!("{report}");
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("envoy.json"), format!("{:#}\n", report.to_json()))?;
    Ok(())
}

fn modules(tokens: &Tokens) -> Modules {
    let provider = json!({ "issuer": tokens.issuer, "local_jwks": { "inline_string": tokens.jwks }, "forward": true });
    let jwt_auth =
        |max_entries| json!({ "version": 1, "providers": { "main": provider }, "token_cache": { "max_entries": max_entries } });
    Modules {
        noop: plugin("noop.wasm", json!({})),
        noop_unpruned: plugin("unpruned/noop.wasm", json!({})),
        jwt_auth: plugin("jwt_auth.wasm", jwt_auth(0)),
        jwt_auth_cached: plugin("jwt_auth.wasm", jwt_auth(1_000)),
    }
}

fn plugin(file: &str, configuration: Value) -> Option<Plugin> {
    let module = workspace().join("target/wasm").join(file);
    module.is_file().then_some(Plugin { module, configuration })
}

fn tokens() -> Result<Tokens, String> {
    Ok(Tokens {
        issuer: "https://id.example".to_owned(),
        jwks: mint::key_set(&["rs256", "es256"])?.to_string(),
        kinds: vec![
            ("RS256".to_owned(), minted("rs256", "")?),
            ("ES256".to_owned(), minted("es256", "")?),
            ("RS256, RFC 9068".to_owned(), minted("rs256", ACCESS_TOKEN)?),
            ("ES256, RFC 9068".to_owned(), minted("es256", ACCESS_TOKEN)?),
        ],
    })
}

/// What the profile for access tokens has beyond the few claims of the others: RFC 9068 sections 2.1 to 2.2.3, with the values of
/// its example where it has them.
const ACCESS_TOKEN: &str = "
    header: {typ: at+jwt}, client_id: s6BhdRkqt3, auth_time: -60, acr: '1', amr: [pwd, otp],
    scope: openid profile reademail, groups: [staff, oncall], roles: [reader, editor],
    entitlements: ['orders:read', 'orders:write']";

fn minted(key: &str, more: &str) -> Result<Vec<String>, String> {
    let now = wall_clock();
    let token = |number| mint::token(key, &TokenSpec::parse(&format!("exp: 86400, jti: token-{number}, {more}"))?, now);
    (0..TOKENS).map(token).collect()
}
