//! What all of it costs together: the bundle, single plugins in a row, and Envoy's own filters in a row, with the same rules.

use std::path::Path;

use serde_json::{Value, json};

use super::rate_limit::{PLENTY, native_per_client};
use super::rbac::{Form, native as native_rbac, path, policies};
use super::{Tokens, Variant};
use crate::Request;
use crate::filters::{JwtAuthn, WasmFilter, jwt_authn_filter, wasm_filter};

/// How many rules, each with a path of its own.
const RULES: [usize; 3] = [10, 100, 1_000];

/// How many callers go round: fewer than a cache of tokens holds.
const CALLERS: usize = 64;

/// A token that is known, `RULES` policies and one limit for each client: natively, in a row, and in one. `modules` is the folder of
/// the modules.
#[must_use]
pub fn bundle_variants(tokens: &Tokens, modules: &Path) -> Vec<Variant> {
    let list = tokens.kinds.first().map(|(_, list)| list.as_slice()).unwrap_or_default();
    RULES.into_iter().flat_map(|rules| beside(rules, tokens, list, modules)).collect()
}

fn beside(rules: usize, tokens: &Tokens, list: &[String], modules: &Path) -> Vec<Variant> {
    let native = format!("native chain, {rules} rules");
    let requests = requests(rules, list);
    let variant = |name: &str, filters: Vec<Value>| Variant {
        name: name.to_owned(),
        filters,
        requests: requests.clone(),
        expect_status: 200,
        copies: 1,
        peer: Some(native.clone()).filter(|native| native != name),
    };
    let parts = parts(rules, tokens);
    let single = format!("plugins in a row, {rules} rules");
    let in_a_row =
        parts.iter().map(|(plugin, config)| plugin_filter(&format!("{plugin}, {rules} rules"), modules, plugin, config));
    let bundle = format!("bundle, {rules} rules");
    vec![
        variant(&native, native_chain(rules, tokens)),
        variant(&single, in_a_row.collect()),
        variant(&bundle, vec![plugin_filter(&bundle, modules, "portcullis", &bundled(&parts))]),
    ]
}

/// A request to another path by another caller each time.
fn requests(rules: usize, list: &[String]) -> Vec<Vec<u8>> {
    let request = |(number, token): (usize, &String)| {
        let request = Request::get(path(number * rules / CALLERS)).header("authorization", format!("Bearer {token}"));
        request.header("x-client", format!("client-{number}")).header("user-agent", "bench").to_bytes()
    };
    list.iter().take(CALLERS).enumerate().map(request).collect()
}

/// The configurations of single plugins, without `version`, in the order of the bundle.
fn parts(rules: usize, tokens: &Tokens) -> [(&'static str, Value); 3] {
    let provider = json!({ "issuer": tokens.issuer, "local_jwks": { "inline_string": tokens.jwks }, "forward": true });
    let limit = json!({ "name": "per-client", "key": ["request.headers[\"x-client\"]"], "quota": PLENTY, "window": "1s" });
    [
        ("jwt_auth", json!({ "providers": { "main": provider } })),
        ("rate_limit", json!({ "limits": [limit] })),
        ("rbac", json!({ "policies": policies(Form::Path, rules) })),
    ]
}

fn bundled(parts: &[(&str, Value)]) -> Value {
    parts.iter().map(|(plugin, config)| ((*plugin).to_owned(), config.clone())).collect()
}

fn plugin_filter(name: &str, modules: &Path, module: &str, config: &Value) -> Value {
    let mut config = config.clone();
    if let Some(config) = config.as_object_mut() {
        config.insert("version".to_owned(), json!(1));
    }
    wasm_filter(&WasmFilter { vm_id: name, ..WasmFilter::new(name, &modules.join(format!("{module}.wasm")), &config) })
}

fn native_chain(rules: usize, tokens: &Tokens) -> Vec<Value> {
    let authn = jwt_authn_filter(&JwtAuthn { issuer: &tokens.issuer, jwks: &tokens.jwks, cache: true });
    vec![authn, native_per_client(), native_rbac(Form::Path, rules)]
}
