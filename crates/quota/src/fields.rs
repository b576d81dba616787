//! The fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), as structured fields (RFC 9651).

use std::fmt::{self, Display};
use std::time::Duration;

/// An item of `RateLimit-Policy`: what a limit promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy<'a> {
    /// Its name.
    pub name: &'a str,
    /// `q`: its units in each window.
    pub quota: u64,
    /// `qu`: what a unit is, where it is no request.
    pub unit: Option<&'a str>,
    /// `w`: its window. The field knows whole seconds only: any other is left out.
    pub window: Option<Duration>,
    /// What may come at once beyond the quota, in a parameter of our own.
    pub burst: u64,
}

/// An item of `RateLimit`: what is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLimit<'a> {
    /// The name of the limit.
    pub name: &'a str,
    /// `r`: the units that are left.
    pub remaining: u64,
    /// `t`: when there will be more; `None` where all are there.
    pub more_in: Option<Duration>,
}

/// `duration` in whole seconds, a started one counted: what `Retry-After` and `t` say.
#[must_use]
pub const fn ceil_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(if duration.subsec_nanos() > 0 { 1 } else { 0 })
}

impl Display for Policy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};q={}", Text(self.name), self.quota)?;
        if let Some(unit) = self.unit {
            write!(f, ";qu={}", Text(unit))?;
        }
        if let Some(window) = self.window.filter(|window| window.as_secs() > 0 && window.subsec_nanos() == 0) {
            write!(f, ";w={}", window.as_secs())?;
        }
        if self.burst > 0 {
            write!(f, ";portcullis-burst={}", self.burst)?;
        }
        Ok(())
    }
}

impl Display for ServiceLimit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};r={}", Text(self.name), self.remaining)?;
        if let Some(more_in) = self.more_in {
            write!(f, ";t={}", ceil_seconds(more_in))?;
        }
        Ok(())
    }
}

/// A string (RFC 9651 section 3.3.3); what cannot stand in one becomes `_`.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                ' '..='~' => write!(f, "{character}")?,
                _ => f.write_str("_")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_second_counts() {
        let seconds = |nanos| ceil_seconds(Duration::from_nanos(nanos));
        assert_eq!([0, 1, 1_000_000_000, 1_000_000_001].map(seconds), [0, 1, 1, 2]);
        assert_eq!(ceil_seconds(Duration::MAX), u64::MAX);
    }
}
