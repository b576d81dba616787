//! A real Envoy on loopback, with an upstream, a client and a load generator of our own; never part of a plugin.

use std::time::SystemTime;

pub mod bench;
pub mod bootstrap;
pub mod client;
pub mod corpus;
pub mod echo;
pub mod envoy;
pub mod error;
mod eventually;
pub mod filters;
pub mod grpc;
pub mod identity_provider;
pub mod key_server;
pub mod listeners;
pub mod load;
pub mod message;
pub mod recorder;
pub mod server;
pub mod table;
pub mod tls;

pub use bootstrap::{EnvoySpec, Listener, Route};
pub use client::{Client, Request, Response};
pub use echo::Seen;
pub use envoy::Envoy;
pub use error::{Error, Result};
pub use eventually::eventually;
pub use listeners::Listeners;
pub use recorder::Recorder;
pub use server::Server;

/// Now, in seconds since the epoch.
#[must_use]
pub fn wall_clock() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
