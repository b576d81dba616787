//! A module that counts its own allocations.

use std::fs;
use std::path::Path;

use portcullis_host::Module;
use walrus::ir::{BinaryOp, Value};
use walrus::{ConstExpr, FunctionBuilder, FunctionKind, GlobalId, ValType};

/// The global that counts.
pub(crate) const COUNTER: &str = "allocations";

/// Where memory is taken from the allocator: what the names of those functions end with. What they call has other names.
const ENTRIES: [&str; 3] = ["__rust_alloc", "__rust_alloc_zeroed", "__rust_realloc"];

/// The module in the file `path`, whose every entry into the allocator adds one to a global that it exports; nothing else differs.
///
/// # Errors
/// When the file cannot be read, or its functions have no names.
pub(crate) fn counting(path: &Path) -> Result<Module, String> {
    let mut module = walrus::Module::from_file(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let counter = module.globals.add_local(ValType::I64, true, false, ConstExpr::Value(Value::I64(0)));
    module.exports.add(COUNTER, counter);
    let mut found = 0;
    for function in module.funcs.iter_mut().filter(|function| is_entry(function.name.as_deref())) {
        if let FunctionKind::Local(function) = &mut function.kind {
            count(function.builder_mut(), counter);
            found += 1;
        }
    }
    // Without names there would be none.
    if found < ENTRIES.len() {
        return Err(format!("only {found} of the allocator's entries found"));
    }
    let instrumented =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(path.file_name().unwrap_or_default()).with_extension("counting.wasm");
    fs::write(&instrumented, module.emit_wasm()).map_err(|error| error.to_string())?;
    Module::load_cached(&instrumented, &path.with_file_name("compiled")).map_err(|error| error.to_string())
}

fn is_entry(name: Option<&str>) -> bool {
    name.is_some_and(|name| ENTRIES.iter().any(|entry| name.ends_with(entry)))
}

fn count(function: &mut FunctionBuilder, counter: GlobalId) {
    let mut body = function.func_body();
    body.global_get_at(0, counter);
    body.const_at(1, Value::I64(1));
    body.binop_at(2, BinaryOp::I64Add);
    body.global_set_at(3, counter);
}
