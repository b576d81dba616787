//! Where tokens stand in a request.

use portcullis_filter::HeaderBlock;

use crate::config::FromHeaderConfig;
use crate::reply::Refusal;

/// A header that may carry a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenHeader {
    pub(crate) name: String,
    prefix: String,
}

/// A token as it was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) token: &'a [u8],
    pub(crate) location: &'a TokenHeader,
}

/// Every place where some provider looks.
#[derive(Debug)]
pub(crate) struct Locations(Vec<TokenHeader>);

impl Locations {
    pub(crate) fn new<'a>(all: impl IntoIterator<Item = &'a TokenHeader>) -> Self {
        let mut distinct: Vec<TokenHeader> = Vec::new();
        for location in all {
            if !distinct.contains(location) {
                distinct.push(location.clone());
            }
        }
        // The longest prefix first: `authorization` alone must not take the scheme for a part of the token.
        distinct.sort_by_key(|location| std::cmp::Reverse(location.prefix.len()));
        Self(distinct)
    }

    /// The one token of a request. With two of them, or a second line of the header that holds it, the upstream may believe
    /// the other one.
    pub(crate) fn only_token<'a>(&'a self, headers: &'a HeaderBlock) -> Result<Found<'a>, Refusal> {
        let mut tokens = headers.iter().filter_map(|(name, value)| self.token_in(name, value));
        let found = tokens.next().ok_or(Refusal::Missing)?;
        // Envoy joins the lines of `authorization` with a comma, which no token holds.
        let joined = found.token.contains(&b',');
        if joined || tokens.next().is_some() || headers.only(&found.location.name).is_none() {
            return Err(Refusal::Multiple);
        }
        Ok(found)
    }

    fn token_in<'a>(&'a self, name: &[u8], value: &'a [u8]) -> Option<Found<'a>> {
        let here = self.0.iter().filter(|location| location.name.as_bytes() == name);
        here.filter_map(|location| Some(Found { token: location.token_in(value)?, location })).next()
    }
}

impl TokenHeader {
    /// `authorization: Bearer …` (RFC 6750 section 2.1).
    pub(crate) fn bearer() -> Self {
        Self { name: "authorization".to_owned(), prefix: "Bearer ".to_owned() }
    }

    /// A line without the prefix, or with nothing after it, carries no token.
    fn token_in<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        let (prefix, rest) = value.split_at_checked(self.prefix.len())?;
        let token = rest.trim_ascii();
        (prefix.eq_ignore_ascii_case(self.prefix.as_bytes()) && !token.is_empty()).then_some(token)
    }
}

impl From<FromHeaderConfig> for TokenHeader {
    fn from(config: FromHeaderConfig) -> Self {
        Self { name: config.name.as_str().to_owned(), prefix: config.value_prefix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_of(lines: &[(&str, &str)]) -> Result<String, Refusal> {
        let bare = TokenHeader { name: "x-token".to_owned(), prefix: String::new() };
        let locations = Locations::new([&bare, &TokenHeader::bearer(), &TokenHeader::bearer()]);
        let headers = HeaderBlock::from_pairs(lines.iter().copied());
        locations.only_token(&headers).map(|found| String::from_utf8_lossy(found.token).into_owned())
    }

    #[test]
    fn the_scheme_matches_in_any_case() {
        for line in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
            assert_eq!(token_of(&[("authorization", line)]).as_deref(), Ok("a.b.c"), "{line}");
        }
    }

    #[test]
    fn another_scheme_carries_no_token() {
        for line in ["", "Bearer", "Bearer ", "Basic YTpi", "Bearerx a.b.c", "a.b.c"] {
            assert_eq!(token_of(&[("authorization", line)]), Err(Refusal::Missing), "{line}");
        }
    }

    #[test]
    fn refuses_lines_that_a_proxy_has_joined() {
        for line in ["Bearer a.b.c,Bearer a.b.c", "Bearer a.b.c, Basic YTpi"] {
            assert_eq!(token_of(&[("authorization", line)]), Err(Refusal::Multiple), "{line}");
        }
    }

    #[test]
    fn refuses_two_tokens_wherever_they_stand() {
        let bearer = ("authorization", "Bearer a.b.c");
        for other in [bearer, ("authorization", "Basic YTpi"), ("x-token", "a.b.c")] {
            assert_eq!(token_of(&[bearer, other]), Err(Refusal::Multiple), "{other:?}");
            assert_eq!(token_of(&[other, bearer]), Err(Refusal::Multiple), "{other:?}");
        }
    }
}
