//! Rows in, answers out, a line each: what `portcullis eval --wasm` runs inside a VM.

use std::io::{self, BufRead as _, Write as _};

use portcullis_policy::rows;
use serde_json::json;

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(row) => rows::answer(&row),
            Err(_) => json!({"error": "not a JSON object"}),
        };
        writeln!(output, "{answer}")?;
    }
    output.flush()
}
