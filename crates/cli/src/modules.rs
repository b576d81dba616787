//! The modules that a proxy loads: where they are.

use std::path::PathBuf;

use portcullis_host::Module;

use crate::plugin::Plugin;

/// The module of `plugin`, out of the folder that `make wasm` writes.
///
/// # Errors
/// When it is not there, or is no module.
pub(crate) fn load(plugin: Plugin) -> Result<Module, String> {
    let path = PathBuf::from("target/wasm").join(format!("{}.wasm", plugin.name().replace('-', "_")));
    Module::load(&path).map_err(|error| format!("{error} (`make wasm` builds the modules)"))
}
