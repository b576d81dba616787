//! What all of it costs together: the bundle, single plugins in a row, and Envoy's own filters in a row, with the same rules.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Variant;
use super::rate_limit::{KEY, client, limit, native_per_client};
use super::rbac::{Form, native as native_rbac, path, policies};
use super::sections::Subjects;
use super::tokens;
use super::{Ground, Group};
use crate::Request;
use crate::bootstrap::type_url;
use crate::grpc::{GrpcServer, Reply};

pub(super) const ABOUT: &str = "A token that is known, a policy for each path, and one limit for each client: `jwt_authn`, `local_ratelimit` and `rbac` of Envoy in a row, \
    our plugins in a row, and the bundle. *Limits before identity* has a limit by client in front of the bundle as well. *Host calls of the bundle alone* is a \
    hand-written module that makes the same calls and works out nothing: what no plugin of any language that does the same job can be below. The rows below say what other ways cost that \
    people take for such rules: a few lines of Lua that look at one header, and a question to a service that says yes to everything (`ext_authz` over gRPC on the same \
    machine: the service's own time is not counted).";

/// How many rules, each with a path of its own.
const RULES: [usize; 3] = [10, 100, 1_000];

/// How many callers go round: fewer than a cache of tokens holds.
pub(super) const CALLERS: usize = 64;

pub(super) fn groups(subjects: &Subjects) -> Vec<Group> {
    let beside = RULES.into_iter().flat_map(|rules| beside(subjects, rules));
    let group = Group { variants: beside.chain(others(subjects)).collect(), ..Group::default() };
    vec![Group { ground: Ground { services: services(), ..Ground::default() }, ..group }]
}

fn beside(subjects: &Subjects, rules: usize) -> Vec<Variant> {
    let native_name = format!("native chain, {rules} rules");
    let requests = requests(subjects, rules, &[]);
    let [single, bundle_name, first] =
        ["plugins in a row", "bundle", "bundle, limits before identity"].map(|what| format!("{what}, {rules} rules"));
    let variant = |name: &str, filters| Variant::new(name, filters, requests.clone()).beside(&native_name);
    let limit_first =
        subjects.plugin(&first, "rate_limit", &json!({ "version": 1, "limits": [limit("first", json!({ "key": [KEY] }))] }));
    vec![
        variant(&native_name, native_chain(subjects, rules)),
        variant(&single, in_a_row(subjects, rules)),
        variant(&bundle_name, vec![bundle(subjects, &bundle_name, rules)]),
        variant(&first, vec![limit_first, bundle(subjects, &format!("{first}, bundle"), rules)]),
    ]
}

/// Our plugins in a row.
pub(super) fn in_a_row(subjects: &Subjects, rules: usize) -> Vec<Value> {
    let plugin = |(plugin, config)| subjects.plugin(&format!("{plugin}, {rules} rules"), plugin, &with_version(config));
    parts(subjects, rules).map(plugin).into()
}

/// The bundle in a VM called `name`.
pub(super) fn bundle(subjects: &Subjects, name: &str, rules: usize) -> Value {
    let config = parts(subjects, rules).into_iter().map(|(plugin, config)| (plugin.to_owned(), config)).collect();
    subjects.plugin(name, "portcullis", &with_version(config))
}

/// Envoy's own filters in a row.
pub(super) fn native_chain(subjects: &Subjects, rules: usize) -> Vec<Value> {
    vec![tokens::native(&subjects.tokens, true), native_per_client(10 * CALLERS), native_rbac(Form::Path, rules)]
}

/// A request to another path by another caller each time, with `more` headers.
pub(super) fn requests(subjects: &Subjects, rules: usize, more: &[(String, String)]) -> Vec<Vec<u8>> {
    let list = subjects.tokens.kinds.first().map(|(_, list)| list.as_slice()).unwrap_or_default();
    let request = |(number, token): (usize, &String)| {
        let request = Request::get(path(number * rules / CALLERS)).header("authorization", format!("Bearer {token}"));
        let request = request.header("x-client", client(number)).header("user-agent", "bench");
        more.iter().fold(request, |request, (name, value)| request.header(name.as_str(), value.as_str())).to_bytes()
    };
    list.iter().take(CALLERS).enumerate().map(request).collect()
}

/// The configurations of single plugins, without `version`, in the order of the bundle.
fn parts(subjects: &Subjects, rules: usize) -> [(&'static str, Value); 3] {
    let tokens = &subjects.tokens;
    let provider = json!({ "issuer": tokens.issuer, "local_jwks": { "inline_string": tokens.jwks }, "forward": true });
    [
        ("jwt_auth", json!({ "providers": { "main": provider } })),
        ("rate_limit", json!({ "limits": [limit("per-client", json!({ "key": [KEY] }))] })),
        ("rbac", json!({ "policies": policies(Form::Path, rules) })),
    ]
}

fn with_version(mut config: Value) -> Value {
    if let Some(config) = config.as_object_mut() {
        config.insert("version".to_owned(), json!(1));
    }
    config
}

/// What else looks at requests.
fn others(subjects: &Subjects) -> Vec<Variant> {
    let requests = requests(subjects, 10, &[]);
    let variant = |name: &str, filter| Variant::new(name, vec![filter], requests.clone());
    let empty = subjects.plugin("empty plugin", "noop", &json!({}));
    let host_calls = subjects.plugin("host calls of the bundle alone", HOST_CALLS, &json!({}));
    vec![
        variant("empty plugin", empty),
        variant("host calls of the bundle alone", host_calls).beside("native chain, 10 rules"),
        variant("Lua, one header", lua()),
        variant("ext_authz over gRPC, yes to all", ext_authz()),
    ]
}

/// The name of the module that makes the host calls of the bundle, and nothing else.
pub(super) const HOST_CALLS: &str = "host_calls";

const LUA: &str = r#"
function envoy_on_request(handle)
  local client = handle:headers():get("x-client")
  if client == nil or string.sub(client, 1, 7) ~= "client-" then
    handle:respond({[":status"] = "403"}, "denied")
  end
end
"#;

fn lua() -> Value {
    json!({ "name": "lua", "typed_config": {
        "@type": type_url("filters.http.lua.v3.Lua"), "default_source_code": { "inline_string": LUA },
    } })
}

const AUTHORIZER: &str = "authorizer";

fn ext_authz() -> Value {
    json!({ "name": "ext_authz", "typed_config": {
        "@type": type_url("filters.http.ext_authz.v3.ExtAuthz"),
        "transport_api_version": "V3",
        "grpc_service": { "envoy_grpc": { "cluster_name": AUTHORIZER }, "timeout": "1s" },
    } })
}

/// An `envoy.service.auth.v3.CheckResponse` without fields has status 0: allowed.
fn services() -> Vec<(String, Arc<GrpcServer>)> {
    let server = GrpcServer::start(|_, _| Reply::Message(Vec::new()));
    server.into_iter().map(|server| (AUTHORIZER.to_owned(), Arc::new(server))).collect()
}
