//! The clusters that a policy names because its plugin fetches something through them.

use super::policy::Policy;
use super::yaml::Yaml;
use crate::plugin::Plugin;

/// A cluster and where it must lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Callout {
    pub(super) cluster: String,
    /// What is fetched, for people.
    pub(super) what: String,
    pub(super) endpoint: Endpoint,
}

/// A host and a port, and what is spoken there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
    /// Whether it is gRPC, which needs HTTP/2.
    pub(super) grpc: bool,
}

impl Endpoint {
    /// Where `uri` leads: `https://id.example/keys`.
    pub(super) fn of_uri(uri: &str) -> Option<Self> {
        let (scheme, rest) = uri.split_once("://")?;
        let tls = scheme.eq_ignore_ascii_case("https");
        let authority = rest.split(['/', '?', '#']).next()?;
        Self::of_authority(authority, Some(if tls { 443 } else { 80 })).map(|endpoint| Self { tls, ..endpoint })
    }

    /// `host:port`, where there is a port or a default for it; without TLS.
    pub(super) fn of_authority(authority: &str, default_port: Option<u16>) -> Option<Self> {
        let (host, port) = match authority.strip_prefix('[').map(|rest| rest.split_once(']')) {
            Some(bracketed) => bracketed?,
            None => authority.split_at_checked(authority.rfind(':').unwrap_or(authority.len()))?,
        };
        let port = if port.is_empty() { default_port? } else { port.strip_prefix(':')?.parse().ok()? };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        (!host.is_empty() && host.bytes().all(plain)).then(|| Self { host: host.to_owned(), port, tls: false, grpc: false })
    }

    /// Whether the host is an address, which no resolver is asked for.
    pub(super) fn is_address(&self) -> bool {
        self.host.parse::<std::net::IpAddr>().is_ok()
    }
}

/// The clusters that `policy` names, each once; one that leads to several hosts once for each.
pub(super) fn of(policy: &Policy) -> Vec<Callout> {
    let config = &policy.config;
    match policy.plugin {
        Plugin::Bundle => {
            let part = |name| config.entry(name).into_iter();
            once(part("jwt_auth").flat_map(of_providers).chain(part("rate_limit").flat_map(of_limits)))
        }
        Plugin::JwtAuth => once(of_providers(config)),
        Plugin::RateLimit => once(of_limits(config)),
        Plugin::InputValidation | Plugin::Rbac => Vec::new(),
    }
}

/// Those of jwt-auth.
fn of_providers(config: &Yaml) -> impl Iterator<Item = Callout> {
    let providers = config.entry("providers").into_iter().flat_map(Yaml::entries);
    providers.flat_map(|(name, provider)| of_provider(name, provider)).map(|(_, callout)| callout)
}

/// Those of rate-limit.
fn of_limits(config: &Yaml) -> impl Iterator<Item = Callout> {
    config.entry("limits").into_iter().flat_map(Yaml::items).filter_map(of_limit)
}

/// Those of `callouts` that differ in more than what they are for.
pub(super) fn once(callouts: impl IntoIterator<Item = Callout>) -> Vec<Callout> {
    callouts.into_iter().fold(Vec::new(), |mut found: Vec<Callout>, callout| {
        if !found.iter().any(|known| known.cluster == callout.cluster && known.endpoint == callout.endpoint) {
            found.push(callout);
        }
        found
    })
}

/// Gives each cluster that `policy` names the name that `renamed` has for it: the configuration with these names.
pub(super) fn renamed(policy: &Policy, renamed: impl Fn(&Callout) -> String) -> Yaml {
    let mut config = policy.config.clone();
    match policy.plugin {
        Plugin::Bundle => {
            config.entry_mut("jwt_auth").into_iter().for_each(|part| rename_providers(part, &renamed));
            config.entry_mut("rate_limit").into_iter().for_each(|part| rename_limits(part, &renamed));
        }
        Plugin::JwtAuth => rename_providers(&mut config, &renamed),
        Plugin::RateLimit => rename_limits(&mut config, &renamed),
        Plugin::InputValidation | Plugin::Rbac => {}
    }
    config
}

fn rename_providers(config: &mut Yaml, renamed: impl Fn(&Callout) -> String) {
    for provider in config.entry_mut("providers").into_iter().flat_map(Yaml::values_mut) {
        for ([block, field], callout) in of_provider("", provider) {
            if let Some(cluster) = provider.entry_mut(block).and_then(|block| block.entry_mut(field)) {
                *cluster = renamed(&callout).into();
            }
        }
    }
}

fn rename_limits(config: &mut Yaml, renamed: impl Fn(&Callout) -> String) {
    for limit in config.entry_mut("limits").into_iter().flat_map(Yaml::items_mut) {
        if let (Some(callout), Some(service)) = (of_limit(limit), limit.entry_mut("service")) {
            rename_service(service, &callout, renamed(&callout));
        }
    }
}

/// The port of gRPC where Limitador and envoyproxy/ratelimit listen if nothing else is said.
const RATE_LIMIT_PORT: u16 = 8081;

/// The service that keeps a limit: where its authority says, else at the host that is called like the cluster.
fn of_limit(limit: &Yaml) -> Option<Callout> {
    let service = limit.entry("service")?;
    let text = |field: &str| service.entry(field).and_then(Yaml::as_text);
    let (cluster, name) = (text("cluster")?, limit.entry("name").and_then(Yaml::as_text).unwrap_or_default());
    let endpoint = Endpoint::of_authority(text("authority").unwrap_or(cluster), Some(RATE_LIMIT_PORT))?;
    let endpoint = Endpoint { grpc: true, ..endpoint };
    Some(Callout { cluster: cluster.to_owned(), what: format!("the service of `{name}`"), endpoint })
}

/// The authority would be the cluster's new name, which is no host, if nothing were said.
fn rename_service(service: &mut Yaml, callout: &Callout, name: String) {
    let authority = service.entry("authority").is_none().then(|| callout.cluster.clone());
    if let Some(cluster) = service.entry_mut("cluster") {
        *cluster = name.into();
    }
    if let (Yaml::Map(map), Some(authority)) = (service, authority) {
        *map = std::mem::take(map).with("authority", authority);
    }
}

/// The fields of a provider that name a cluster, and where that must lead.
fn of_provider(name: &str, provider: &Yaml) -> Vec<([&'static str; 2], Callout)> {
    let text = |block: &str, field: &str| provider.entry(block)?.entry(field)?.as_text().map(str::to_owned);
    let callout = |[block, field]: [&'static str; 2], uri: Option<String>, what: &str| {
        let (cluster, endpoint) = (text(block, field)?, Endpoint::of_uri(&uri?)?);
        Some(([block, field], Callout { cluster, what: format!("{what} of `{name}`"), endpoint }))
    };
    let issuer = || provider.entry("issuer").and_then(Yaml::as_text).map(str::to_owned);
    let first_host = || match provider.entry("discovery")?.entry("allowed_hosts")? {
        Yaml::List(hosts) => hosts.first()?.as_text().map(|host| format!("https://{host}")),
        _ => None,
    };
    let found = [
        callout(["remote_jwks", "cluster"], text("remote_jwks", "uri"), "the keys"),
        callout(["discovery", "cluster"], issuer(), "the issuer's metadata"),
        callout(["discovery", "jwks_cluster"], first_host().or_else(issuer), "the keys"),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_where_the_uri_leads() {
        let endpoint = |host: &str, port, tls| Some(Endpoint { host: host.to_owned(), port, tls, grpc: false });
        assert_eq!(Endpoint::of_uri("https://id.example/keys?x=http://y"), endpoint("id.example", 443, true));
        assert_eq!(Endpoint::of_uri("http://id.example:8080"), endpoint("id.example", 8080, false));
        assert_eq!(Endpoint::of_uri("https://[::1]:8443/"), endpoint("::1", 8443, true));
        assert_eq!(Endpoint::of_uri("https://10.0.0.1"), endpoint("10.0.0.1", 443, true));
        for wrong in ["id.example", "https://", "https://id.example:x", "https://user@id.example"] {
            assert_eq!(Endpoint::of_uri(wrong), None, "{wrong}");
        }
        assert_eq!(Endpoint::of_authority("orders", None), None);
    }
}
