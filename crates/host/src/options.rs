//! How the simulated proxy is set up.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_filter::Timestamp;

use crate::callout::{CalloutAnswer, CalloutScript};
use crate::grpc_callout::{GrpcAnswer, GrpcScript};
use crate::model::SharedData;

/// Called after each read of shared data that a plugin makes, with the key and the data: another worker's write, between
/// the plugin's read and its own write.
pub type SharedDataRace = Box<dyn FnMut(&str, &mut SharedData)>;

/// The proxy around a plugin.
pub struct Options {
    /// How many workers there are; 2 by default, so that state that should be shared and is not shows.
    pub workers: usize,
    /// The wall clock at the start; 2026-01-01T00:00:00Z by default.
    pub now: Timestamp,
    /// Whether the host has `verify_signature`; yes by default, as Envoy.
    pub native_crypto: bool,
    /// The VM's environment variables.
    pub environment: BTreeMap<String, String>,
    /// The VM's id; none by default, as in Istio.
    pub vm_id: String,
    /// `allow_on_headers_stop_iteration`: whether a pause on headers still lets the body come; yes by default.
    pub stop_iteration_on_headers: bool,
    /// The host functions that the plugin may call; all by default.
    pub allowed_capabilities: Option<BTreeSet<String>>,
    /// How many bytes the proxy buffers while a plugin pauses on a body before it answers 413; 1 MiB by default.
    pub buffer_limit: usize,
    /// What a VM may do in one callback, in wasmtime's fuel; ten thousand million by default: some seconds, an
    /// endless loop and no useful callback.
    pub fuel_per_callback: u64,
    /// How large a VM's memory may grow, in bytes; 1 GiB by default, as in Envoy.
    pub memory_limit: usize,
    /// What answers callouts; by default no cluster is known.
    pub callouts: CalloutScript,
    /// What answers gRPC callouts; by default no cluster is known.
    pub grpc: GrpcScript,
    /// What another worker does between a plugin's read and its write of shared data; nothing by default.
    pub on_shared_data_get: Option<SharedDataRace>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 2,
            now: Timestamp::from_secs(1_767_225_600),
            native_crypto: true,
            environment: BTreeMap::new(),
            vm_id: String::new(),
            stop_iteration_on_headers: true,
            allowed_capabilities: None,
            buffer_limit: 1 << 20,
            fuel_per_callback: 10_000_000_000,
            memory_limit: 1 << 30,
            callouts: Box::new(|_| CalloutAnswer::UnknownCluster),
            grpc: Box::new(|_| GrpcAnswer::UnknownCluster),
            on_shared_data_get: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("workers", &self.workers).field("now", &self.now).finish_non_exhaustive()
    }
}
