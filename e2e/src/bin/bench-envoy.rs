//! `bench-envoy [ROUNDS]`: what our plugins and Envoy's own filters add to a request, in µs, side by side.
//! `bench-envoy NAME [ROUNDS]`: one table of it; `bench-envoy list` names them.
//! `bench-envoy report [ROUNDS]`: all of it, and `docs/performance.md`.
//! `bench-envoy first [ROUNDS]`: the first request after the start.
//! `bench-envoy processes`: sizes, memory, times to be ready, latencies.
//! `bench-envoy rate-limit-exact`: what four workers admit in ten seconds that spend one limit of 2,000 in a second.
//! `bench-envoy rate-limit-memory [KEYS]`: Envoy's memory after a million distinct keys; takes minutes.
//! `bench-envoy endurance [SECONDS]`: ten minutes of good and hostile traffic, reloads and outages; fails when anything is wrong.
//! `bench-envoy memory [TOKENS]`: Envoy's memory after a million distinct tokens; takes minutes.

use std::error::Error;
use std::fs;
use std::time::Duration;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::bench::{
    FirstRow, Plan, Report, Results, Section, Subjects, Tokens, endure, facts, first_requests, measure_exact, measure_keys,
    measure_memory, sections, with_first_requests, write_page,
};
use portcullis_e2e::envoy::workspace;
use portcullis_e2e::wall_clock;
use serde_json::{Value, json};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Distinct tokens of each algorithm: no cache of a reasonable size answers for them.
const TOKENS: usize = 2_000;

/// Distinct tokens, or keys of a limit, where memory is measured.
const MANY: usize = 1_000_000;

/// How often all of it is measured for the report.
const REPORT_ROUNDS: usize = 3;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["list"] => {
            sections(&subjects()?).iter().for_each(|section| println!("{}", section.name));
            Ok(())
        }
        ["report"] => report(REPORT_ROUNDS),
        ["report", rounds] => report(rounds.parse()?),
        ["first"] => first(Plan::default().rounds).map(drop),
        ["first", rounds] => first(rounds.parse()?).map(drop),
        ["processes"] => save("processes", &facts(&subjects()?)?.to_json()),
        ["endurance"] => endurance(600),
        ["endurance", seconds] => endurance(seconds.parse()?),
        ["memory"] => memory(MANY),
        ["memory", tokens] => memory(tokens.parse()?),
        ["rate-limit-exact"] => exact(),
        ["rate-limit-memory"] => keys(MANY),
        ["rate-limit-memory", keys] => self::keys(keys.parse()?),
        [] => costs(&subjects()?, &Plan::default()).map(drop),
        [name] if name.parse::<usize>().is_err() => one(name, Plan::default().rounds),
        [name, rounds] => one(name, rounds.parse()?),
        [rounds] => costs(&subjects()?, &Plan { rounds: rounds.parse()?, ..Plan::default() }).map(drop),
        _ => Err("usage: bench-envoy [report | list | first | processes | endurance | memory | rate-limit-exact | rate-limit-memory | NAME] [ROUNDS]".into()),
    }
}

/// The table of this name.
fn one(name: &str, rounds: usize) -> Outcome {
    let subjects = subjects()?;
    let sections = sections(&subjects);
    let section = sections.iter().find(|section| section.name == name).ok_or_else(|| format!("no table is called `{name}`"))?;
    measure(section, &Plan { rounds, ..Plan::default() }).map(drop)
}

fn costs(subjects: &Subjects, plan: &Plan) -> Outcome<Vec<(Section, Report)>> {
    let measured = sections(subjects).into_iter().map(|section| {
        let report = measure(&section, plan)?;
        Ok((section, report))
    });
    measured.collect()
}

fn measure(section: &Section, plan: &Plan) -> Outcome<Report> {
    let report = section.run(plan)?;
    println!("{}\n\n{report}", section.title);
    save(section.name, &report.to_json())?;
    Ok(report)
}

/// The page is written after each table: what was measured stays, should the rest fail.
fn report(rounds: usize) -> Outcome {
    let subjects = subjects()?;
    // So many rows in a bearable time.
    let plan = Plan { rounds, limit: Duration::from_secs(1), ..Plan::default() };
    let mut results = Results { rounds, first: first(rounds)?, ..Results::default() };
    let measured = |results: &mut Results, section: Section| -> Outcome {
        let report = measure(&section, &plan)?;
        results.sections.push((section, report));
        write_page(results, &workspace().join("docs"))
    };
    // What grows takes the longest.
    let (growing, others): (Vec<_>, Vec<_>) = sections(&subjects).into_iter().partition(|section| section.axis.is_some());
    others.into_iter().try_for_each(|section| measured(&mut results, section))?;
    results.facts = facts(&subjects)?;
    save("processes", &results.facts.to_json())?;
    growing.into_iter().try_for_each(|section| measured(&mut results, section))
}

fn first(rounds: usize) -> Outcome<Vec<FirstRow>> {
    let rows = first_requests(&with_first_requests(&subjects()?), rounds)?;
    println!("{}", FirstRow::HEAD);
    rows.iter().for_each(|row| println!("{row}"));
    save("first", &rows.iter().map(FirstRow::to_json).collect())?;
    Ok(rows)
}

fn save(name: &str, figures: &Value) -> Outcome {
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    Ok(fs::write(directory.join(name).with_extension("json"), format!("{figures:#}\n"))?)
}

fn exact() -> Outcome {
    println!("{}", measure_exact(&workspace().join("target/wasm/rate_limit.wasm"), 2_000, Duration::from_secs(10))?);
    Ok(())
}

fn keys(total: usize) -> Outcome {
    let module = workspace().join("target/wasm/rate_limit.wasm");
    measure_keys(&module, total)?.iter().for_each(|growth| println!("{growth}"));
    Ok(())
}

fn endurance(seconds: u64) -> Outcome {
    let report = endure(&workspace().join("target/wasm/portcullis.wasm"), Duration::from_secs(seconds))?;
    print!("{report}");
    let problems = report.problems();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

fn memory(total: usize) -> Outcome {
    let jwks = mint::key_set(&["hs256"])?;
    let provider = json!({ "algorithms": ["HS256"], "local_jwks": { "inline": jwks } });
    let configuration = json!({ "version": 1, "providers": { "main": provider }, "token_cache": { "max_entries": 1_000 } });
    let now = wall_clock();
    let mint = |number| mint::token("hs256", &TokenSpec::parse(&format!("exp: 86400, jti: token-{number}"))?, now);
    let module = workspace().join("target/wasm/jwt_auth.wasm");
    measure_memory(&module, &configuration, total, mint)?.iter().for_each(|growth| println!("{growth}"));
    Ok(())
}

fn subjects() -> Outcome<Subjects> {
    let modules = workspace().join("target/wasm");
    if !modules.join("portcullis.wasm").is_file() {
        return Err("no modules: run `make wasm`".into());
    }
    Ok(Subjects::new(modules, tokens()?)?)
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
