//! Where tokens stand in a request, and how one is taken away again.

use std::borrow::Cow;

use portcullis_filter::HeaderBlock;

use crate::config::{FromHeaderConfig, ProviderConfig};
use crate::reply::Refusal;

mod cookie;
mod query;

/// A place that may carry a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// A header, behind a prefix.
    Header { name: String, prefix: String },
    /// A parameter of the query.
    Param(String),
    /// A cookie.
    Cookie(String),
}

/// A token as it was found, and the place, as a number of [`Locations`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    pub(crate) token: Cow<'a, [u8]>,
    pub(crate) location: usize,
}

/// Every place where some provider looks.
#[derive(Debug)]
pub(crate) struct Locations(Vec<Location>);

impl Location {
    /// The places that a provider names; without any, `authorization: Bearer …` (RFC 6750 section 2.1).
    pub(crate) fn of(config: &ProviderConfig) -> Vec<Self> {
        let headers = config.from_headers.iter().flatten().map(Self::header);
        let params = config.from_params.iter().flatten().cloned().map(Self::Param);
        let cookies = config.from_cookies.iter().flatten().cloned().map(Self::Cookie);
        let named: Vec<Self> = headers.chain(params).chain(cookies).collect();
        if named.is_empty() { vec![Self::bearer()] } else { named }
    }

    fn bearer() -> Self {
        Self::Header { name: "authorization".to_owned(), prefix: "Bearer ".to_owned() }
    }

    fn header(config: &FromHeaderConfig) -> Self {
        Self::Header { name: config.name.as_str().to_owned(), prefix: config.value_prefix.clone() }
    }

    /// The header that the token is a part of.
    pub(crate) fn header_name(&self) -> &str {
        match self {
            Self::Header { name, .. } => name,
            Self::Param(_) => ":path",
            Self::Cookie(_) => "cookie",
        }
    }

    fn prefix_length(&self) -> usize {
        match self {
            Self::Header { prefix, .. } => prefix.len(),
            Self::Param(_) | Self::Cookie(_) => 0,
        }
    }
}

impl Locations {
    pub(crate) fn new<'a>(all: impl IntoIterator<Item = &'a Location>) -> Self {
        let mut distinct: Vec<Location> = Vec::new();
        for location in all {
            if !distinct.contains(location) {
                distinct.push(location.clone());
            }
        }
        // The longest prefix first: `authorization` alone must not take the scheme for a part of the token.
        distinct.sort_by_key(|location| std::cmp::Reverse(location.prefix_length()));
        Self(distinct)
    }

    /// The numbers of these places.
    pub(crate) fn numbers(&self, places: &[Location]) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, location)| places.contains(location)).map(|(number, _)| number).collect()
    }

    /// The place with this number.
    pub(crate) fn get(&self, number: usize) -> Option<&Location> {
        self.0.get(number)
    }

    /// The headers that tokens stand in.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Location::header_name)
    }

    /// Every token of the request. One place never holds two: the upstream may believe the other one.
    pub(crate) fn tokens<'a>(&self, headers: &'a HeaderBlock) -> Result<Vec<Found<'a>>, Refusal> {
        let found = self.found(headers);
        let several = |one: &Found<'_>| found.iter().filter(|other| other.location == one.location).count() > 1;
        if found.iter().any(|one| several(one) || self.is_ambiguous(one, headers)) {
            return Err(Refusal::Multiple);
        }
        Ok(found)
    }

    /// Whatever stands at the places, however often.
    pub(crate) fn found<'a>(&self, headers: &'a HeaderBlock) -> Vec<Found<'a>> {
        let mut found: Vec<Found<'a>> = Vec::new();
        for (name, value) in headers.iter() {
            let before = found.len();
            for (number, location) in self.0.iter().enumerate() {
                if location.header_name().as_bytes() == name {
                    read(location, number, value, &mut found);
                }
                // One line of a header is one credential, however many prefixes fit it.
                if matches!(location, Location::Header { .. }) && found.len() > before {
                    break;
                }
            }
        }
        found
    }

    /// A second line of the header that holds the token, or lines that the proxy has joined: Envoy puts a comma between those of
    /// `authorization`, which no token holds.
    fn is_ambiguous(&self, found: &Found<'_>, headers: &HeaderBlock) -> bool {
        let Some(Location::Header { name, .. }) = self.get(found.location) else { return false };
        memchr::memchr(b',', &found.token).is_some() || headers.only(name).is_none()
    }
}

/// The tokens that `value` carries at this place: none, one, or the several of a repeated parameter.
fn read<'a>(location: &Location, number: usize, value: &'a [u8], found: &mut Vec<Found<'a>>) {
    let mut push = |token: Cow<'a, [u8]>| {
        if !token.is_empty() {
            found.push(Found { token, location: number });
        }
    };
    match location {
        Location::Header { prefix, .. } => behind(prefix, value).into_iter().for_each(|token| push(Cow::Borrowed(token))),
        Location::Param(name) => query::values(value, name).for_each(push),
        Location::Cookie(name) => cookie::values(value, name).for_each(|token| push(Cow::Borrowed(token))),
    }
}

/// A line without the prefix carries no token. Letters match in either case, as the names of schemes do.
fn behind<'v>(prefix: &str, value: &'v [u8]) -> Option<&'v [u8]> {
    let (start, rest) = value.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix.as_bytes()).then_some(rest.trim_ascii())
}

/// `path` without any parameter called `name`.
pub(crate) fn path_without(path: &[u8], name: &str) -> Vec<u8> {
    query::without(path, name)
}

/// The lines of `cookie` as one, without the cookies of these names; `None` when no other is left.
pub(crate) fn cookies_without(headers: &HeaderBlock, names: &[&str]) -> Option<Vec<u8>> {
    cookie::without(headers.all("cookie"), names)
}

#[cfg(test)]
mod tests;
