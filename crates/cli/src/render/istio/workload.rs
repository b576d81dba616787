//! Which proxies run a policy.

use std::str::FromStr;

use super::IstioOptions;
use crate::render::yaml::{Map, Yaml};

/// `NAME=VALUE`.
#[derive(Debug, Clone)]
pub(super) struct Label {
    name: String,
    value: String,
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |text: &str, more: &[u8]| {
            text.len() <= 63 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() && plain(name, b"-_./") && plain(value, b"-_.") => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err("expected a label and its value, such as `app=orders`".to_owned()),
        }
    }
}

/// A resource that a policy is for.
#[derive(Debug, Clone)]
pub(super) struct TargetRef {
    group: &'static str,
    kind: &'static str,
    name: String,
}

/// The kinds that Istio knows there, and their groups.
const KINDS: [(&str, &str); 4] = [
    ("Gateway", "gateway.networking.k8s.io"),
    ("GatewayClass", "gateway.networking.k8s.io"),
    ("Service", ""),
    ("ServiceEntry", "networking.istio.io"),
];

impl FromStr for TargetRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once('/').unwrap_or((text, ""));
        match KINDS.iter().find(|(known, _)| *known == kind) {
            Some((kind, group)) if is_name(name, 253) => Ok(Self { group, kind, name: name.to_owned() }),
            Some(_) => Err("expected a kind and a name, such as `Gateway/ingress`".to_owned()),
            None => Err(format!("expected one of {}", KINDS.map(|(kind, _)| format!("`{kind}/NAME`")).join(", "))),
        }
    }
}

/// Kubernetes' own names: lower-case letters, digits, `-` and `.`.
fn is_name(text: &str, longest: usize) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    (1..=longest).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with(['-', '.']) && !text.ends_with(['-', '.'])
}

/// That `namespace` can be one.
pub(super) fn check_namespace(namespace: &str) -> Result<(), String> {
    if is_name(namespace, 63) && !namespace.contains('.') { Ok(()) } else { Err("`--namespace`: expected a name".to_owned()) }
}

/// `spec` with the proxies that `options` choose; where they are chosen by labels, below `selector` and `labels`.
pub(super) fn chosen(spec: Map, options: &IstioOptions, selector: &str, labels: &str) -> Map {
    if !options.target_ref.is_empty() {
        let reference = |target: &TargetRef| {
            Map::default().with("group", target.group).with("kind", target.kind).with("name", target.name.as_str())
        };
        return spec.with("targetRefs", options.target_ref.iter().map(reference).collect::<Vec<_>>());
    }
    let all = match options.selector.as_slice() {
        [] => Map::block().with("istio", "ingressgateway"),
        given => given.iter().fold(Map::block(), |all, label| all.with(&label.name, label.value.as_str())),
    };
    spec.with(selector, Yaml::from(Map::block().with(labels, all)))
}
