//! The parameters of a query, decoded as `application/x-www-form-urlencoded` (WHATWG URL section 5.1).

use std::borrow::Cow;

use portcullis_policy::{Unreadable, Value};

/// So many parameters or cookies are read; more are an error, and their comparison grows with the square.
pub(crate) const FIELDS_MAX: usize = 1_000;

/// A name and its value.
pub(crate) type Field<'a> = (Cow<'a, str>, Cow<'a, [u8]>);

/// Every parameter of `query`, in order, repeated ones too.
///
/// # Errors
/// Where two servers could read it differently: an escape is none, a `;` stands in it, which some take for a separator, or a name is
/// not UTF-8 or has a control character; or where there are too many.
pub(crate) fn parse(query: &[u8]) -> Result<Value<'_>, Unreadable> {
    if query.contains(&b';') {
        return Err(Unreadable("a query that is read in two ways"));
    }
    let pieces = query.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    bounded(pieces.map(parameter)).map(Value::Fields)
}

/// The fields, if they are not too many.
pub(crate) fn bounded<'a>(fields: impl Iterator<Item = Result<Field<'a>, Unreadable>>) -> Result<Vec<Field<'a>>, Unreadable> {
    let fields: Vec<Field<'a>> = fields.take(FIELDS_MAX + 1).collect::<Result<_, _>>()?;
    if fields.len() > FIELDS_MAX { Err(Unreadable("too many")) } else { Ok(fields) }
}

fn parameter(piece: &[u8]) -> Result<Field<'_>, Unreadable> {
    let (name, value) = split_once(piece, b'=').unwrap_or((piece, b""));
    let name = text(decoded(name)?)?;
    if name.contains(char::is_control) {
        return Err(Unreadable("a name with a control character"));
    }
    Ok((name, decoded(value)?))
}

/// What stands before and after the first `byte`.
pub(crate) fn split_once(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|found| *found == byte)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

fn text(name: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Unreadable> {
    const NOT_TEXT: Unreadable = Unreadable("a name that is not UTF-8");
    match name {
        Cow::Borrowed(name) => str::from_utf8(name).map(Cow::Borrowed).map_err(|_| NOT_TEXT),
        Cow::Owned(name) => String::from_utf8(name).map(Cow::Owned).map_err(|_| NOT_TEXT),
    }
}

/// `+` is a blank and `%41` is a byte. A `%` without two digits is read in two ways: an error.
fn decoded(text: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        bytes.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, tail @ ..]) => {
                rest = tail;
                hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low).ok_or(NO_ESCAPE)?
            }
            (b'%', _) => return Err(NO_ESCAPE),
            (byte, _) => *byte,
        });
    }
    Ok(Cow::Owned(bytes))
}

const NO_ESCAPE: Unreadable = Unreadable("a `%` without two digits");

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(query: &str) -> Vec<(String, String)> {
        let Ok(Value::Fields(fields)) = parse(query.as_bytes()) else { panic!("{query}") };
        fields.into_iter().map(|(name, value)| (name.into_owned(), String::from_utf8(value.into_owned()).unwrap())).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_some_servers_split_or_cut_is_an_error() {
        for query in ["a=1;b=2", "x=1;admin=1", "admin%00=1", "a%0a=1"] {
            assert!(parse(query.as_bytes()).is_err(), "{query}");
        }
    }

    #[test]
    fn decodes_names_and_values_once() {
        assert_eq!(fields("a=1&b=x+y&c=%2541&%64=%C3%BC"), pairs(&[("a", "1"), ("b", "x y"), ("c", "%41"), ("d", "ü")]));
    }

    #[test]
    fn keeps_what_is_repeated_empty_or_without_a_value() {
        assert_eq!(
            fields("a=1&&a=2&b&c=&=x&d=e=f"),
            pairs(&[("a", "1"), ("a", "2"), ("b", ""), ("c", ""), ("", "x"), ("d", "e=f")])
        );
        assert_eq!(fields(""), pairs(&[]));
    }

    #[test]
    fn an_escape_with_two_readings_is_an_error() {
        for query in ["a=%", "a=%4", "a=%4g", "%zz=1", "a=%+1", "%ff=1"] {
            assert!(parse(query.as_bytes()).is_err(), "{query}");
        }
    }

    #[test]
    fn a_thousand_are_read_and_no_more() {
        assert_eq!(fields(&"a&".repeat(FIELDS_MAX)).len(), FIELDS_MAX);
        assert!(parse("a&".repeat(FIELDS_MAX + 1).as_bytes()).is_err());
    }
}
