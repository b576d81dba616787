//! Whether a text is a timestamp or a duration.

/// RFC 3339, within the years 1 to 9999.
pub(super) fn is_timestamp(text: &str) -> bool {
    timestamp(text.as_bytes()).is_some()
}

fn timestamp(text: &[u8]) -> Option<()> {
    let (year, rest) = number(text, 4, 1, 9999)?;
    let (month, rest) = number(after(rest, b"-")?, 2, 1, 12)?;
    let (_, rest) = number(after(rest, b"-")?, 2, 1, days(year, month))?;
    let (_, rest) = number(after(rest, b"Tt")?, 2, 0, 23)?;
    let (_, rest) = number(after(rest, b":")?, 2, 0, 59)?;
    let (_, rest) = number(after(rest, b":")?, 2, 0, 59)?;
    zone(fraction(rest)?)
}

fn fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(digits) = after(text, b".") else { return Some(text) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits.get(count..).filter(|_| (1..=9).contains(&count))
}

fn zone(text: &[u8]) -> Option<()> {
    if matches!(text, b"Z" | b"z") {
        return Some(());
    }
    let (_, rest) = number(after(text, b"+-")?, 2, 0, 23)?;
    let (_, rest) = number(after(rest, b":")?, 2, 0, 59)?;
    rest.is_empty().then_some(())
}

const fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

fn after<'t>(text: &'t [u8], one_of: &[u8]) -> Option<&'t [u8]> {
    text.split_first().filter(|(first, _)| one_of.contains(first)).map(|(_, rest)| rest)
}

fn number(text: &[u8], digits: usize, least: u32, most: u32) -> Option<(u32, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let value = number.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))?;
    (least..=most).contains(&value).then_some((value, rest))
}

/// A sign, then numbers with units: `1h30m`, `-1.5s`; `0` alone needs none. About 10,000 years at most.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let Some((number, after)) = rest.split_at_checked(digits) else { return false };
        let (Ok(number), Some((unit, after))) = (number.parse::<f64>(), unit(after)) else { return false };
        seconds += number * unit;
        rest = after;
    }
    !text.is_empty() && seconds <= 315_576_000_000.0 && text != "-" && text != "+"
}

/// The unit in seconds, and what follows it.
fn unit(text: &str) -> Option<(f64, &str)> {
    const UNITS: [(&str, f64); 8] =
        [("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("ns", 1e-9), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
    UNITS.iter().find_map(|(name, seconds)| text.strip_prefix(name).map(|rest| (*seconds, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_timestamps() {
        for text in ["2026-01-31T12:00:00Z", "0001-01-01T00:00:00Z", "2024-02-29T23:59:59.999999999-08:00"] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in [
            "",
            "2026-01-31",
            "2026-02-29T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn knows_durations() {
        for text in ["1h30m", "-1.5s", "0", "100ms", "1us", "315576000000s"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "-", "5", "5 s", "1d", ".s", "1..5s", "315576000001s"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
