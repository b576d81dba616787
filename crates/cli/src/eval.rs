//! `portcullis eval`: expressions and what they answer.

mod binding;
mod wasi;
mod wasm;

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use portcullis_policy::rows;
use serde_json::{Value as Json, json};

use crate::CommandResult;
use binding::Binding;

const EXAMPLES: &str = "Examples:
  portcullis eval 'request.method in [\"GET\", \"HEAD\"]' --bind request.method=GET
  portcullis eval 'jwt.claims.tenant == \"acme\"' --bind 'jwt.claims={\"tenant\":\"acme\"}'
  portcullis eval --jsonl < rows.jsonl";

/// Evaluate an expression. Answers values as JSON with their types, a line each.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The expression, as in a policy's `condition`
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    expression: Option<String>,
    /// Bind an attribute or another name: `request.method=GET`, `jwt.claims={"sub":"ann"}`; JSON, or else a string
    #[arg(long = "bind", value_name = "NAME=VALUE", conflicts_with = "jsonl")]
    bindings: Vec<Binding>,
    /// Read lines of `{"id", "expr", "bindings"}` with typed bindings from standard input
    #[arg(long)]
    jsonl: bool,
    /// Evaluate inside a WebAssembly VM, as a proxy does; the module of `make wasm`
    #[arg(long, value_name = "MODULE", num_args = 0..=1, require_equals = true, default_missing_value = "target/wasm/policy_eval.wasm")]
    wasm: Option<PathBuf>,
}

/// Exit code 1 where one of the expressions is an error.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let rows = match &arguments.expression {
        Some(expression) => vec![row(expression, &arguments.bindings).to_string()],
        None => io::stdin().lock().lines().collect::<Result<Vec<_>, _>>()?,
    };
    let answers = match &arguments.wasm {
        Some(module) => wasm::answers(module, &rows)?,
        None => rows.iter().map(|row| answer(row)).collect(),
    };
    let mut output = io::stdout().lock();
    for answer in &answers {
        writeln!(output, "{answer}")?;
    }
    let failed = answers.iter().any(|answer| answer.get("error").is_some());
    Ok(ExitCode::from(u8::from(failed)))
}

fn row(expression: &str, bindings: &[Binding]) -> Json {
    let bindings: serde_json::Map<String, Json> =
        bindings.iter().map(|binding| (binding.name.clone(), binding.typed())).collect();
    json!({"expr": expression, "bindings": bindings})
}

fn answer(row: &str) -> Json {
    serde_json::from_str(row).map_or_else(|error| json!({"error": error.to_string()}), |row| rows::answer(&row))
}
