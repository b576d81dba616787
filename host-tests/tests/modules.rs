//! What each module takes from the proxy and gives to it, held to the committed list: `plugins/<plugin>/module.txt`.
//! `UPDATE_GOLDEN=1` writes the lists anew.
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::fs;

use portcullis_filter::Callback;
use portcullis_host::Module;
use portcullis_host_tests::Corpus;
use portcullis_host_tests::corpus::{self, interface_path};

/// What every module exports, whatever its filter implements.
const LIFECYCLE: [&str; 7] = [
    "_initialize",
    "memory",
    "proxy_abi_version_0_2_1",
    "proxy_on_configure",
    "proxy_on_context_create",
    "proxy_on_delete",
    "proxy_on_memory_allocate",
];

fn modules() -> Vec<(String, Module)> {
    let plugins = Corpus::load_all().expect("the corpus can be read").into_iter().map(|corpus| corpus.plugin);
    plugins.map(|plugin| (plugin.clone(), corpus::module(&plugin).expect("`make wasm` was run"))).collect()
}

fn interface(module: &Module) -> String {
    let imports = module.imports().into_iter().map(|import| format!("import {import}\n"));
    imports.chain(module.exports().into_iter().map(|export| format!("export {export}\n"))).collect()
}

#[test]
fn the_interface_is_the_committed_one() {
    for (plugin, module) in modules() {
        let path = interface_path(&plugin);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, interface(&module)).expect("the list can be written");
        }
        let committed = fs::read_to_string(&path).expect("the list is committed");
        assert_eq!(interface(&module), committed, "{plugin}: UPDATE_GOLDEN=1 writes the list anew");
    }
}

#[test]
fn only_the_life_of_contexts_and_declared_callbacks_are_exported() {
    let callbacks = Callback::ALL.map(Callback::export);
    for (plugin, module) in modules() {
        let exports = module.exports();
        for name in LIFECYCLE {
            assert!(exports.iter().any(|export| export == name), "{plugin} lacks {name}");
        }
        for export in &exports {
            assert!(LIFECYCLE.contains(&export.as_str()) || callbacks.contains(&export.as_str()), "{plugin} exports {export}");
        }
    }
}

/// Envoy goes on with a paused request when a callback that would go on pausing does not exist.
#[test]
fn a_module_that_sees_bodies_sees_trailers() {
    for (plugin, module) in modules() {
        let exports = |callback: Callback| module.exports().iter().any(|export| export == callback.export());
        assert!(!exports(Callback::RequestBody) || exports(Callback::RequestTrailers), "{plugin}");
    }
}
