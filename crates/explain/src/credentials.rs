//! What nobody may print of a request: tokens and passwords.

use std::collections::BTreeSet;

use portcullis_filter::HeaderBlock;

/// Headers whose value, behind the scheme, is a credential.
const CREDENTIALS: [&str; 2] = ["authorization", "proxy-authorization"];

/// So many bytes of a credential are taken for a part of it.
const PART: usize = 12;

/// What stands in its place.
const HIDDEN: &[u8] = "‹hidden›".as_bytes();

/// The credentials of a request, by all their parts.
#[derive(Debug, Default)]
pub struct Credentials {
    parts: BTreeSet<Vec<u8>>,
    /// Those that are no longer than a part.
    short: Vec<Vec<u8>>,
}

impl Credentials {
    /// The values of `authorization` and its like, and whatever looks like a token, wherever it stands.
    #[must_use]
    pub fn of(headers: &HeaderBlock) -> Self {
        let mut found = Self::default();
        for (name, value) in headers.iter() {
            if CREDENTIALS.iter().any(|known| known.as_bytes() == name) {
                found.add(behind_scheme(value));
            }
            value.split(|byte| !is_token_byte(*byte)).filter(|word| is_token(word)).for_each(|token| found.add(token));
        }
        found
    }

    /// One more, which only its reader knows for one.
    pub fn add(&mut self, credential: &[u8]) {
        match credential.len() {
            0..4 => {}
            4..=PART => self.short.push(credential.to_vec()),
            _ => self.parts.extend(credential.windows(PART).map(<[u8]>::to_vec)),
        }
    }

    /// `text` without any part of them; `None` where there is none in it.
    #[must_use]
    pub fn hidden_in(&self, text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        let (mut kept, mut at, mut changed) = (Vec::new(), 0, false);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let length = self.length_at(rest);
            match rest.first() {
                Some(byte) if length == 0 => kept.push(*byte),
                _ => kept.extend(HIDDEN),
            }
            changed |= length > 0;
            at += length.max(1);
        }
        changed.then(|| String::from_utf8_lossy(&kept).into_owned())
    }

    /// How many bytes at the start of `text` are of a credential.
    fn length_at(&self, text: &[u8]) -> usize {
        let short = self.short.iter().filter(|short| text.starts_with(short)).map(Vec::len).max();
        let parts = text.windows(PART).take_while(|window| self.parts.contains(*window)).count();
        let long = if parts == 0 { 0 } else { parts + PART - 1 };
        long.max(short.unwrap_or_default())
    }
}

/// `scheme SP credential` (RFC 9110 section 11.4); one without a scheme as it is.
fn behind_scheme(value: &[u8]) -> &[u8] {
    let blank = value.iter().position(|byte| *byte == b' ');
    blank.and_then(|blank| value.get(blank + 1..)).unwrap_or(value).trim_ascii()
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Three parts, of which the first is a JSON object in base64url: it begins with `{"` or with `{` and a blank.
fn is_token(word: &[u8]) -> bool {
    let is_object = word.starts_with(b"eyJ") || word.starts_with(b"eyA") || word.starts_with(b"ewo") || word.starts_with(b"ew0");
    is_object && word.iter().filter(|byte| **byte == b'.').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4iLCJ0ZW5hbnQiOiJhY21lIn0.c2lnbmF0dXJlIQ";

    fn hidden(headers: &[(&str, &str)], text: &str) -> Option<String> {
        Credentials::of(&HeaderBlock::from_pairs(headers.iter().copied())).hidden_in(text)
    }

    #[test]
    fn a_token_is_hidden_wherever_it_came_from_and_so_is_a_part_of_it() {
        let bearer = format!("Bearer {TOKEN}");
        let (query, cookie) = (format!("/a?t={TOKEN}&b=1"), format!("a=b; session={TOKEN}"));
        for header in [("authorization", bearer.as_str()), (":path", &query), ("cookie", &cookie), ("x-token", TOKEN)] {
            for (text, expected) in [
                (format!("\"Bearer {TOKEN}\""), "\"Bearer ‹hidden›\""),
                ("eyJzdWIiOiJhbm4iLCJ0ZW5hb…".to_owned(), "‹hidden›…"),
                ("[\"c2lnbmF0dXJlIQ\", 1]".to_owned(), "[\"‹hidden›\", 1]"),
                (format!("é {TOKEN} é {TOKEN}"), "é ‹hidden› é ‹hidden›"),
            ] {
                assert_eq!(hidden(&[header], &text).as_deref(), Some(expected), "{header:?}");
            }
        }
    }

    #[test]
    fn whatever_authorizes_is_hidden_though_it_is_short() {
        let headers = [("authorization", "Basic YTpi"), ("proxy-authorization", "a key of no scheme that anybody knows")];
        assert_eq!(hidden(&headers, "Basic YTpi").as_deref(), Some("Basic ‹hidden›"));
        assert_eq!(hidden(&headers, "scheme that anybody").as_deref(), Some("‹hidden›"));
    }

    #[test]
    fn everything_else_is_told() {
        let headers = [("authorization", "Bearer x"), ("cookie", "theme=dark-and-very-long"), ("x-version", "1.2.3-eyJ")];
        assert_eq!(hidden(&headers, "theme is dark-and-very-long, of 1.2.3-eyJ"), None);
    }
}
