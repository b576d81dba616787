//! What a policy may name of a request, read through the ports of a filter: only when it is named, and then once.

mod address;
mod compile;
mod cookies;
mod identity;
mod property;
mod protobuf;
mod query;
mod request;

pub use compile::{compile, unguarded, warnings};
pub use identity::{ForwardedClientCert, IdentitySource, IdentitySources, JwtAuthn, TokenIdentity};
pub use request::{RequestAttributes, ShownCaller};
