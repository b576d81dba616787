//! Base64url as JOSE writes it: no padding, no white space, no bits left over (RFC 7515 section 2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What `text` encodes, when it is the one canonical encoding of it.
pub(crate) fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_both_characters_of_the_url_alphabet() {
        assert_eq!(decode("-_-_"), Some(vec![0xfb, 0xff, 0xbf]));
        assert_eq!(decode(""), Some(vec![]));
    }

    #[test]
    fn refuses_everything_that_is_not_canonical() {
        for text in ["Zg==", "Zg=", "Zh", "Zm9", "Z", "Zg ", " Zg", "Z g", "Zg\n", "+/+/", "Zg.", "Z\u{e9}"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
