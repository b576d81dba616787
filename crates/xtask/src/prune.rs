//! Removes from a module what its filter does not use: callbacks, each of which is a crossing per request, and host functions
//! that only the SDK's unused methods name, so that a capability restriction can leave them out.

use std::error::Error;

use portcullis_filter::{Callback, Callbacks};
use walrus::{ImportKind, Module};

/// The callbacks that every module keeps: the life of its contexts. Without `proxy_on_delete` contexts leak; without `proxy_on_done`,
/// by which a plugin could ask for more time, a host takes them for done.
const LIFECYCLE: [&str; 4] = ["proxy_on_context_create", "proxy_on_configure", "proxy_on_delete", "proxy_on_memory_allocate"];

/// The host functions that `portcullis-adapter` calls (WASI's aside).
const HOST_FUNCTIONS: [&str; 19] = [
    "proxy_call_foreign_function",
    "proxy_continue_stream",
    "proxy_define_metric",
    "proxy_get_buffer_bytes",
    "proxy_get_current_time_nanoseconds",
    "proxy_get_header_map_pairs",
    "proxy_get_property",
    "proxy_get_shared_data",
    "proxy_http_call",
    "proxy_increment_metric",
    "proxy_log",
    "proxy_record_metric",
    "proxy_remove_header_map_value",
    "proxy_replace_header_map_value",
    "proxy_send_local_response",
    "proxy_set_effective_context",
    "proxy_set_property",
    "proxy_set_shared_data",
    "proxy_set_tick_period_milliseconds",
];

/// Those that only a filter calls which hears the answer.
const GRPC_FUNCTIONS: [&str; 3] = ["proxy_get_status", "proxy_grpc_call", "proxy_grpc_cancel"];

/// Those that only a filter calls which changes what the service answers.
const RESPONSE_FUNCTIONS: [&str; 2] = ["proxy_add_header_map_value", "proxy_set_buffer_bytes"];

/// What the names of the adapter's own callbacks begin with; each takes the place of the SDK's.
const OWN_CALLBACKS: &str = "portcullis_on_";

/// `proxy_result_t::Unimplemented`
const UNIMPLEMENTED: i32 = 12;

/// The module with only the callbacks it declares, and without the code behind the others.
pub(crate) fn prune(module: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut module = Module::from_buffer(module)?;
    let declared = declared_callbacks(&mut module)?;
    replace_callbacks(&mut module);
    let superfluous: Vec<_> =
        module.exports.iter().filter(|export| is_superfluous(&export.name, declared)).map(|export| export.id()).collect();
    for export in superfluous {
        module.exports.delete(export);
    }
    disconnect(&mut module, declared)?;
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

/// Exports the adapter's own callbacks under the names of the SDK's, and those no more.
fn replace_callbacks(module: &mut Module) {
    let own = |name: &str| name.strip_prefix(OWN_CALLBACKS).map(|rest| format!("proxy_on_{rest}"));
    let replaced: Vec<String> = module.exports.iter().filter_map(|export| own(&export.name)).collect();
    let old: Vec<_> = module.exports.iter().filter(|export| replaced.contains(&export.name)).map(|export| export.id()).collect();
    for export in old {
        module.exports.delete(export);
    }
    for export in module.exports.iter_mut() {
        if let Some(name) = own(&export.name) {
            export.name = name;
        }
    }
}

/// Replaces every host function that the adapter does not call for this filter by one that answers `Unimplemented`.
fn disconnect(module: &mut Module, declared: Callbacks) -> Result<(), Box<dyn Error>> {
    let unused: Vec<_> = module
        .imports
        .iter()
        .filter(|import| import.module == "env" && !is_called(&import.name, declared))
        .filter_map(|import| match import.kind {
            ImportKind::Function(function) => Some(function),
            _ => None,
        })
        .collect();
    for function in unused {
        module.replace_imported_func(function, |(body, _arguments)| {
            body.i32_const(UNIMPLEMENTED);
        })?;
    }
    Ok(())
}

fn is_called(function: &str, declared: Callbacks) -> bool {
    HOST_FUNCTIONS.contains(&function)
        || declared.contains(Callback::GrpcReceive) && GRPC_FUNCTIONS.contains(&function)
        || declared.contains(Callback::ResponseBody) && RESPONSE_FUNCTIONS.contains(&function)
}

fn declared_callbacks(module: &mut Module) -> Result<Callbacks, Box<dyn Error>> {
    let section = module
        .customs
        .remove_raw(Callbacks::SECTION)
        .ok_or("the module does not declare its callbacks: does it use `export!`?")?;
    let bytes = section.data.first_chunk::<2>().ok_or("the callbacks section is too short")?;
    Ok(Callbacks::from_bytes(*bytes))
}

fn is_superfluous(export: &str, declared: Callbacks) -> bool {
    export.starts_with("proxy_on_") && !LIFECYCLE.contains(&export) && !is_declared(export, declared)
}

fn is_declared(export: &str, declared: Callbacks) -> bool {
    Callback::ALL.into_iter().any(|callback| callback.export() == export && declared.contains(callback))
}
