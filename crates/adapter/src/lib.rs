//! Carries a [`Filter`] over the proxy-wasm ABI 0.2.1: the only crate that names `proxy_wasm`.
//!
//! The SDK contributes its dispatcher and its allocator. Its host calls are not used, because they panic on a status or on bytes
//! that they do not expect; `abi` has our own. Tested through `portcullis-host`, on the real `.wasm`.

mod abi;
mod contexts;
mod crypto;
mod grpc;
mod host;
mod local_reply;
mod pairs;

/// A request costs less with it than with the allocator of wasi-libc: ADR 13.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use portcullis_filter::Filter;
#[doc(hidden)]
pub use {contexts::start, proxy_wasm};

/// Makes the crate a proxy-wasm module that runs this filter, and declares its callbacks for `make wasm` to prune the others.
#[macro_export]
macro_rules! export {
    ($filter:ty) => {
        const _: () = {
            #[used]
            #[unsafe(link_section = "portcullis.callbacks")]
            static CALLBACKS: [u8; 2] = <$filter as $crate::Filter>::CALLBACKS.to_bytes();

            $crate::proxy_wasm::main! {{ $crate::start::<$filter>() }}
        };
    };
}
