//! A compiled plugin.

use std::path::Path;

use wasmtime::{Config, Engine, InstancePre, Linker};

use super::cache::compile_cached;
use super::imports::define_imports;
use super::vm::VmData;
use crate::error::LoadError;

/// V8 gives a VM about this much stack.
const STACK: usize = 1 << 20;

/// A compiled plugin: compile it once, start it often, share it between threads.
#[derive(Clone)]
pub struct Module {
    pub(super) pre: InstancePre<VmData>,
}

impl Module {
    /// Compiles the module in the file `path`.
    ///
    /// # Errors
    /// When the file cannot be read, is no proxy-wasm module, or imports what no proxy provides.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Self::from_bytes(&read(path)?)
    }

    /// As [`Module::load`], but keeps the machine code in `directory` for the next time. What lies in that directory is
    /// run as it is: it must belong to whoever runs this.
    ///
    /// # Errors
    /// As [`Module::load`]; a directory that cannot be used is no error.
    pub fn load_cached(path: &Path, directory: &Path) -> Result<Self, LoadError> {
        let engine = engine()?;
        let module = compile_cached(&engine, &read(path)?, directory).map_err(invalid)?;
        Self::link(&engine, &module)
    }

    /// Compiles the module `wasm`.
    ///
    /// # Errors
    /// When it is no proxy-wasm module, or imports what no proxy provides.
    pub fn from_bytes(wasm: &[u8]) -> Result<Self, LoadError> {
        let engine = engine()?;
        let module = wasmtime::Module::from_binary(&engine, wasm).map_err(invalid)?;
        Self::link(&engine, &module)
    }

    /// What the module takes from the proxy, `env.proxy_log`, in alphabetical order.
    #[must_use]
    pub fn imports(&self) -> Vec<String> {
        sorted(self.pre.module().imports().map(|import| format!("{}.{}", import.module(), import.name())))
    }

    /// What the module gives to the proxy, `proxy_on_request_headers`, in alphabetical order.
    #[must_use]
    pub fn exports(&self) -> Vec<String> {
        sorted(self.pre.module().exports().map(|export| export.name().to_owned()))
    }

    fn link(engine: &Engine, module: &wasmtime::Module) -> Result<Self, LoadError> {
        if !module.exports().any(|export| matches!(export.name(), "proxy_abi_version_0_2_0" | "proxy_abi_version_0_2_1")) {
            return Err(LoadError::NotProxyWasm);
        }
        let mut linker = Linker::new(engine);
        define_imports(&mut linker).map_err(invalid)?;
        let pre = linker.instantiate_pre(module).map_err(|cause| LoadError::Import(cause.root_cause().to_string()))?;
        Ok(Self { pre })
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module").finish_non_exhaustive()
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn engine() -> Result<Engine, LoadError> {
    let mut config = Config::new();
    config.consume_fuel(true).max_wasm_stack(STACK);
    Engine::new(&config).map_err(invalid)
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|cause| LoadError::Read { path: path.to_owned(), cause })
}

fn invalid(cause: wasmtime::Error) -> LoadError {
    LoadError::Invalid(format!("{cause:#}"))
}
