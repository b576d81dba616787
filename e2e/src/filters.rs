//! HTTP filters as Envoy's configuration spells them.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::bootstrap::type_url;

/// A plugin in Envoy.
#[derive(Debug, Clone)]
pub struct WasmFilter<'a> {
    /// Names it in the log and in `wasm.<name>.…` statistics.
    pub name: &'a str,
    /// The `.wasm` file, as an absolute path: Envoy runs in another directory.
    pub module: &'a Path,
    /// What the plugin's `configure` gets, as JSON.
    pub configuration: &'a Value,
    /// Filters with the same id, module and environment share one VM per worker, and one namespace of shared data.
    pub vm_id: &'a str,
    /// What Envoy does when the VM has failed; default `FAIL_RELOAD`.
    pub failure_policy: &'a str,
    /// Whether `Pause` in the headers callback lets body callbacks come; Envoy's default when absent.
    pub allow_on_headers_stop_iteration: Option<bool>,
    /// The only host functions and callbacks of the VM, which then needs an id of its own; all when absent. See
    /// `capabilities_without`.
    pub capabilities: Option<Vec<String>>,
    /// The VM's environment variables.
    pub environment: &'a [(&'a str, &'a str)],
}

impl<'a> WasmFilter<'a> {
    /// With a VM of its own per name, and all capabilities.
    #[must_use]
    pub fn new(name: &'a str, module: &'a Path, configuration: &'a Value) -> Self {
        Self {
            name,
            module,
            configuration,
            vm_id: name,
            failure_policy: "FAIL_RELOAD",
            allow_on_headers_stop_iteration: None,
            capabilities: None,
            environment: &[],
        }
    }
}

/// A plugin. (A field that is null counts as absent.)
#[must_use]
pub fn wasm_filter(filter: &WasmFilter<'_>) -> Value {
    let config = json!({
        "name": filter.name,
        "vm_config": vm_config(filter),
        "configuration": {
            "@type": "type.googleapis.com/google.protobuf.StringValue",
            "value": filter.configuration.to_string(),
        },
        "failure_policy": filter.failure_policy,
        "allow_on_headers_stop_iteration": filter.allow_on_headers_stop_iteration,
    });
    json!({ "name": filter.name, "typed_config": { "@type": type_url("filters.http.wasm.v3.Wasm"), "config": config } })
}

fn vm_config(filter: &WasmFilter<'_>) -> Value {
    let environment: Map<_, _> = filter.environment.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({
        "vm_id": filter.vm_id,
        "runtime": "envoy.wasm.runtime.v8",
        "code": { "local": { "filename": filter.module } },
        "environment_variables": { "key_values": environment },
        "capability_restriction_config": filter.capabilities.as_deref().map(capability_restriction),
    })
}

fn capability_restriction(allowed: &[String]) -> Value {
    let allowed: Map<_, _> = allowed.iter().map(|name| (name.clone(), json!({}))).collect();
    json!({ "allowed_capabilities": allowed })
}

/// Every capability but `forbidden`. A forbidden host call answers `InternalFailure`, and Envoy logs an error at each call.
#[must_use]
pub fn capabilities_without(forbidden: &[&str]) -> Vec<String> {
    CAPABILITIES.split_ascii_whitespace().filter(|name| !forbidden.contains(name)).map(str::to_owned).collect()
}

/// What ABI 0.2.1 and WASI preview 1 offer to a plugin, and the callbacks that a plugin may offer.
const CAPABILITIES: &str = "
    proxy_log proxy_get_log_level proxy_get_current_time_nanoseconds proxy_set_tick_period_milliseconds
    proxy_get_property proxy_set_property proxy_get_configuration proxy_get_status proxy_set_effective_context proxy_done
    proxy_send_local_response proxy_continue_stream proxy_close_stream proxy_call_foreign_function
    proxy_get_header_map_value proxy_add_header_map_value proxy_replace_header_map_value proxy_remove_header_map_value
    proxy_get_header_map_pairs proxy_set_header_map_pairs proxy_get_header_map_size
    proxy_get_buffer_status proxy_get_buffer_bytes proxy_set_buffer_bytes
    proxy_get_shared_data proxy_set_shared_data
    proxy_register_shared_queue proxy_resolve_shared_queue proxy_dequeue_shared_queue proxy_enqueue_shared_queue
    proxy_http_call proxy_grpc_call proxy_grpc_stream proxy_grpc_send proxy_grpc_cancel proxy_grpc_close
    proxy_define_metric proxy_increment_metric proxy_record_metric proxy_get_metric

    args_get args_sizes_get environ_get environ_sizes_get clock_time_get random_get sched_yield proc_exit poll_oneoff
    fd_close fd_fdstat_get fd_fdstat_set_flags fd_prestat_dir_name fd_prestat_get fd_read fd_seek fd_write path_open
    path_filestat_get

    proxy_validate_configuration proxy_on_vm_start proxy_on_configure proxy_on_tick
    proxy_on_context_create proxy_on_done proxy_on_log proxy_on_delete proxy_on_foreign_function proxy_on_queue_ready
    proxy_on_request_headers proxy_on_request_body proxy_on_request_trailers proxy_on_request_metadata
    proxy_on_response_headers proxy_on_response_body proxy_on_response_trailers proxy_on_response_metadata
    proxy_on_http_call_response proxy_on_grpc_receive proxy_on_grpc_receive_initial_metadata
    proxy_on_grpc_receive_trailing_metadata proxy_on_grpc_close
    proxy_on_new_connection proxy_on_downstream_data proxy_on_upstream_data
    proxy_on_downstream_connection_close proxy_on_upstream_connection_close
";

/// Envoy's own `jwt_authn` with one provider, whose token every request must bear.
#[derive(Debug, Clone)]
pub struct JwtAuthn<'a> {
    /// The `iss` of its tokens.
    pub issuer: &'a str,
    /// The key set's JSON.
    pub jwks: &'a str,
    /// Whether verified tokens are remembered.
    pub cache: bool,
}

/// Envoy's own token check.
#[must_use]
pub fn jwt_authn_filter(filter: &JwtAuthn<'_>) -> Value {
    let provider = json!({
        "issuer": filter.issuer,
        "local_jwks": { "inline_string": filter.jwks },
        "forward": true,
        "jwt_cache_config": filter.cache.then(|| json!({ "jwt_cache_size": 1000 })),
    });
    json!({ "name": "jwt_authn", "typed_config": {
        "@type": type_url("filters.http.jwt_authn.v3.JwtAuthentication"),
        "providers": { "main": provider },
        "rules": [{ "match": { "prefix": "/" }, "requires": { "provider_name": "main" } }],
    } })
}
