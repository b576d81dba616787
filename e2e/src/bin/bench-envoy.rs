//! `bench-envoy [TOKENS.json [ROUNDS]]`: what our plugins and Envoy's own filters add to a request, in µs.
//!
//! Without tokens only what needs none is measured. `TOKENS.json` is `{issuer, jwks, rs256: [token], es256: [token]}`, `jwks` being an object.

use std::error::Error;
use std::fs;

use portcullis_e2e::bench::{Modules, Plan, Plugin, Tokens, run, variants};
use portcullis_e2e::envoy::workspace;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let tokens = arguments.next().map_or_else(|| Ok(Tokens::default()), |path| tokens(&path))?;
    let rounds = arguments.next().map_or(Ok(Plan::default().rounds), |rounds| rounds.parse())?;
    let report = run(&variants(&tokens, &modules(&tokens)), &Plan { rounds, ..Plan::default() })?;
    print!("{report}");
    let directory = workspace().join("target/bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("envoy.json"), format!("{:#}\n", report.to_json()))?;
    Ok(())
}

fn modules(tokens: &Tokens) -> Modules {
    let provider = json!({ "issuer": tokens.issuer, "local_jwks": { "inline_string": tokens.jwks }, "forward": true });
    Modules {
        noop: plugin("noop.wasm", json!({})),
        noop_unpruned: plugin("unpruned/noop.wasm", json!({})),
        jwt_auth: plugin("jwt_auth.wasm", json!({ "version": 1, "providers": { "main": provider } })),
    }
}

fn plugin(file: &str, configuration: Value) -> Option<Plugin> {
    let module = workspace().join("target/wasm").join(file);
    module.is_file().then_some(Plugin { module, configuration })
}

fn tokens(path: &str) -> Result<Tokens, Box<dyn Error>> {
    let document: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let parse = || {
        let list = |key| -> Option<Vec<String>> {
            document.get(key)?.as_array()?.iter().map(|token| token.as_str().map(str::to_owned)).collect()
        };
        Some(Tokens {
            issuer: document.get("issuer")?.as_str()?.to_owned(),
            jwks: document.get("jwks")?.to_string(),
            rs256: list("rs256")?,
            es256: list("es256")?,
        })
    };
    Ok(parse().ok_or("the tokens need `issuer`, `jwks`, `rs256` and `es256`")?)
}
