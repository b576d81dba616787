//! `from[].source`: who sends.

use super::cel::Cel;
use super::claims;
use super::context::{Context, Translate};
use super::network;
use super::peer;
use super::resource::At;
use super::wire::Source;

/// That the request comes from `source`.
pub(super) fn condition(source: &Source, context: &Context<'_>, at: &At<'_>) -> Cel {
    if *source == Source::default() {
        at.refuse("a source without fields is any: leave `from` out, or say which");
    }
    let both = |positive, negative, values, translate: Translate| context.both((positive, negative), values, translate, at);
    let s = source;
    Cel::all([
        both("principals", "notPrincipals", (&s.principals, &s.not_principals), peer::principals),
        both("namespaces", "notNamespaces", (&s.namespaces, &s.not_namespaces), peer::namespaces),
        both("serviceAccounts", "notServiceAccounts", (&s.service_accounts, &s.not_service_accounts), peer::service_accounts),
        both("trustDomains", "notTrustDomains", (&s.trust_domains, &s.not_trust_domains), peer::trust_domains),
        both(
            "requestPrincipals",
            "notRequestPrincipals",
            (&s.request_principals, &s.not_request_principals),
            claims::request_principals,
        ),
        both("ipBlocks", "notIpBlocks", (&s.ip_blocks, &s.not_ip_blocks), network::peers),
        both("remoteIpBlocks", "notRemoteIpBlocks", (&s.remote_ip_blocks, &s.not_remote_ip_blocks), network::remotes),
    ])
}
