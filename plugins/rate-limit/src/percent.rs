//! Shares: `25%`, `0.1%`.

use std::fmt;

use portcullis_config::{Scalar, expected, impl_scalar};
use serde::{Serialize, Serializer};

/// A share of the whole, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

/// So many parts are the whole.
const WHOLE: u32 = 1_000_000;

/// So many decimal places are a part.
const PLACES: usize = 4;

impl Percent {
    /// Whether it is the whole.
    pub(crate) const fn is_whole(self) -> bool {
        self.0 >= WHOLE
    }

    /// Whether `number`, of [`Self::PARTS`] numbers that are all as likely, falls into it.
    pub(crate) const fn has(self, number: u32) -> bool {
        number < self.0
    }

    /// How many numbers there are.
    pub(crate) const PARTS: u32 = WHOLE;
}

impl Default for Percent {
    fn default() -> Self {
        Self(WHOLE)
    }
}

impl Scalar for Percent {
    const EXPECTED: &'static str = "a share such as \"25%\"";
    const PATTERN: &'static str = r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)%$";
    const NAME: &'static str = "Percent";

    fn parse(text: &str) -> Result<Self, String> {
        parts(text).filter(|parts| *parts <= WHOLE).map(Self).ok_or_else(|| expected::<Self>(text))
    }
}

impl_scalar!(Percent);

/// As it would stand in a configuration.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        let places = format!("{rest:04}");
        match places.trim_end_matches('0') {
            "" => write!(f, "{whole}%"),
            places => write!(f, "{whole}.{places}%"),
        }
    }
}

/// The same: a default in a JSON Schema.
impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn parts(text: &str) -> Option<u32> {
    let number = text.strip_suffix('%')?;
    let (whole, places) = number.split_once('.').map_or((number, None), |(whole, places)| (whole, Some(places)));
    let digits = |text: &str, max| (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 3) || places.is_some_and(|places| !digits(places, PLACES)) {
        return None;
    }
    let places: u32 = format!("{:0<PLACES$}", places.unwrap_or_default()).parse().ok()?;
    Some(whole.parse::<u32>().ok()? * 10_000 + places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_and_printed_exactly() {
        for (text, parts) in [("0%", 0), ("25%", 250_000), ("0.1%", 1_000), ("0.0001%", 1), ("99.99%", 999_900), ("100%", WHOLE)]
        {
            let share = Percent::parse(text).unwrap();
            assert_eq!((share, share.to_string().as_str()), (Percent(parts), text));
        }
        assert_eq!(Percent::parse("5.50%").unwrap().to_string(), "5.5%");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "%", "25", "101%", "100.1%", "-1%", "1e1%", ".5%", "5.%", "0.00001%", " 5%", "+5%"] {
            assert!(Percent::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(Percent::parse("25").unwrap_err(), "expected a share such as \"25%\", found \"25\"");
    }

    #[test]
    fn the_whole_has_every_number_and_nothing_has_none() {
        assert!(Percent::default().has(WHOLE - 1) && Percent::default().is_whole());
        assert!(!Percent(0).has(0) && Percent(1).has(0) && !Percent(1).has(1));
    }
}
