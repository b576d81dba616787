//! What a VM died of.

use wasmtime::{FrameInfo, WasmBacktrace};

use crate::error::Trap;

/// The trap behind `error`.
pub(super) fn trap(callback: &str, error: &wasmtime::Error, message: Option<String>) -> Trap {
    let frames = error.downcast_ref::<WasmBacktrace>().map(|trace| trace.frames().iter().map(name).collect());
    Trap { callback: callback.to_owned(), cause: error.root_cause().to_string(), frames: frames.unwrap_or_default(), message }
}

fn name(frame: &FrameInfo) -> String {
    match frame.func_name() {
        // `#` leaves out the hash.
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {}", frame.func_index()),
    }
}
