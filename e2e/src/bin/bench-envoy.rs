//! `bench-envoy [ROUNDS]`: what our plugins and Envoy's own filters add to a request, in µs, side by side in one run.
//! `bench-envoy rbac [ROUNDS]`: the rows of `rbac` alone.
//! `bench-envoy input-validation [ROUNDS]`: the rows of `input-validation` alone.
//! `bench-envoy rate-limit [ROUNDS]`: the rows of `rate-limit` alone.
//! `bench-envoy rate-limit-exact`: what four workers admit in ten seconds that spend one limit of 2,000 in a second.
//! `bench-envoy rate-limit-memory [KEYS]`: Envoy's memory after a million distinct keys; takes minutes.
//! `bench-envoy bundle [ROUNDS]`: the bundle beside chains of plugins and of native filters.
//! `bench-envoy memory [TOKENS]`: Envoy's memory after a million distinct tokens; takes minutes.

use std::error::Error;
use std::fs;
use std::time::Duration;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::bench::{
    FirstRow, Modules, Plan, Plugin, Tokens, buffer, bundle_variants, first_requests, input_validation_variants, measure_exact,
    measure_keys, measure_memory, rate_limit_variants, rbac_variants, run, run_over, throughput, variants, with_first_requests,
};
use portcullis_e2e::envoy::workspace;
use portcullis_e2e::wall_clock;
use serde_json::{Value, json};

/// Distinct tokens of each algorithm: no cache of a reasonable size answers for them.
const TOKENS: usize = 2_000;

/// Distinct tokens where memory is measured.
const MANY_TOKENS: usize = 1_000_000;

/// Distinct keys of a limit where memory is measured.
const MANY_KEYS: usize = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["memory"] => memory(MANY_TOKENS),
        ["memory", tokens] => memory(tokens.parse()?),
        ["rbac"] => rbac(Plan::default()),
        ["rbac", rounds] => rbac(Plan { rounds: rounds.parse()?, ..Plan::default() }),
        ["input-validation"] => input_validation(Plan::default()),
        ["input-validation", rounds] => input_validation(Plan { rounds: rounds.parse()?, ..Plan::default() }),
        ["rate-limit"] => rate_limit(Plan::default()),
        ["rate-limit", rounds] => rate_limit(Plan { rounds: rounds.parse()?, ..Plan::default() }),
        ["rate-limit-exact"] => exact(),
        ["rate-limit-memory"] => keys(MANY_KEYS),
        ["rate-limit-memory", keys] => self::keys(keys.parse()?),
        ["bundle"] => bundle(Plan::default()),
        ["bundle", rounds] => bundle(Plan { rounds: rounds.parse()?, ..Plan::default() }),
        [] => costs(Plan::default()),
        [rounds] => costs(Plan { rounds: rounds.parse()?, ..Plan::default() }),
        _ => Err("usage: bench-envoy [bundle | rbac | input-validation | rate-limit] [ROUNDS] | bench-envoy memory [TOKENS] | bench-envoy rate-limit-exact | bench-envoy rate-limit-memory [KEYS]".into()),
    }
}

fn costs(plan: Plan) -> Result<(), Box<dyn Error>> {
    let tokens = tokens()?;
    let variants = variants(&tokens, &modules(&tokens));
    let report = run(&variants, &plan)?;
    print!("{report}");
    let first = first_requests(&with_first_requests(&variants), plan.rounds)?;
    println!("\n{}", FirstRow::HEAD);
    first.iter().for_each(|row| println!("{row}"));
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("envoy.json"), format!("{:#}\n", report.to_json()))?;
    let first: Value = first.iter().map(FirstRow::to_json).collect();
    fs::write(directory.join("first-requests.json"), format!("{first:#}\n"))?;
    println!();
    rbac(plan)?;
    println!();
    input_validation(plan)?;
    println!();
    rate_limit(plan)?;
    println!();
    bundle(plan)
}

fn bundle(plan: Plan) -> Result<(), Box<dyn Error>> {
    let report = run(&bundle_variants(&tokens()?, &workspace().join("target/wasm")), &plan)?;
    print!("{report}");
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("bundle.json"), format!("{:#}\n", report.to_json()))?;
    Ok(())
}

fn input_validation(plan: Plan) -> Result<(), Box<dyn Error>> {
    let module = workspace().join("target/wasm/input_validation.wasm");
    let variants = input_validation_variants(Some(module.as_path()).filter(|module| module.is_file()));
    let report = run_over(vec![buffer()], &variants, &plan)?;
    print!("{report}");
    throughput(&report).iter().for_each(|(name, rate)| println!("{name}: {rate:.0} MB/s"));
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("input-validation.json"), format!("{:#}\n", report.to_json()))?;
    Ok(())
}

fn rate_limit(plan: Plan) -> Result<(), Box<dyn Error>> {
    let [module, noop] = ["rate_limit.wasm", "noop.wasm"].map(|file| workspace().join("target/wasm").join(file));
    let built = |module: &'_ std::path::Path| module.is_file();
    let variants =
        rate_limit_variants(Some(module.as_path()).filter(|it| built(it)), Some(noop.as_path()).filter(|it| built(it)));
    let report = run(&variants, &plan)?;
    print!("{report}");
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("rate-limit.json"), format!("{:#}\n", report.to_json()))?;
    Ok(())
}

fn exact() -> Result<(), Box<dyn Error>> {
    let module = workspace().join("target/wasm/rate_limit.wasm");
    println!("{}", measure_exact(&module, 2_000, Duration::from_secs(10))?);
    Ok(())
}

fn keys(total: usize) -> Result<(), Box<dyn Error>> {
    let module = workspace().join("target/wasm/rate_limit.wasm");
    measure_keys(&module, total)?.iter().for_each(|growth| println!("{growth}"));
    Ok(())
}

fn rbac(plan: Plan) -> Result<(), Box<dyn Error>> {
    let module = workspace().join("target/wasm/rbac.wasm");
    let report = run(&rbac_variants(Some(module.as_path()).filter(|module| module.is_file())), &plan)?;
    print!("{report}");
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("rbac.json"), format!("{:#}\n", report.to_json()))?;
    Ok(())
}

fn memory(total: usize) -> Result<(), Box<dyn Error>> {
    let jwks = mint::key_set(&["hs256"])?;
    let provider = json!({ "algorithms": ["HS256"], "local_jwks": { "inline": jwks } });
    let configuration = json!({ "version": 1, "providers": { "main": provider }, "token_cache": { "max_entries": 1_000 } });
    let plugin = plugin("jwt_auth.wasm", configuration).ok_or("no `jwt_auth.wasm`: run `make wasm`")?;
    let now = wall_clock();
    let mint = |number| mint::token("hs256", &TokenSpec::parse(&format!("exp: 86400, jti: token-{number}"))?, now);
    measure_memory(&plugin, total, mint)?.iter().for_each(|growth| println!("{growth}"));
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
