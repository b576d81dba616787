//! The request that rules judge, and that the upstream gets.

use portcullis_config::OnAmbiguous;
use portcullis_filter::{HeaderBlock, HeaderMap, Headers, HostError};
use portcullis_http::{InvalidHost, MalformedRequest, MatchRequest, RuleIndex};

/// The request with these headers, as the rules in `index` may judge it.
///
/// # Errors
/// When two parties could read its method, host or path differently: it must be refused.
pub fn judged<'a>(
    headers: &'a HeaderBlock,
    index: &RuleIndex,
    on_ambiguous: OnAmbiguous,
) -> Result<MatchRequest<'a>, MalformedRequest> {
    let (method, path) = (headers.only(":method").unwrap_or_default(), headers.only(":path"));
    let authority = headers.only(":authority");
    // A second one, or none where rules ask for one: nobody knows which host the upstream takes it for.
    if authority.is_none() && (index.looks_at_hosts() || headers.all(":authority").next().is_some()) {
        return Err(MalformedRequest::Host(InvalidHost::NotAHost));
    }
    let request = MatchRequest::parse(method, authority, path, on_ambiguous)?;
    match index.host_ambiguity(&request) {
        Some(ambiguity) => Err(MalformedRequest::Host(ambiguity)),
        None => Ok(request),
    }
}

/// What was judged is what the upstream gets: replaces the path where it was rewritten.
///
/// # Errors
/// When the host refuses: the request must then be refused too.
pub fn forward_judged(host: &(impl Headers + ?Sized), request: &MatchRequest<'_>) -> Result<(), HostError> {
    match request.target.rewritten() {
        Some(path) => host.set_header(HeaderMap::RequestHeaders, ":path", path.as_bytes()),
        None => Ok(()),
    }
}
