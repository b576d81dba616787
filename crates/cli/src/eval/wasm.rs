//! The same evaluation, inside a VM.

use std::error::Error;
use std::path::Path;

use serde_json::{Value as Json, json};
use wasmtime::{Engine, Linker, Module, Store};

use super::wasi::{self, Streams};

/// What the module at `path` answers to `rows`.
pub(super) fn answers(path: &Path, rows: &[String]) -> Result<Vec<Json>, Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}; `make wasm` builds it", path.display()))?;
    let engine = Engine::default();
    let module = Module::new(&engine, bytes)?;
    let mut linker = Linker::new(&engine);
    wasi::define(&mut linker)?;
    let mut store = Store::new(&engine, Streams::new(rows.join("\n").into_bytes()));
    let instance = linker.instantiate(&mut store, &module)?;
    let ended = instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ());
    let streams = store.into_data();
    match (ended, streams.exited) {
        (Ok(()), _) | (Err(_), Some(0)) => {}
        (Err(trap), _) => return Err(format!("{trap}\n{}", String::from_utf8_lossy(&streams.errors)).into()),
    }
    let lines = streams.output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let too_deep = |_| json!({"error": "the answer is nested too deep to be read"});
    Ok(lines.map(|line| serde_json::from_slice(line).unwrap_or_else(too_deep)).collect())
}
