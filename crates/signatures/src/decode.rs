//! What a value becomes for whoever decodes it once more.

use crate::bytes::{at, from};

/// Named entities that hide something.
const ENTITIES: [(&[u8], u8); 28] = [
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"amp", b'&'),
    (b"quot", b'"'),
    (b"apos", b'\''),
    (b"tab", b'\t'),
    (b"newline", b'\n'),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"lbrace", b'{'),
    (b"lcub", b'{'),
    (b"rbrace", b'}'),
    (b"rcub", b'}'),
    (b"lbrack", b'['),
    (b"lsqb", b'['),
    (b"rsqb", b']'),
    (b"sol", b'/'),
    (b"bsol", b'\\'),
    (b"dollar", b'$'),
    (b"num", b'#'),
    (b"equals", b'='),
    (b"nbsp", b' '),
    (b"period", b'.'),
    (b"percnt", b'%'),
    (b"grave", b'`'),
    (b"excl", b'!'),
];

/// The longest name among them.
const NAME_MAX: usize = 7;

/// With one layer of escapes resolved; `None` where there is none.
pub(crate) fn decode(value: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut changed = false;
    let mut place = 0;
    while let Some(byte) = value.get(place) {
        let rest = from(value, place);
        match resolve(rest) {
            Some((character, length)) => {
                changed = true;
                push(&mut decoded, character);
                place += length.max(1);
            }
            None => {
                decoded.push(*byte);
                place += 1;
            }
        }
    }
    changed.then_some(decoded)
}

/// The character at the front, and how many bytes spell it.
fn resolve(rest: &[u8]) -> Option<(u32, usize)> {
    match rest {
        [b'%', b'u' | b'U', digits @ ..] => Some((hex(digits, 4)?, 6)),
        [b'%', digits @ ..] => Some((byte(hex(digits, 2)?), 3)),
        [b'\\', b'u' | b'U', b'{', digits @ ..] => braced(digits),
        [b'\\', b'u' | b'U', digits @ ..] => Some((hex(digits, 4)?, 6)),
        [b'\\', b'x' | b'X', digits @ ..] => Some((byte(hex(digits, 2)?), 4)),
        [b'&', b'#', b'x' | b'X', digits @ ..] => number(digits, 16).map(|(value, length)| (value, length + 3)),
        [b'&', b'#', digits @ ..] => number(digits, 10).map(|(value, length)| (value, length + 2)),
        [b'&', name @ ..] => entity(name),
        // Overlong: two or three bytes that spell ASCII (RFC 3629 section 3 forbids them).
        [first @ (0xc0 | 0xc1), second @ 0x80..=0xbf, ..] => Some((u32::from(first & 0x1f) << 6 | u32::from(second & 0x3f), 2)),
        [0xe0, second @ 0x80..=0x81, third @ 0x80..=0xbf, ..] => {
            Some((u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f), 3))
        }
        // Full width: U+FF01 to U+FF5E, which some databases take for ASCII.
        [0xef, second @ (0xbc | 0xbd), third @ 0x80..=0xbf, ..] => {
            let character = 0xf000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
            (0xff01..=0xff5e).contains(&character).then_some((character, 3))
        }
        _ => None,
    }
}

/// A byte that was escaped as one, apart from the characters of Unicode.
const fn byte(value: u32) -> u32 {
    if value < 0x80 { value } else { value | 0x8000_0000 }
}

fn push(decoded: &mut Vec<u8>, character: u32) {
    match character {
        0xff01..=0xff5e => decoded.push(u8::try_from(character - 0xfee0).unwrap_or_default()),
        0x8000_0000.. => decoded.push(u8::try_from(character & 0xff).unwrap_or_default()),
        _ => {
            let character = char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER);
            decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

fn hex(digits: &[u8], count: usize) -> Option<u32> {
    let digits = digits.get(..count)?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// `{1F600}`, after its `\u{`.
fn braced(digits: &[u8]) -> Option<(u32, usize)> {
    let (value, length) = number(digits, 16)?;
    (at(digits, length) == b'}').then_some((value, length + 4))
}

/// Digits, and the semicolon that may end them; the longest that are looked at are seven.
fn number(digits: &[u8], radix: u32) -> Option<(u32, usize)> {
    let mut value = 0_u32;
    let mut length = 0;
    while let Some(digit) = digits.get(length).and_then(|digit| char::from(*digit).to_digit(radix)) {
        value = value.saturating_mul(radix).saturating_add(digit).min(0x10_ffff);
        length += 1;
        if length > 7 {
            return None;
        }
    }
    let ended = usize::from(at(digits, length) == b';');
    (length > 0).then_some((value, length + ended))
}

fn entity(name: &[u8]) -> Option<(u32, usize)> {
    let length = name.iter().take(NAME_MAX + 1).position(|byte| *byte == b';')?;
    let name = name.get(..length)?;
    let (_, byte) = ENTITIES.iter().find(|(entity, _)| entity.eq_ignore_ascii_case(name))?;
    Some((u32::from(*byte), length + 2))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn resolves_one_layer_of_escapes() {
        for (escaped, plain) in [
            ("%2e%2E/", "../"),
            ("%252e", "%2e"),
            ("%u002e%uff0e", ".."),
            ("\\u003cscript\\x3e", "<script>"),
            ("\\u{3c}", "<"),
            ("&lt;b&gt;&#39;&#x27;&#39", "<b>'''"),
            ("ja&Tab;va", "ja\tva"),
            ("＇ or １", "' or 1"),
        ] {
            assert_eq!(decode(escaped.as_bytes()).as_deref(), Some(plain.as_bytes()), "{escaped}");
        }
        assert_eq!(decode(b"\xc0\xae\xe0\x80\xae").as_deref(), Some(b"..".as_slice()));
    }

    #[test]
    fn leaves_alone_what_is_no_escape() {
        for plain in ["100 %", "%zz", "a & b", "&unknown;", "C:\\users", "AT&T;", "日本", "&#99999999;", ""] {
            assert_eq!(decode(plain.as_bytes()), None, "{plain}");
        }
    }
}
