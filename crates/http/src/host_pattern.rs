//! The hosts that a rule is for.

use std::fmt;

use portcullis_config::{Scalar, impl_scalar, quote};

use crate::CanonicalHost;

/// One host (`api.example.com`), all below a domain (`*.example.com`: one label or more, not the domain itself), or any (`*`).
///
/// A port is not part of it, and a request that names one is ambiguous where rules look at hosts: a client chooses what it
/// writes there, so a rule for one port would be a rule to step around. Where the port matters, use a condition on
/// `destination.port`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPattern(pub(crate) Hosts);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Hosts {
    /// Every host, and a request without one.
    Any,
    /// This one, in canonical form.
    Exact(String),
    /// What ends with a dot and this.
    Below(String),
}

impl HostPattern {
    /// Whether `host` is one of these; without a host only `*` matches.
    #[must_use]
    pub fn matches(&self, host: Option<&CanonicalHost<'_>>) -> bool {
        let host = host.map(CanonicalHost::as_str);
        match &self.0 {
            Hosts::Any => true,
            Hosts::Exact(name) => host == Some(name),
            Hosts::Below(domain) => {
                host.and_then(|host| host.strip_suffix(domain.as_str())).is_some_and(|front| front.ends_with('.'))
            }
        }
    }
}

impl Scalar for HostPattern {
    const EXPECTED: &'static str = "a host such as \"api.example.com\", \"*.example.com\" or \"*\"";
    const PATTERN: &'static str = r"^(\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])$";
    const NAME: &'static str = "HostPattern";

    fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self(Hosts::Any));
        }
        let (below, name) = text.strip_prefix("*.").map_or((false, text), |domain| (true, domain));
        if name.contains('*') {
            return Err(format!("`*` stands only for all labels at the front, as in \"*.example.com\", found {}", quote(text)));
        }
        let host = CanonicalHost::parse(name.as_bytes()).map_err(|_| portcullis_config::expected::<Self>(text))?;
        if host.port().is_some() || name.ends_with(':') {
            return Err(format!("a host pattern has no port: a client chooses what it writes there, found {}", quote(text)));
        }
        if below && host.as_str().starts_with('[') {
            return Err(portcullis_config::expected::<Self>(text));
        }
        let name = host.as_str().to_owned();
        Ok(Self(if below { Hosts::Below(name) } else { Hosts::Exact(name) }))
    }
}

impl_scalar!(HostPattern);

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Hosts::Any => f.write_str("*"),
            Hosts::Exact(name) => f.write_str(name),
            Hosts::Below(domain) => write!(f, "*.{domain}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, host: &str) -> bool {
        let host = CanonicalHost::parse(host.as_bytes()).unwrap();
        HostPattern::parse(pattern).unwrap().matches(Some(&host))
    }

    #[test]
    fn one_host_is_matched_whatever_its_spelling_and_port() {
        for host in ["api.example.com", "API.example.com", "api.example.com:8443"] {
            assert!(matches("api.example.com", host), "{host}");
            assert!(matches("Api.Example.com", host), "{host}");
        }
        assert!(!matches("api.example.com", "xapi.example.com"));
        assert!(!matches("api.example.com", "api.example.com.evil.org"));
        assert!(matches("[::1]", "[0::1]:80"));
    }

    #[test]
    fn a_wildcard_covers_every_depth_but_not_the_domain_itself() {
        assert!(matches("*.example.com", "a.example.com"));
        assert!(matches("*.example.com", "a.b.example.com"));
        assert!(!matches("*.example.com", "example.com"));
        assert!(!matches("*.example.com", "badexample.com"));
    }

    #[test]
    fn only_the_lone_wildcard_matches_a_request_without_a_host() {
        assert!(HostPattern::parse("*").unwrap().matches(None));
        assert!(!HostPattern::parse("*.example.com").unwrap().matches(None));
        assert!(!HostPattern::parse("example.com").unwrap().matches(None));
    }

    #[test]
    fn says_why_a_pattern_is_wrong() {
        let error = |text| HostPattern::parse(text).unwrap_err();
        assert_eq!(error("a.com:80"), "a host pattern has no port: a client chooses what it writes there, found \"a.com:80\"");
        assert_eq!(error("*:80"), "`*` stands only for all labels at the front, as in \"*.example.com\", found \"*:80\"");
        assert_eq!(error("a.*.com"), "`*` stands only for all labels at the front, as in \"*.example.com\", found \"a.*.com\"");
        assert!(error("").starts_with("expected a host such as"));
        assert!(error("https://a.com").starts_with("expected a host such as"));
        assert!(error("*.").starts_with("expected a host such as"));
    }
}
