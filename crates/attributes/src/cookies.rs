//! Cookies (RFC 6265 section 4.2.1).

use std::borrow::Cow;

use portcullis_filter::HeaderBlock;
use portcullis_policy::{Unreadable, Value};

use crate::query::{Field, bounded, split_once};

/// Every cookie, in order, repeated ones too, of all `cookie` lines (RFC 9113 section 8.2.3 splits them). Values are not decoded:
/// a cookie has no escapes; quotation marks around one are no part of it. What has no `=` is no cookie.
///
/// # Errors
/// Where a name is not UTF-8, or there are too many.
pub(crate) fn parse(headers: &HeaderBlock) -> Result<Value<'_>, Unreadable> {
    let pieces = headers.all("cookie").flat_map(|line| line.split(|byte| *byte == b';'));
    bounded(pieces.filter_map(cookie)).map(Value::Fields)
}

fn cookie(piece: &[u8]) -> Option<Result<Field<'_>, Unreadable>> {
    let (name, value) = split_once(piece, b'=')?;
    let name = str::from_utf8(name.trim_ascii()).map_err(|_| Unreadable("a name that is not UTF-8"));
    Some(name.map(|name| (Cow::Borrowed(name), Cow::Borrowed(unquoted(value.trim_ascii())))))
}

fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inner @ .., b'"'] => inner,
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(lines: &[&str]) -> Vec<(String, String)> {
        let headers = HeaderBlock::from_pairs(lines.iter().map(|line| ("cookie", line)));
        let Ok(Value::Fields(fields)) = parse(&headers) else { panic!("{lines:?}") };
        fields.into_iter().map(|(name, value)| (name.into_owned(), String::from_utf8(value.into_owned()).unwrap())).collect()
    }

    #[test]
    fn reads_every_line_in_order() {
        let found = cookies(&["a=1; b=\"x y\";c= z ", "a=2; flag; =v; d=e=f; p=%41"]);
        let expected = [("a", "1"), ("b", "x y"), ("c", "z"), ("a", "2"), ("", "v"), ("d", "e=f"), ("p", "%41")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_name_that_is_no_text_is_an_error() {
        let headers = HeaderBlock::from_pairs([("cookie", b"\xff=1")]);
        assert!(parse(&headers).is_err());
    }
}
