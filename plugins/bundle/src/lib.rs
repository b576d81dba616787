//! All plugins as one filter: one VM, and one crossing per request.

mod chain;
mod config;
mod filter;
mod member;
mod part;
mod schema;
mod timer;
mod view;
mod warnings;

pub use config::BundleConfig;
pub use filter::{Bundle, BundleStream};
pub use part::Part;
pub use schema::schema;
pub use warnings::warnings;

#[cfg(target_os = "wasi")]
portcullis_adapter::export!(Bundle);
