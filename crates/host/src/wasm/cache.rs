#![expect(unsafe_code, reason = "machine code that an earlier run compiled can only be trusted, not checked")]
//! Machine code, kept between runs.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process;

use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module, Result};

/// Compiles `wasm`, or takes what an earlier run left in `directory`.
pub(super) fn compile_cached(engine: &Engine, wasm: &[u8], directory: &Path) -> Result<Module> {
    let file = directory.join(name(engine, wasm));
    if let Some(module) = reuse(engine, &file) {
        return Ok(module);
    }
    let module = Module::from_binary(engine, wasm)?;
    // Best effort: the next run compiles again.
    let _ = keep(&module, &file);
    Ok(module)
}

/// Names the module, this version of wasmtime, and its settings.
fn name(engine: &Engine, wasm: &[u8]) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let content: String = Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{content}-{:016x}.cwasm", settings.finish())
}

fn reuse(engine: &Engine, file: &Path) -> Option<Module> {
    if !file.exists() {
        return None;
    }
    // SAFETY: only `keep` writes here, and `load_cached` demands a directory that nobody else can write to.
    unsafe { Module::deserialize_file(engine, file) }.ok()
}

/// Written aside and moved, so that nobody reads half a file.
fn keep(module: &Module, file: &Path) -> Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    let aside = file.with_extension(format!("{}.new", process::id()));
    fs::write(&aside, module.serialize()?)?;
    fs::rename(aside, file)?;
    Ok(())
}
