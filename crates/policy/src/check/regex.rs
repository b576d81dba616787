//! Regular expressions in literals.

use regex::{Error, Regex, RegexBuilder};

use crate::bounds::PATTERN_SIZE_MAX;

/// How deep its groups may be.
const NESTING_MAX: u32 = 32;

/// Smaller programs are not told apart.
const PROGRAM_MIN: usize = 256;

/// Compiles `text`.
///
/// # Errors
/// Why it is no pattern, in a few words.
pub(crate) fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .size_limit(PATTERN_SIZE_MAX)
        .dfa_size_limit(PATTERN_SIZE_MAX)
        .nest_limit(NESTING_MAX)
        .build()
        .map_err(reason)
}

/// The size of the program that `text` is compiled to, in bytes, at most an eighth too large; `None` where it is no pattern or has
/// a larger one than patterns may have.
pub(crate) fn program_size(text: &str) -> Option<usize> {
    let fits = |size: &usize| is_program_within(text, *size);
    let whole = std::iter::successors(Some(PROGRAM_MIN), |size| size.checked_mul(2))
        .take_while(|size| *size <= PATTERN_SIZE_MAX.next_power_of_two())
        .find(fits)?;
    let half = whole / 2;
    Some((1..8).map(|eighths| half + half / 8 * eighths).find(fits).unwrap_or(whole))
}

/// Whether the program is of `most` bytes at most. Classes count as those of ASCII where the pattern can be read so: Unicode's
/// `\w` is a large program of which few instructions are ever active, while a search walks the active ones at each byte.
pub(crate) fn is_program_within(text: &str, most: usize) -> bool {
    let ascii = regex::bytes::RegexBuilder::new(text).unicode(false).nest_limit(NESTING_MAX).size_limit(most).build();
    match ascii {
        Ok(_) => true,
        Err(Error::CompiledTooBig(_)) => false,
        Err(_) => RegexBuilder::new(text).nest_limit(NESTING_MAX).size_limit(most).build().is_ok(),
    }
}

/// The regex crate draws a picture of the pattern and says what is wrong on the last line.
fn reason(error: Error) -> String {
    match error {
        Error::CompiledTooBig(_) => "it is too large when compiled; repeat less".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::program_size;

    #[test]
    fn classes_of_unicode_count_as_those_of_ascii() {
        assert!(program_size(r"^\w+@\w+\.\w+$").unwrap() < 1024);
        assert!(program_size(r"^\p{L}+$").unwrap() > 32 << 10);
    }

    #[test]
    fn repetitions_count() {
        let size = |pattern| program_size(pattern).unwrap();
        assert!(size("^a") <= 256);
        assert!(size("(a|b)*a(a|b){500}c") > 20 * size("(a|b)*a(a|b){20}c"));
        assert_eq!(program_size("(a{1000}){1000}"), None);
        assert_eq!(program_size("("), None);
    }
}
