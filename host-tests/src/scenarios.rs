//! What requests cost is measured on these: each a plugin, a configuration, and requests that all pass.

use portcullis_cases::mint::{TokenSpec, key_set, token};
use portcullis_host::{Module, Options, Proxy, Request, StartError};
use serde_json::{Map, Value, json};

use crate::corpus::{BUNDLE, module};

/// The wall clock, in seconds since the epoch, at which tokens are made and proxies start.
const NOW: u64 = 1_767_225_600;

/// Clients that have a limit each, and policies that are asked.
const DISTINCT: usize = 64;

/// How long a body is.
const BODY: usize = 2 << 10;

/// A plugin in a situation.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Names its figures.
    pub name: &'static str,
    /// The plugin's folder.
    pub plugin: &'static str,
    configuration: Value,
    requests: Vec<Request>,
}

impl Scenario {
    /// The plugin's module.
    ///
    /// # Errors
    /// When it is not built.
    pub fn module(&self) -> Result<Module, String> {
        module(self.plugin)
    }

    /// A proxy with one worker, whose plugin is `module`.
    ///
    /// # Errors
    /// When the plugin does not start.
    pub fn start(&self, module: &Module) -> Result<Proxy, StartError> {
        Proxy::wasm(module, self.configuration.to_string().as_bytes(), Options { workers: 1, ..Options::default() })
    }

    /// The request of this number; they go round.
    #[must_use]
    pub fn request(&self, number: usize) -> Request {
        self.requests.get(number % self.requests.len().max(1)).cloned().unwrap_or_default()
    }
}

/// All scenarios.
///
/// # Errors
/// When a token cannot be made.
pub fn all() -> Result<Vec<Scenario>, String> {
    let single = |name, plugin, mut configuration: Value, requests| {
        // A part of the bundle has none.
        configuration.as_object_mut().into_iter().for_each(|fields| drop(fields.insert("version".to_owned(), json!(1))));
        Scenario { name, plugin, configuration, requests }
    };
    let bearing = vec![get("/", &[("authorization", &bearer("sub: alice")?)])];
    Ok(vec![
        single("jwt-auth, RS256, cached", "jwt-auth", jwt_auth(1_000)?, bearing.clone()),
        single("jwt-auth, RS256, cached, the last of 10 providers", "jwt-auth", many_providers()?, bearing.clone()),
        single("jwt-auth, RS256, not cached", "jwt-auth", jwt_auth(0)?, bearing),
        single("rbac, 10 policies", "rbac", rbac(10), to_services(10)),
        single("rbac, 1,000 policies", "rbac", rbac(1_000), to_services(1_000)),
        single("rate-limit, by client", "rate-limit", rate_limit("request.headers['x-client']"), from_clients()),
        single("input-validation, 2 KiB of JSON", "input-validation", input_validation(), vec![post(&[])]),
        single("bundle, without a body", BUNDLE, bundle()?, bundled(|path, token| get(path, &[("authorization", token)]))?),
        single("bundle, 2 KiB of JSON", BUNDLE, bundle()?, bundled(|_, token| post(&[("authorization", token)]))?),
    ])
}

fn bearer(spec: &str) -> Result<String, String> {
    Ok(format!("Bearer {}", token("rs256", &TokenSpec::parse(&format!("{spec}, exp: 99999999"))?, NOW)?))
}

fn jwt_auth(max_entries: u32) -> Result<Value, String> {
    let provider = json!({ "issuer": "https://id.example", "local_jwks": { "inline": key_set(&["rs256"])? }, "forward": true });
    Ok(json!({ "providers": { "main": provider }, "token_cache": { "max_entries": max_entries } }))
}

/// Those before the one of the tokens have other issuers.
fn many_providers() -> Result<Value, String> {
    let keys = key_set(&["rs256"])?;
    let provider = |number: usize| {
        let issuer = if number == 9 { "https://id.example".to_owned() } else { format!("https://id-{number}.example") };
        (format!("p{number}"), json!({ "issuer": issuer, "local_jwks": { "inline": keys }, "forward": true }))
    };
    Ok(json!({ "providers": (0..10).map(provider).collect::<Map<_, _>>() }))
}

fn rbac(count: usize) -> Value {
    let policy = |number| json!({ "name": format!("p{number}"), "action": "ALLOW", "match": { "paths": [service(number)] } });
    json!({ "policies": (0..count).map(policy).collect::<Value>() })
}

fn service(number: usize) -> String {
    format!("/service-{number}/items")
}

fn rate_limit(key: &str) -> Value {
    json!({ "limits": [{ "name": "each", "key": [key], "quota": 100_000, "window": "1s", "burst": 100_000 }] })
}

fn input_validation() -> Value {
    let item = json!({ "type": "object", "required": ["id", "name"], "properties": {
        "id": { "type": "integer", "minimum": 1 },
        "name": { "type": "string", "maxLength": 64, "pattern": "^[a-z]+$" },
    } });
    let schema =
        json!({ "type": "object", "required": ["items"], "properties": { "items": { "type": "array", "items": item } } });
    let orders = json!({ "name": "orders", "match": { "methods": ["POST"] }, "body": { "json": { "schema": schema } } });
    json!({ "rules": [orders, { "name": "read", "match": { "methods": ["GET"] } }] })
}

/// A known token, a body with a schema, a limit for each subject, and ten policies about its claims.
fn bundle() -> Result<Value, String> {
    let policy = |number| {
        let paths = [service(number), "/orders".to_owned()];
        json!({ "name": format!("p{number}"), "action": "ALLOW", "match": { "paths": paths }, "condition": "hasRole('reader')" })
    };
    Ok(json!({
        "jwt_auth": jwt_auth(1_000)?,
        "input_validation": input_validation(),
        "rate_limit": rate_limit("jwt.claims.sub"),
        "rbac": { "roles_from": "jwt.claims.roles", "policies": (0..10).map(policy).collect::<Value>() },
    }))
}

fn bundled(request: impl Fn(&str, &str) -> Request) -> Result<Vec<Request>, String> {
    let one = |number: usize| Ok(request(&service(number % 10), &bearer(&format!("sub: user-{number}, roles: [reader]"))?));
    (0..DISTINCT).map(one).collect()
}

fn to_services(count: usize) -> Vec<Request> {
    (0..DISTINCT).map(|step| get(&service(step * count / DISTINCT), &[])).collect()
}

fn from_clients() -> Vec<Request> {
    (0..DISTINCT).map(|number| get("/", &[("x-client", &format!("client-{number}"))])).collect()
}

fn get(path: &str, headers: &[(&str, &str)]) -> Request {
    request("GET", path, headers)
}

fn post(headers: &[(&str, &str)]) -> Request {
    let headers = [&[("content-type", "application/json")], headers].concat();
    Request { body: vec![document()], ..request("POST", "/orders", &headers) }
}

fn document() -> Vec<u8> {
    let mut text = br#"{"items":["#.to_vec();
    while text.len() + 64 < BODY {
        text.extend_from_slice(br#"{"id":12345,"name":"somebody"},"#);
    }
    text.extend_from_slice(br#"{"id":12345,"name":"somebody"}]}"#);
    text.resize(BODY, b' ');
    text
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request {
    let usual =
        [(":method", method), (":path", path), (":authority", "api.example"), (":scheme", "http"), ("user-agent", "bench")];
    let lines = usual.iter().chain(headers);
    Request {
        headers: lines.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect(),
        ..Request::default()
    }
}
