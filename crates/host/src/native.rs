//! The front end for filters that are linked into this program.

mod host;
mod vm;

pub(crate) use vm::NativeVm;

#[cfg(test)]
mod tests;
