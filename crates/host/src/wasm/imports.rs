//! What a VM can call: the functions of proxy-wasm ABI 0.2.1 and of WASI that Envoy provides.

mod callouts;
mod headers;
mod state;
mod streams;
mod system;
mod wasi;

use wasmtime::{Linker, Result};

use super::vm::VmData;

/// Defines every import.
pub(super) fn define_imports(linker: &mut Linker<VmData>) -> Result<()> {
    system::define(linker)?;
    headers::define(linker)?;
    streams::define(linker)?;
    callouts::define(linker)?;
    state::define(linker)?;
    wasi::define(linker)
}

const ENV: &str = "env";
