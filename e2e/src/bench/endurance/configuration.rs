//! The proxy that has to endure: the bundle with all of its parts, before one upstream.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use portcullis_host_tests::corpus::{BUNDLE, capabilities};
use serde_json::{Value, json};

use crate::filters::{WasmFilter, wasm_filter};
use crate::{EnvoySpec, Error, Listener, Result};

/// The listener's name.
pub(super) const LISTENER: &str = "endurance";

/// The header that tells the details of a local reply.
pub(super) const DETAILS: &str = "x-details";

/// What the plugin may read of a body.
pub(super) const MAX_BODY: usize = 16 << 10;

/// How many tokens a worker remembers.
pub(super) const REMEMBERED: usize = 250;

/// The limit of the user who asks for more: units in a second, and units at once beyond that.
pub(super) const TIGHT: (u32, u32) = (20, 4);

/// How long keys count as fresh, how often they are fetched in an outage, and how long a fetch may take.
const FRESH: Duration = Duration::from_secs(5);
const REFETCH: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long a key that is withdrawn may count: until keys are fetched, and a slow machine's time.
pub(super) const WITHDRAWN_WITHIN: Duration = Duration::from_secs(FRESH.as_secs() + TIMEOUT.as_secs() + 3);

/// How long it may take until a server that is back has answered: a fetch that began before comes to its end, then the next begins.
pub(super) const BACK_WITHIN: Duration = Duration::from_secs(REFETCH.as_secs() + TIMEOUT.as_secs() + 1);

/// Where upstream and key server are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peers {
    pub(super) upstream: SocketAddr,
    pub(super) keys: SocketAddr,
}

/// The proxy with its configuration of this number, counted from 0; no two are the same, and all decide the same.
pub(super) fn spec(module: &Path, peers: Peers, number: usize) -> Result<EnvoySpec> {
    let configuration = configuration(number);
    let filter = wasm_filter(&WasmFilter {
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(capabilities(BUNDLE).map_err(Error::Unexpected)?),
        ..WasmFilter::new(LISTENER, module, &configuration)
    });
    let spec = EnvoySpec { concurrency: 4, wasm_log_level: "warning".to_owned(), drain_time_s: Some(5), ..EnvoySpec::default() };
    let listener = Listener::new(LISTENER).filter(filter).details_header(DETAILS);
    Ok(spec.cluster("echo", peers.upstream).cluster("id", peers.keys).listener(listener))
}

/// What a refused client is told of the configuration of this number.
pub(super) fn realm(number: usize) -> String {
    format!("configuration-{number}")
}

fn configuration(number: usize) -> Value {
    json!({
        "version": 1,
        "decisions": { "max_per_second": 1 },
        "jwt_auth": jwt_auth(number),
        "input_validation": input_validation(),
        "rate_limit": rate_limit(),
        "rbac": rbac(),
    })
}

fn jwt_auth(number: usize) -> Value {
    let seconds = |duration: Duration| format!("{}s", duration.as_secs());
    let remote_jwks = json!({
        "uri": "http://id.example/jwks.json",
        "cluster": "id",
        "cache_duration": seconds(FRESH),
        "refetch_interval": seconds(REFETCH),
        "timeout": seconds(TIMEOUT),
    });
    json!({
        "challenge": { "realm": realm(number) },
        "token_cache": { "max_entries": REMEMBERED },
        "providers": { "main": {
            "issuer": "https://id.example",
            "audiences": ["orders"],
            "remote_jwks": remote_jwks,
            "claim_to_headers": [{ "header_name": "x-user", "claim_name": "sub" }],
        } },
        "rules": [{ "name": "health", "match": { "paths": ["/healthz"] }, "requires": "none" }],
    })
}

fn input_validation() -> Value {
    let schema = json!({
        "type": "object",
        "required": ["item", "count"],
        "additionalProperties": false,
        "properties": {
            "item": { "type": "string", "maxLength": 64 },
            "count": { "type": "integer", "minimum": 1, "maximum": 100 },
            "note": { "type": "string" },
            "tree": {},
        },
    });
    let signatures = json!({ "sqli": "block", "xss": "block", "path_traversal": "block", "crlf": "block" });
    json!({
        "defaults": { "signatures": signatures },
        "rules": [
            {
                "name": "create-order",
                "match": { "methods": ["POST"], "paths": ["/orders"] },
                "body": { "max_bytes": format!("{}KiB", MAX_BODY >> 10), "json": { "max_depth": 8, "schema": schema } },
            },
            { "name": "read", "match": { "methods": ["GET", "HEAD"] } },
        ],
    })
}

fn rate_limit() -> Value {
    let (quota, burst) = TIGHT;
    let tight = json!({ "paths": ["/tight"] });
    json!({ "limits": [
        { "name": "each", "key": ["jwt.claims.sub"], "on_missing_key": "skip", "quota": 100_000_000, "window": "1s" },
        { "name": "tight", "match": tight, "key": ["jwt.claims.sub"], "quota": quota, "window": "1s", "burst": burst },
    ] })
}

fn rbac() -> Value {
    let read = json!({ "methods": ["GET", "HEAD"], "paths": ["/orders", "/orders/{id}", "/tight", "/slow"] });
    json!({
        "roles_from": "jwt.claims.roles",
        "roles": {
            "reader": { "permissions": ["orders:read"] },
            "buyer": { "permissions": ["orders:write"], "inherits": ["reader"] },
        },
        "policies": [
            { "name": "banned", "action": "DENY", "condition": "has(jwt.claims.banned) && jwt.claims.banned == true", "match": { "paths": ["/orders", "/orders/{id}"] } },
            { "name": "health", "action": "ALLOW", "match": { "paths": ["/healthz"] } },
            { "name": "read", "action": "ALLOW", "match": read, "condition": "hasPermission(\"orders:read\")" },
            { "name": "buy", "action": "ALLOW", "match": { "methods": ["POST"], "paths": ["/orders"] }, "condition": "hasPermission(\"orders:write\")" },
        ],
    })
}
