//! What is measured.

use std::path::PathBuf;

use serde_json::Value;

use super::Variant;
use crate::Request;
use crate::filters::{JwtAuthn, WasmFilter, capabilities_without, jwt_authn_filter, wasm_filter};

/// Signed tokens and the keys to check them with.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    /// The `iss` of all tokens.
    pub issuer: String,
    /// The key set's JSON, with the keys of all of them.
    pub jwks: String,
    /// What they have in common, such as `RS256`, and the tokens; many distinct ones, or a plugin's cache answers.
    pub kinds: Vec<(String, Vec<String>)>,
}

/// A module and what it is told.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// The `.wasm` file.
    pub module: PathBuf,
    /// The plugin's configuration.
    pub configuration: Value,
}

/// The plugins to measure; one that is absent has no rows.
#[derive(Debug, Clone, Default)]
pub struct Modules {
    /// Does nothing, and exports only what it needs.
    pub noop: Option<Plugin>,
    /// Does nothing, and exports every callback.
    pub noop_unpruned: Option<Plugin>,
    /// Must accept `Tokens`, and remember none.
    pub jwt_auth: Option<Plugin>,
    /// Must accept `Tokens`, and remember them.
    pub jwt_auth_cached: Option<Plugin>,
}

/// How many do-nothing plugins stand in a row, so that they stand out of the noise.
const NOOPS: usize = 16;

/// The variants of the first issue.
#[must_use]
pub fn variants(tokens: &Tokens, modules: &Modules) -> Vec<Variant> {
    let noops = [("noop, all callbacks", &modules.noop_unpruned, None), ("noop", &modules.noop, Some("noop, all callbacks"))];
    let noops = noops.into_iter().filter_map(|(name, plugin, peer)| Some(in_a_row(name, plugin.as_ref()?, peer)));
    let checks = tokens.kinds.iter().flat_map(|(kind, list)| token_checks(kind, list, tokens, modules));
    let remembered = tokens.kinds.first().into_iter().flat_map(|(kind, list)| remembered(kind, list, tokens, modules));
    noops.chain(checks).chain(remembered).collect()
}

/// Those of `variants` whose first request is looked at: no filter, one that does nothing, and the first check of tokens.
#[must_use]
pub fn with_first_requests(variants: &[Variant]) -> Vec<Variant> {
    let unfiltered = variants.first().map(|any| Variant { name: "unfiltered".to_owned(), filters: Vec::new(), ..any.clone() });
    let noop = variants.iter().filter(|variant| variant.name == "noop");
    let noop = noop.map(|noop| Variant { filters: noop.filters.first().cloned().into_iter().collect(), ..noop.clone() });
    let checks = variants.iter().filter(|variant| variant.copies == 1).take(2);
    unfiltered.into_iter().chain(noop).chain(checks.cloned()).collect()
}

/// How many tokens go round where caches are measured: fewer than any cache holds.
const REMEMBERED: usize = 100;

/// Both caches, on the same few tokens.
fn remembered(kind: &str, list: &[String], tokens: &Tokens, modules: &Modules) -> Vec<Variant> {
    let native = format!("native jwt_authn {kind}, cached");
    let own = format!("jwt-auth {kind}, cached");
    let list = list.get(..REMEMBERED).unwrap_or(list);
    let check = |name: &str, filter| token_check(name, filter, list, &native);
    let filter = JwtAuthn { issuer: &tokens.issuer, jwks: &tokens.jwks, cache: true };
    let plugin = modules.jwt_auth_cached.as_ref();
    let cached = plugin.map(|plugin| check(&own, wasm_filter(&WasmFilter::new(&own, &plugin.module, &plugin.configuration))));
    [check(&native, jwt_authn_filter(&filter))].into_iter().chain(cached).collect()
}

fn in_a_row(name: &str, plugin: &Plugin, peer: Option<&str>) -> Variant {
    Variant {
        name: name.to_owned(),
        filters: (0..NOOPS).map(|_| wasm_filter(&WasmFilter::new(name, &plugin.module, &plugin.configuration))).collect(),
        requests: vec![Request::get("/").to_bytes()],
        expect_status: 200,
        copies: NOOPS as u32,
        peer: peer.map(str::to_owned),
    }
}

fn token_checks(kind: &str, list: &[String], tokens: &Tokens, modules: &Modules) -> Vec<Variant> {
    let native = format!("native jwt_authn {kind}");
    let check = |name: &str, filter| token_check(name, filter, list, &native);
    let filter = JwtAuthn { issuer: &tokens.issuer, jwks: &tokens.jwks, cache: false };
    let mut variants = vec![check(&native, jwt_authn_filter(&filter))];
    if let Some(plugin) = &modules.jwt_auth {
        let [host, own] = ["host crypto", "own crypto"].map(|crypto| format!("jwt-auth {kind}, {crypto}"));
        let filter = WasmFilter::new(&host, &plugin.module, &plugin.configuration);
        variants.push(check(&host, wasm_filter(&filter)));
        let capabilities = Some(capabilities_without(&["proxy_call_foreign_function"]));
        variants.push(check(&own, wasm_filter(&WasmFilter { name: &own, vm_id: &own, capabilities, ..filter })));
    }
    variants
}

/// One filter that checks these tokens, compared with `native` unless it is that one.
fn token_check(name: &str, filter: Value, list: &[String], native: &str) -> Variant {
    Variant {
        name: name.to_owned(),
        filters: vec![filter],
        requests: list.iter().map(|token| bearing(token)).collect(),
        expect_status: 200,
        copies: 1,
        peer: Some(native.to_owned()).filter(|native| native != name),
    }
}

fn bearing(token: &str) -> Vec<u8> {
    Request::get("/").header("authorization", format!("Bearer {token}")).to_bytes()
}
