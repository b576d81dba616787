//! What the check of a token costs, and what any plugin does.

use serde_json::{Value, json};

use super::Group;
use super::sections::Subjects;
use super::{Variant, chain};
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

/// How many do-nothing plugins stand in a row, so that they stand out of the noise.
const NOOPS: usize = 16;

/// How many tokens go round where caches are measured: fewer than any cache holds.
const REMEMBERED: usize = 100;

/// A plugin that does nothing, and checks of tokens that nobody remembers and that everybody does.
pub(super) fn groups(subjects: &Subjects) -> Vec<Group> {
    let tokens = &subjects.tokens;
    let noops = [in_a_row(subjects, "empty plugin, all callbacks", "unpruned/noop"), in_a_row(subjects, "empty plugin", "noop")];
    let [all, pruned] = noops;
    let noops = [pruned.beside(&all.name), all];
    let checks = tokens.kinds.iter().flat_map(|(kind, list)| checks(subjects, kind, list));
    let remembered = tokens.kinds.first().into_iter().flat_map(|(kind, list)| remembered(subjects, kind, list));
    vec![Group { variants: noops.into_iter().chain(checks).chain(remembered).collect(), ..Group::default() }]
}

/// Those whose first request is looked at: no filter, one that does nothing, native, ours, and all of ours.
#[must_use]
pub fn with_first_requests(subjects: &Subjects) -> Vec<Variant> {
    let Some((kind, list)) = subjects.tokens.kinds.first() else { return Vec::new() };
    let requests: Vec<_> = list.iter().map(|token| bearing(token)).collect();
    let noop = Variant::new("empty plugin", vec![subjects.plugin("noop", "noop", &json!({}))], requests.clone());
    let all = Variant::new("bundle", vec![chain::bundle(subjects, "bundle", 10)], chain::requests(subjects, 10, &[]));
    let checks = checks(subjects, kind, list).into_iter().take(2);
    [Variant::new("no filter at all", Vec::new(), requests), noop].into_iter().chain(checks).chain([all]).collect()
}

/// The configuration of jwt-auth for these tokens.
pub(super) fn jwt_auth(tokens: &Tokens, max_entries: usize) -> Value {
    let provider = json!({ "issuer": tokens.issuer, "local_jwks": { "inline_string": tokens.jwks }, "forward": true });
    json!({ "version": 1, "providers": { "main": provider }, "token_cache": { "max_entries": max_entries } })
}

/// Envoy's own check of these tokens.
pub(super) fn native(tokens: &Tokens, cache: bool) -> Value {
    jwt_authn_filter(&JwtAuthn { issuer: &tokens.issuer, jwks: &tokens.jwks, cache })
}

/// A request with this token.
pub(super) fn bearing(token: &str) -> Vec<u8> {
    Request::get("/").header("authorization", format!("Bearer {token}")).to_bytes()
}

/// Both caches, on the same few tokens.
fn remembered(subjects: &Subjects, kind: &str, list: &[String]) -> Vec<Variant> {
    let (native_name, own) = (format!("native jwt_authn {kind}, cached"), format!("jwt-auth {kind}, cached"));
    let list = list.get(..REMEMBERED).unwrap_or(list);
    let filter = subjects.plugin(&own, "jwt_auth", &jwt_auth(&subjects.tokens, 1_000));
    vec![check(&native_name, native(&subjects.tokens, true), list), check(&own, filter, list).beside(&native_name)]
}

fn in_a_row(subjects: &Subjects, name: &str, module: &str) -> Variant {
    let filters = (0..NOOPS).map(|_| subjects.plugin(name, module, &json!({}))).collect();
    Variant { copies: NOOPS as u32, ..Variant::new(name, filters, vec![Request::get("/").to_bytes()]) }
}

fn checks(subjects: &Subjects, kind: &str, list: &[String]) -> Vec<Variant> {
    let native_name = format!("native jwt_authn {kind}");
    let [host, own] = ["host crypto", "own crypto"].map(|crypto| format!("jwt-auth {kind}, {crypto}"));
    let (module, configuration) = (subjects.module("jwt_auth"), jwt_auth(&subjects.tokens, 0));
    let filter = WasmFilter::new(&own, &module, &configuration);
    let without = WasmFilter { capabilities: Some(capabilities_without(&["proxy_call_foreign_function"])), ..filter };
    vec![
        check(&native_name, native(&subjects.tokens, false), list),
        check(&host, subjects.plugin(&host, "jwt_auth", &configuration), list).beside(&native_name),
        check(&own, wasm_filter(&without), list).beside(&native_name),
    ]
}

/// One filter that checks these tokens.
fn check(name: &str, filter: Value, list: &[String]) -> Variant {
    Variant::new(name, vec![filter], list.iter().map(|token| bearing(token)).collect())
}
