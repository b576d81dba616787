//! What the upstream gets: the path that was judged, the identity, and no token that is not meant for it.

use std::borrow::Cow;

use portcullis_filter::{HeaderBlock, HeaderMap, Host, HostError};
use portcullis_http::MatchRequest;

use crate::reply::{HOST, Refusal};
use crate::requirement::Granted;
use crate::settings::Settings;
use crate::token::{Location, cookies_without, path_without};

/// Tells the upstream and later filters who calls. Whatever the host does not do of this, they would judge by: so it refuses the
/// request.
pub(crate) fn introduce(
    settings: &Settings,
    host: &dyn Host,
    headers: &HeaderBlock,
    request: &MatchRequest<'_>,
    granted: &Granted,
) -> Result<(), Refusal> {
    let tell = || {
        if let Some((_, caller)) = granted.callers.first() {
            caller.publish(host)?;
        }
        // The identity's own last: of a header that several callers have, the last one set stays.
        granted.callers.iter().rev().try_for_each(|(_, caller)| caller.set_headers(host))?;
        let taken = taken(settings, granted);
        withhold_tokens(host, headers, &taken)?;
        forward_path(host, headers, request, &taken)
    };
    tell().map_err(|_: HostError| HOST)
}

/// The places of the tokens that the upstream must not get.
fn taken<'a>(settings: &'a Settings, granted: &Granted) -> Vec<&'a Location> {
    let kept = |number: usize| settings.providers.get(number).is_some_and(|provider| provider.forward);
    let callers = granted.callers.iter().filter(|(_, caller)| !kept(caller.provider));
    callers.filter_map(|(place, _)| settings.locations.get(*place)).collect()
}

fn withhold_tokens(host: &dyn Host, headers: &HeaderBlock, taken: &[&Location]) -> Result<(), HostError> {
    let mut cookies = Vec::new();
    for location in taken {
        match location {
            Location::Header { name, .. } => host.remove_header(HeaderMap::RequestHeaders, name)?,
            Location::Cookie(name) => cookies.push(name.as_str()),
            Location::Param(_) => {}
        }
    }
    if cookies.is_empty() {
        return Ok(());
    }
    match cookies_without(headers, &cookies) {
        None => host.remove_header(HeaderMap::RequestHeaders, "cookie"),
        Some(line) => host.set_header(HeaderMap::RequestHeaders, "cookie", &line),
    }
}

/// What was judged is what the upstream gets, less the tokens in its query.
fn forward_path(
    host: &dyn Host,
    headers: &HeaderBlock,
    request: &MatchRequest<'_>,
    taken: &[&Location],
) -> Result<(), HostError> {
    let Some(received) = headers.only(":path") else { return Ok(()) };
    let judged = request.target.rewritten().map_or(received, str::as_bytes);
    let forwarded = taken.iter().fold(Cow::Borrowed(judged), |path, location| match location {
        Location::Param(name) => Cow::Owned(path_without(&path, name)),
        Location::Header { .. } | Location::Cookie(_) => path,
    });
    if forwarded == received {
        return Ok(());
    }
    host.set_header(HeaderMap::RequestHeaders, ":path", &forwarded)
}
