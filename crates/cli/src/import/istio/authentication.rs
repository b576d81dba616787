//! RequestAuthentication, as a policy for jwt-auth.

use portcullis_config::NonEmpty;

use super::authorization::head;
use super::names::{Names, of_issuer};
use super::options::Options;
use super::report::Report;
use super::resource::{At, Resource};
use super::wire::{JwtRule, RequestAuthentication};
use super::yaml::{Yaml, scalar};

/// What is told wherever tokens are verified.
const PREFIXES: &str = "a header's prefix begins its value, in capitals or not: `bearer` is `Bearer`; Istio finds the prefix anywhere, as it is \
    spelt";

const SEVERAL: &str =
    "where a request has several tokens, each of them must be good; Istio takes one good token, and which one is not defined";

/// The like of some rules.
const FETCHED: &str = "keys are fetched by the proxy, through a cluster that must be there, and a request that none can be had for is answered \
    503; by default Istio's control plane fetches them, and the answer is 401";

const AUDIENCES: &str = "audiences are compared byte by byte, and a token for another one is answered 401; Istio overlooks `https://` before \
    them and a slash behind them, and answers 403";

const HEADERS: &str = "a client's own copies of the headers that claims or the payload go into are removed in every spelling that a server may \
    read as the same (`x_user`)";

/// All rules, in the order of the providers.
pub(super) fn rules(resources: &[&Resource<'_>], report: &Report) -> Vec<JwtRule> {
    placed(resources, report).into_iter().map(|(rule, _)| rule).collect()
}

/// The policy file; nothing where there is no rule.
pub(super) fn policy(resources: &[&Resource<'_>], rules: &[JwtRule], options: &Options, report: &Report) -> Option<String> {
    let first = resources.first()?;
    if rules.is_empty() {
        resources.iter().for_each(|resource| resource.at(report).note("it has no rules: every request passes"));
        return None;
    }
    report.differs(PREFIXES);
    report.differs(SEVERAL);
    let mut names = Names::default();
    let mut yaml = Yaml::default();
    head(&mut yaml, "jwt-auth", first, resources);
    yaml.comment(1, "As Istio, which forwards the path that it has judged, lets CORS preflights pass, and takes several tokens.");
    yaml.line(1, "path: { on_ambiguous: rewrite }");
    yaml.line(1, "preflight: pass");
    yaml.line(1, "multiple_tokens: all_valid");
    yaml.line(1, "providers:");
    let providers: Vec<String> = placed(resources, report)
        .into_iter()
        .map(|(rule, at)| {
            let name = names.unique(&of_issuer(&rule.issuer));
            provider(&mut yaml, &name, &rule, (&at, options));
            name
        })
        .collect();
    yaml.comment(1, "A token that is there must be good; none is fine.");
    yaml.line(1, "on_no_match:");
    yaml.line(2, "requires_any:");
    providers.iter().for_each(|name| yaml.line(3, format!("- provider_name: {}", scalar(name))));
    yaml.line(3, "- allow_missing");
    Some(yaml.finish())
}

fn placed<'a>(resources: &[&'a Resource<'a>], report: &'a Report) -> Vec<(JwtRule, At<'a>)> {
    let of = |resource: &&'a Resource<'a>| {
        let spec: Option<RequestAuthentication> = resource.spec(report);
        let at = resource.at(report).field("spec").field("jwtRules");
        let rules = spec.map(|spec| spec.jwt_rules).unwrap_or_default().into_iter().enumerate();
        rules.map(move |(index, rule)| (rule, at.index(index))).collect::<Vec<_>>()
    };
    resources.iter().flat_map(of).collect()
}

fn provider(yaml: &mut Yaml, name: &str, rule: &JwtRule, (at, options): (&At<'_>, &Options)) {
    yaml.comment(2, at.title());
    yaml.line(2, format!("{}:", scalar(name)));
    yaml.text(3, "issuer", &rule.issuer);
    if let Some(audiences) = &rule.audiences {
        at.differs_everywhere(AUDIENCES);
        yaml.list(3, "audiences", audiences.as_slice());
    }
    yaml.line(3, "require_expiration: false");
    keys(yaml, rule, at, options);
    places(yaml, rule);
    if rule.forward_original_token {
        yaml.line(3, "forward: true");
    }
    if rule.output_payload_to_header.is_some() || rule.output_claim_to_headers.is_some() {
        at.differs_everywhere(HEADERS);
    }
    if let Some(header) = &rule.output_payload_to_header {
        yaml.text(3, "forward_payload_header", header);
    }
    if let Some(claims) = &rule.output_claim_to_headers {
        yaml.line(3, "claim_to_headers:");
        for claim in claims {
            yaml.line(4, format!("- {{ header_name: {}, claim_name: {} }}", scalar(&claim.header), scalar(&claim.claim)));
        }
    }
}

/// Where its keys are: written down, at a URI, or where the issuer says.
fn keys(yaml: &mut Yaml, rule: &JwtRule, at: &At<'_>, options: &Options) {
    let uri = rule.jwks_uri.as_deref().filter(|uri| !uri.is_empty());
    let inline = rule.jwks.as_deref().filter(|jwks| !jwks.is_empty());
    if uri.is_some() && inline.is_some() {
        at.refuse("`jwks` and `jwksUri`: only one of them can be meant");
    }
    if let Some(jwks) = inline.or_else(|| options.jwks.of(uri.unwrap_or(&rule.issuer))) {
        let compact = serde_json::from_str(jwks).map_or_else(|_| jwks.to_owned(), |json: serde_json::Value| json.to_string());
        yaml.line(3, "local_jwks:");
        return yaml.text(4, "inline_string", &compact);
    }
    at.differs_everywhere(FETCHED);
    let (field, address) = match uri {
        Some(uri) => ("remote_jwks", uri),
        None => ("discovery", rule.issuer.as_str()),
    };
    let Some(cluster) = options.clusters.get(address).cloned().or_else(|| cluster(address)) else {
        let missing =
            if uri.is_some() { "expected an http or https URI" } else { "without `jwks` and `jwksUri` the issuer must be a URL" };
        return at.refuse(missing);
    };
    yaml.line(3, format!("{field}:"));
    if uri.is_some() {
        yaml.text(4, "uri", address);
    }
    yaml.text(4, "cluster", &cluster);
    if let Some(timeout) = &rule.timeout {
        yaml.text(4, "timeout", timeout);
    }
}

/// Where its tokens are. Istio's own default has the query too.
fn places(yaml: &mut Yaml, rule: &JwtRule) {
    let header = |name: &str, prefix: &str| {
        let prefix = if prefix.is_empty() { String::new() } else { format!(", value_prefix: {}", scalar(prefix)) };
        format!("- {{ name: {}{prefix} }}", scalar(name))
    };
    let default = rule.from_headers.is_none() && rule.from_params.is_none() && rule.from_cookies.is_none();
    let headers: Vec<String> = match &rule.from_headers {
        None if default => vec![header("authorization", "Bearer ")],
        headers => headers.iter().flatten().map(|it| header(&it.name.to_ascii_lowercase(), &it.prefix)).collect(),
    };
    if !headers.is_empty() {
        yaml.line(3, "from_headers:");
        headers.iter().for_each(|header| yaml.line(4, header));
    }
    let params = if default { Some(vec!["access_token".to_owned()]) } else { rule.from_params.clone().map(NonEmpty::into_vec) };
    for (name, values) in [("from_params", params), ("from_cookies", rule.from_cookies.clone().map(NonEmpty::into_vec))] {
        values.iter().for_each(|values| yaml.list(3, name, values));
    }
}

/// The cluster that Istio makes for the host of `uri`.
fn cluster(uri: &str) -> Option<String> {
    let (port, rest) = match (uri.strip_prefix("https://"), uri.strip_prefix("http://")) {
        (Some(rest), _) => (443, rest),
        (None, rest) => (80, rest?),
    };
    let authority = rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty() && !authority.contains('@'))?;
    let explicit = authority.rsplit_once(':').filter(|(_, port)| !port.contains(']'));
    let (host, port) = match explicit {
        Some((host, port)) => (host, port.parse::<u16>().ok()?),
        None => (authority, port),
    };
    Some(format!("outbound|{port}||{host}"))
}

#[cfg(test)]
mod tests {
    use super::cluster;

    #[test]
    fn a_cluster_is_named_as_istio_names_it() {
        for (uri, expected) in [
            ("https://id.example/jwks.json", Some("outbound|443||id.example")),
            ("http://id.example?x=1", Some("outbound|80||id.example")),
            ("https://id.example:8443", Some("outbound|8443||id.example")),
            ("https://[::1]/x", Some("outbound|443||[::1]")),
            ("https://u@id.example", None),
            ("https://id.example:x", None),
            ("https://", None),
            ("me@id.example", None),
        ] {
            assert_eq!(cluster(uri).as_deref(), expected, "{uri}");
        }
    }
}
