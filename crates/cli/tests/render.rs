//! `portcullis render` from the outside: policies of `render/`, and what is rendered of them, `NAME.golden`. `UPDATE_GOLDEN=1` writes
//! the latter.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "support/golden.rs"]
mod golden;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize as _;
use serde_json::Value as Json;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render")
}

struct Outcome {
    code: Option<i32>,
    document: String,
    said: String,
}

fn render(arguments: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let output = command.current_dir(folder()).env_clear().arg("render").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code(), document: text(output.stdout), said: text(output.stderr) }
}

fn rendered(arguments: &[&str]) -> Vec<Json> {
    let Outcome { document, said, .. } = render(arguments);
    let documents = serde_yaml_ng::Deserializer::from_str(&document).map(Json::deserialize);
    let documents: Result<Vec<_>, _> = documents.collect();
    assert!(documents.is_ok(), "{documents:?}\n{said}\n{document}");
    documents.unwrap()
}

/// `document` with `…` for the capabilities, which are as many as the module has imports and callbacks.
fn shortened(document: &str) -> String {
    let is_capability = |line: &str| {
        let name = line.trim_start().strip_suffix(": {}");
        name.is_some_and(|name| name.contains('_') && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
    };
    let mut lines: Vec<String> = Vec::new();
    for line in document.lines() {
        let line = if is_capability(line) { line.replace(line.trim_start(), "…") } else { line.to_owned() };
        if !line.ends_with('…') || lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}

/// Whether the file `golden` holds `document`; it then does if it is to be updated.
fn is_golden(golden: &str, document: &str) -> bool {
    golden::holds(&folder().join(golden), document)
}

#[test]
fn renders_what_is_kept_beside_the_policies() {
    let goldens: [(&str, &[&str]); 6] = [
        ("filter.golden", &["tokens.yaml", "--target", "envoy"]),
        ("bootstrap.golden", &["tokens.yaml", "orders.yaml", "--target", "envoy", "--bootstrap", "--upstream", "orders:8080"]),
        ("remote.golden", &["orders.yaml", "--target", "envoy", "--url", "https://files.example/rbac.wasm", "--sha256", DIGEST]),
        (
            "wasm_plugin.golden",
            &["tokens.yaml", "orders.yaml", "payments.yaml", "--target", "istio", "--selector", "app=orders", "--sidecar"],
        ),
        (
            "traffic_extension.golden",
            &[
                "tokens.yaml",
                "--target",
                "istio",
                "--kind",
                "TrafficExtension",
                "--target-ref",
                "Gateway/shop",
                "--namespace",
                "shop",
            ],
        ),
        ("envoy_filter.golden", &["tokens.yaml", "orders.yaml", "--target", "istio", "--kind", "EnvoyFilter"]),
    ];
    for (golden, arguments) in goldens {
        let Outcome { code, document, said } = render(arguments);
        assert!(code == Some(0) && is_golden(golden, &shortened(&document)), "{golden}: {said}\n{document}");
    }
}

#[test]
fn a_wrong_policy_is_refused_as_check_refuses_it() {
    let Outcome { code, document, said } = render(&["orders.yaml", "wrong.yaml", "--target", "envoy"]);
    assert_eq!((code, document.as_str()), (Some(1), ""));
    assert!(
        said.starts_with("wrong.yaml:5:54: error: config.policies[0].condition:1:9: unknown field `request.methd`"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_had_is_exit_code_2_and_says_why() {
    let refusals: [(&[&str], &str); 10] = [
        (&["no_such.yaml", "--target", "envoy"], "no_such.yaml: "),
        (&["orders.yaml", "--target", "envoy", "--selector", "a=b"], "`--selector` is for `--target istio`"),
        (&["orders.yaml", "--target", "istio", "--bootstrap"], "`--bootstrap` is for `--target envoy`"),
        (
            &["orders.yaml", "--target", "envoy", "--bootstrap", "--listen", "10000"],
            "`--listen`: expected an address and a port: `0.0.0.0:10000`",
        ),
        (
            &["orders.yaml", "orders.yaml", "--target", "envoy"],
            "two policies are called `rbac-orders`: give their files different names",
        ),
        (&["orders.yaml", "--target", "envoy", "--module", "rbca=x.wasm"], "no such plugin; did you mean `rbac`?"),
        (
            &["orders.yaml", "tokens.yaml", "--target", "envoy", "--module", "x.wasm"],
            "`--module` must say whose it is where several plugins are rendered: `--module PLUGIN=…`",
        ),
        (
            &["orders.yaml", "--target", "envoy", "--url", "https://files.example/rbac.wasm"],
            "`--sha256` is needed with `--url`: there is no module at `target/wasm/rbac.wasm` to take it from",
        ),
        (
            &["orders.yaml", "--target", "envoy", "--url", "oci://registry.example/rbac"],
            "`--url`: Envoy fetches modules by https:// and http:// alone",
        ),
        (
            &["orders.yaml", "--target", "istio", "--target-ref", "Ingress/shop"],
            "expected one of `Gateway/NAME`, `GatewayClass/NAME`, `Service/NAME`, `ServiceEntry/NAME`",
        ),
    ];
    for (arguments, reason) in refusals {
        let Outcome { code, document, said } = render(arguments);
        assert_eq!((code, document.as_str()), (Some(2), ""), "{arguments:?}: {said}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
}

#[test]
fn a_secret_in_a_policy_is_warned_of_and_not_repeated() {
    let Outcome { code, said, .. } = render(&["secret.yaml", "--target", "envoy"]);
    assert_eq!(code, Some(0));
    for place in ["config.providers.inline.local_jwks.inline.keys[0]", "config.providers.text.local_jwks.inline_string"] {
        assert!(said.contains(&format!("secret.yaml: warning: {place}: a secret stands here")), "{said}");
    }
    assert!(!said.contains("cGxhbnRlZC"), "{said}");
    assert!(!render(&["tokens.yaml", "--target", "envoy"]).said.contains("a secret stands here"));
}

#[test]
fn variables_are_named_and_their_values_stay_where_they_are() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let command = command.current_dir(folder()).args(["render", "tokens.yaml", "--target", "envoy"]);
    let keys = r#"{"keys":[{"kty":"oct","k":"cGxhbnRlZC1wbGFudGVkLXBsYW50ZWQtcGxhbnRlZC0"}]}"#;
    let output = command.env("PARTNER_KEY", "planted").env("OLD_KEYS", keys).output().unwrap();
    let document = String::from_utf8(output.stdout).unwrap();
    assert!(document.contains("host_env_keys: [OLD_KEYS, PARTNER_KEY]"), "{document}");
    assert!(!document.contains("planted") && !document.contains("cGxhbnRlZC"), "{document}");
}

#[test]
fn the_digest_of_a_module_at_hand_is_taken_from_it() {
    let module = Path::new(env!("CARGO_TARGET_TMPDIR")).join("render.wasm");
    std::fs::write(&module, "abc").unwrap();
    let module = module.to_str().unwrap();
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let url = ["--url", "https://files.example/rbac.wasm", "--module", module];
    let envoy = rendered(&[&["orders.yaml", "--target", "envoy"], url.as_slice()].concat());
    assert_eq!(envoy[0][0]["typed_config"]["config"]["vm_config"]["code"]["remote"]["sha256"], digest);
    let istio = rendered(&[&["orders.yaml", "--target", "istio"], url.as_slice()].concat());
    assert_eq!(istio[0]["spec"]["sha256"], digest);
    let image = rendered(&["orders.yaml", "--target", "istio", "--module", module]);
    assert_eq!(image[0]["spec"].get("sha256"), None);
}

#[test]
fn the_proxy_gets_the_configuration_that_was_written() {
    let text = std::fs::read_to_string(folder().join("orders.yaml")).unwrap();
    let config = &Json::deserialize(serde_yaml_ng::Deserializer::from_str(&text)).unwrap()["config"];
    let envoy = rendered(&["orders.yaml", "--target", "envoy"]);
    let value = envoy[0][0]["typed_config"]["config"]["configuration"]["value"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Json>(value).unwrap(), *config);
    let istio = rendered(&["orders.yaml", "--target", "istio"]);
    assert_eq!(istio[0]["spec"]["pluginConfig"], *config);
}

#[test]
fn chains_of_one_phase_keep_their_order_by_priority() {
    let documents = rendered(&["orders.yaml", "payments.yaml", "--target", "istio"]);
    let priorities: Vec<_> = documents.iter().map(|document| document["spec"]["priority"].as_u64().unwrap()).collect();
    assert!(priorities[0] > priorities[1], "{priorities:?}");
}

#[test]
fn a_guard_before_jwt_auth_stays_before_it() {
    let documents = rendered(&["payments.yaml", "tokens.yaml", "orders.yaml", "--target", "istio"]);
    let place = |document: &Json| (document["spec"]["phase"].clone(), document["spec"].get("priority").and_then(Json::as_u64));
    let places: Vec<_> = documents.iter().map(place).collect();
    assert_eq!(places, [("AUTHN".into(), Some(30)), ("AUTHN".into(), Some(20)), ("AUTHZ".into(), None)]);
    let filter =
        rendered(&["payments.yaml", "tokens.yaml", "orders.yaml", "--target", "istio", "--kind", "EnvoyFilter"]).remove(0);
    let patches = filter["spec"]["configPatches"].as_array().unwrap().iter().map(|patch| &patch["patch"]);
    let inserted: Vec<_> = patches.map(|patch| (&patch["operation"], &patch["value"]["name"])).take(3).collect();
    // What is inserted first later stands before.
    let expected = ["INSERT_FIRST portcullis.tokens", "INSERT_FIRST portcullis.payments", "INSERT_BEFORE portcullis.orders"];
    assert_eq!(
        inserted.iter().map(|(how, name)| format!("{} {}", how.as_str().unwrap(), name.as_str().unwrap())).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn two_policies_with_one_name_in_metrics_are_warned_of() {
    let Outcome { said, .. } = render(&["payments.yaml", "orders.yaml", "--target", "envoy"]);
    assert!(
        said.contains(
            "orders.yaml: warning: `rbac` names the metrics and records of payments.yaml too; `instance` tells them apart"
        ),
        "{said}"
    );
    assert_eq!(render(&["orders.yaml", "--target", "envoy"]).said, "");
}

/// Istio keeps a configuration as a protobuf `Struct`, whose numbers are doubles.
#[test]
fn numbers_may_come_as_doubles() {
    let documents = rendered(&["orders.yaml", "--target", "istio"]);
    let mut config = documents[0]["spec"]["pluginConfig"].clone();
    as_doubles(&mut config);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("doubles.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let output = command.arg("check").arg(&file).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(config.to_string().contains("50.0") && output.status.success(), "{said}");
}

fn as_doubles(value: &mut Json) {
    match value {
        Json::Object(members) => members.values_mut().for_each(as_doubles),
        Json::Array(items) => items.iter_mut().for_each(as_doubles),
        Json::Number(number) => *value = Json::from(number.as_f64().unwrap()),
        _ => {}
    }
}

#[test]
fn the_page_about_the_command_shows_what_is_printed() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli/render.md")).unwrap();
    for arguments in ["payments.yaml --target envoy", "orders.yaml --target istio --selector app=orders --sidecar"] {
        let Outcome { document, .. } = render(&arguments.split(' ').collect::<Vec<_>>());
        let document = shortened(&document);
        assert!(page.contains(&format!("$ portcullis render {arguments}\n{document}```")), "{document}");
    }
}
