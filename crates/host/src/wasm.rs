//! The front end for `.wasm` plugins.

mod cache;
mod failure;
mod guest;
mod imports;
mod module;
mod vm;

pub use module::Module;
pub(crate) use vm::WasmVm;

#[cfg(test)]
mod tests;
