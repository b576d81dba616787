//! Durations: `5s`, `100ms`, `1.5h`.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::{Scalar, expected, impl_scalar};

/// A length of time: a decimal number of at most nine decimal places and one unit of ns, us, ms, s, m, h, d.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(std::time::Duration);

impl Duration {
    /// The length of time.
    #[must_use]
    pub const fn get(self) -> std::time::Duration {
        self.0
    }
}

impl From<std::time::Duration> for Duration {
    fn from(duration: std::time::Duration) -> Self {
        Self(duration)
    }
}

impl From<Duration> for std::time::Duration {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

impl Scalar for Duration {
    const EXPECTED: &'static str = "a duration such as \"5s\"";
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]{1,9})?(ns|us|ms|s|m|h|d)$";
    const NAME: &'static str = "Duration";

    fn parse(text: &str) -> Result<Self, String> {
        nanos(text).map(|nanos| Self(std::time::Duration::from_nanos(nanos))).ok_or_else(|| expected::<Self>(text))
    }
}

impl_scalar!(Duration);

/// As it would stand in a configuration, in the largest unit that divides it.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let (unit, size) =
            UNITS.iter().rev().find(|(_, size)| nanos.is_multiple_of(u128::from(*size)) && nanos > 0).unwrap_or(&("s", 1));
        write!(f, "{}{unit}", nanos / u128::from(*size))
    }
}

/// The same: a default in a JSON Schema.
impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const UNITS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Exact: a fraction of a nanosecond is refused, and so is what does not fit 64 bits of them (584 years).
fn nanos(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.find(|c: char| c.is_ascii_alphabetic())?)?;
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = digits(whole)?.checked_mul(*size)?;
    let Some(fraction) = fraction else { return Some(whole) };
    if fraction.len() > 9 {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let scaled = u128::from(digits(fraction)?) * u128::from(*size);
    let fraction = scaled.is_multiple_of(scale).then_some(scaled / scale)?;
    whole.checked_add(u64::try_from(fraction).ok()?)
}

/// A number of plain digits: no sign, no blank.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<u128> {
        Duration::parse(text).ok().map(|duration| duration.get().as_nanos())
    }

    #[test]
    fn reads_every_unit() {
        let second = 1_000_000_000;
        assert_eq!(parsed("7ns"), Some(7));
        assert_eq!(parsed("7us"), Some(7_000));
        assert_eq!(parsed("100ms"), Some(second / 10));
        assert_eq!(parsed("0s"), Some(0));
        assert_eq!(parsed("5s"), Some(5 * second));
        assert_eq!(parsed("10m"), Some(600 * second));
        assert_eq!(parsed("1.5h"), Some(5_400 * second));
        assert_eq!(parsed("2d"), Some(172_800 * second));
        assert_eq!(parsed("0.000000001s"), Some(1));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "5",
            "s",
            "5 s",
            " 5s",
            "5s ",
            "-5s",
            "+5s",
            "5S",
            "5sec",
            "1h30m",
            ".5s",
            "5.s",
            "1.2.3s",
            "1e3s",
            "∞s",
            "5.0000000001s",
            "0.5ns",
            "1_0s",
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_longest_is_64_bits_of_nanoseconds() {
        assert_eq!(parsed("18446744073709551615ns"), Some(u128::from(u64::MAX)));
        assert_eq!(parsed("18446744073709551616ns"), None);
        assert_eq!(parsed("213504d"), None);
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["1ns", "1500us", "100ms", "5s", "90m", "36h", "2d"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Duration::default().to_string(), "0s");
    }

    #[test]
    fn says_what_it_expected() {
        assert_eq!(Duration::parse("5").unwrap_err(), r#"expected a duration such as "5s", found "5""#);
    }
}
