//! Who connects, as its certificate says: `principals`, `namespaces`, `serviceAccounts`, `trustDomains`.

use super::cel::Cel;
use super::context::{Context, placed};
use super::pattern::{Pattern, escaped, found, literal, matching};
use super::resource::At;

const PEER: &str = "peer.principal";
const SCHEME: &str = "spiffe://";

/// What Istio takes for the mesh's trust domain, whatever its name.
const POINTER: &str = "cluster.local";

/// What is told where nobody says what that is.
const MESH: &str = "to Istio `cluster.local` in a principal is the mesh's trust domain, whatever its name, and its aliases; here it is \
    `cluster.local` where it admits somebody, and every trust domain where it keeps somebody out. `--trust-domain` names yours";

/// The like of other names.
const ALIASES: &str = "to Istio one of the mesh's trust domains stands for all of them; `--trust-domain` names them";

/// What is told wherever a policy looks at principals.
const ONE_NAME: &str = "a caller is known by the first URI in its validated certificate, if that is a SPIFFE id; Istio looks at every \
    name in it";

fn guarded(test: Cel, at: &At<'_>) -> Cel {
    at.differs_everywhere(ONE_NAME);
    Cel::all([known(), test])
}

fn known() -> Cel {
    Cel::Call(format!("has({PEER})"))
}

/// `source.principal`, `principals`: SPIFFE ids without `spiffe://`.
pub(super) fn principals(values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    let one = |(value, at): (&str, At<'_>)| {
        let pattern = Pattern::of(value, &at);
        if pattern.literal().starts_with(SCHEME) {
            at.note("Istio puts `spiffe://` before it: nobody is called so");
        }
        match value.split_once('/').filter(|(domain, rest)| *domain != "*" && rest.split('/').count() == 4) {
            Some((domain, rest)) => in_mesh(domain, rest, context, &at),
            None => matching(PEER, &[Pattern::from(with_scheme(pattern).as_str())], &known()),
        }
    };
    guarded(Cel::any(placed(values, at).map(one).collect::<Vec<_>>()), at)
}

/// A suffix has none: the start of an id always does.
fn with_scheme(pattern: Pattern<'_>) -> String {
    match pattern {
        Pattern::Present => "*".to_owned(),
        Pattern::Suffix(text) => format!("*{text}"),
        Pattern::Prefix(text) => format!("{SCHEME}{text}*"),
        Pattern::Exact(text) => format!("{SCHEME}{text}"),
    }
}

/// `domain/ns/a/sa/b`: in each of the mesh's trust domains, if its own is one of them; `cluster.local` always is.
fn in_mesh(domain: &str, rest: &str, context: &Context<'_>, at: &At<'_>) -> Cel {
    let ours = &context.options.trust_domains;
    let is_same = |known: &&String| match domain.strip_prefix('*') {
        Some(suffix) => known.ends_with(suffix),
        None => *known == domain,
    };
    let written = format!("{domain}/{rest}");
    let ids: Vec<String> = match domain {
        POINTER if ours.is_empty() => {
            at.differs_everywhere(MESH);
            if context.wider {
                return in_any_domain(rest);
            }
            vec![written]
        }
        _ if domain == POINTER || ours.iter().any(|known| is_same(&known)) => {
            ours.iter().map(|known| if is_same(&known) { written.clone() } else { format!("{known}/{rest}") }).collect()
        }
        _ => {
            if ours.is_empty() {
                at.differs_everywhere(ALIASES);
            }
            vec![written]
        }
    };
    let ids: Vec<String> = ids.iter().map(|id| with_scheme(Pattern::from(id.as_str()))).collect();
    matching(PEER, &ids.iter().map(|id| Pattern::from(id.as_str())).collect::<Vec<_>>(), &known())
}

fn in_any_domain(rest: &str) -> Cel {
    let (text, end) = rest.strip_suffix('*').map_or((rest, "$"), |text| (text, ""));
    found(PEER, &format!("^{SCHEME}[^/]+/{}{end}", escaped(text)))
}

/// `source.namespace`, `namespaces`: what stands after `/ns/`.
pub(super) fn namespaces(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    let one = |(value, at): (&str, At<'_>)| {
        if !is_plain(value, true) {
            at.refuse("no namespace is like this");
        }
        if value.contains('*') {
            found(PEER, &format!("/ns/{}/", wild(value, ".*")))
        } else {
            Cel::Call(format!("{PEER}.contains({})", literal(&format!("/ns/{value}/"))))
        }
    };
    guarded(Cel::any(placed(values, at).map(one).collect::<Vec<_>>()), at)
}

/// `source.serviceAccount`, `serviceAccounts`: with their namespace, or of the policy's own.
pub(super) fn service_accounts(values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    let one = |(value, at): (&str, At<'_>)| {
        let (namespace, account) = match (value.split_once('/'), context.namespace) {
            (Some(both), _) => both,
            (None, Some(namespace)) => (namespace, value),
            (None, None) => {
                at.refuse(
                    "the policy has no namespace that this could be in: write `namespace/account`, or name it: `--namespace`",
                );
                return Cel::Never;
            }
        };
        if !is_plain(namespace, false) || !is_plain(account, false) {
            at.refuse("no service account is like this; Istio takes no wildcard here");
        }
        found(PEER, &format!("/ns/{}/(.+/)?sa/{}(/.+)?$", escaped(namespace), escaped(account)))
    };
    guarded(Cel::any(placed(values, at).map(one).collect::<Vec<_>>()), at)
}

/// `source.trustDomain`, `trustDomains`: what stands after `spiffe://`.
pub(super) fn trust_domains(values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    let ours = &context.options.trust_domains;
    if ours.is_empty() {
        at.differs_everywhere(ALIASES);
    }
    let one = |(value, at): (&str, At<'_>)| {
        if !is_plain(value, true) {
            at.refuse("no trust domain is like this");
        }
        let aliases: Vec<&str> =
            if ours.iter().any(|known| known == value) { ours.iter().map(String::as_str).collect() } else { vec![value] };
        Cel::any(aliases.into_iter().map(trust_domain))
    };
    guarded(Cel::any(placed(values, at).map(one).collect::<Vec<_>>()), at)
}

fn trust_domain(name: &str) -> Cel {
    if name.contains('*') {
        found(PEER, &format!("^spiffe://{}/", wild(name, "[^/]*")))
    } else {
        Cel::Call(format!("{PEER}.startsWith({})", literal(&format!("spiffe://{name}/"))))
    }
}

/// `pattern` as a regular expression, with `any` for each of its wildcards.
fn wild(pattern: &str, any: &str) -> String {
    pattern.split('*').map(escaped).collect::<Vec<_>>().join(any)
}

/// Whether it can stand in a SPIFFE id, as a whole segment.
fn is_plain(text: &str, wildcards: bool) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') || wildcards && byte == b'*';
    !text.is_empty() && text.bytes().all(allowed)
}
