//! Keys and tokens that are known by how they begin.

/// How a key begins, what it is made of, and how much of that there is at least.
struct Key {
    prefix: &'static [u8],
    min: usize,
    holds: fn(u8) -> bool,
}

const KEYS: [Key; 16] = [
    Key { prefix: b"AKIA", min: 16, holds: is_upper },
    Key { prefix: b"ASIA", min: 16, holds: is_upper },
    Key { prefix: b"AIza", min: 35, holds: is_base64url },
    Key { prefix: b"ghp_", min: 36, holds: is_alphanumeric },
    Key { prefix: b"gho_", min: 36, holds: is_alphanumeric },
    Key { prefix: b"ghs_", min: 36, holds: is_alphanumeric },
    Key { prefix: b"ghu_", min: 36, holds: is_alphanumeric },
    Key { prefix: b"github_pat_", min: 40, holds: is_word },
    Key { prefix: b"glpat-", min: 20, holds: is_base64url },
    Key { prefix: b"xoxb-", min: 20, holds: is_base64url },
    Key { prefix: b"xoxp-", min: 20, holds: is_base64url },
    Key { prefix: b"sk_live_", min: 20, holds: is_alphanumeric },
    Key { prefix: b"rk_live_", min: 20, holds: is_alphanumeric },
    Key { prefix: b"npm_", min: 36, holds: is_alphanumeric },
    Key { prefix: b"eyJ", min: 24, holds: is_token },
    Key { prefix: b"whsec_", min: 24, holds: is_base64 },
];

/// How a private key in PEM (RFC 7468) begins; its label follows.
pub(crate) const PEM: &[u8] = b"-----BEGIN ";

/// What its label ends with.
const PRIVATE: &[u8] = b"PRIVATE KEY-----";

/// The longest label that is waited for.
const LABEL_MAX: usize = 32;

/// How much of a text it takes at most to know that a key begins.
pub(crate) const REACH: usize = 64;

/// What follows the beginning of a key, and belongs to it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rest {
    /// All bytes of which it is made.
    While(fn(u8) -> bool),
    /// All until the end of the block.
    Block,
}

/// What a key that begins at `start` is, as far as `text` has it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Beginning {
    No,
    /// More of the text is needed.
    Unknown,
    /// So many bytes are its beginning; what follows it.
    Yes(usize, Rest),
}

/// Whether a key begins at `start`.
pub(crate) fn begins(text: &[u8], start: usize) -> Beginning {
    let before = start.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or_default();
    let rest = text.get(start..).unwrap_or_default();
    if before.is_ascii_alphanumeric()
        || !matches!(rest.first(), Some(b'A' | b'g' | b'x' | b's' | b'r' | b'n' | b'e' | b'w' | b'-'))
    {
        return Beginning::No;
    }
    if let Some(label) = rest.strip_prefix(PEM) {
        return block(label);
    }
    let mut unknown = PEM.starts_with(rest);
    for key in &KEYS {
        match rest.strip_prefix(key.prefix) {
            Some(body) => {
                let length = body.iter().take(key.min).take_while(|byte| (key.holds)(**byte)).count();
                if length == key.min {
                    return Beginning::Yes(key.prefix.len() + key.min, Rest::While(key.holds));
                }
                unknown |= length == body.len();
            }
            None => unknown |= key.prefix.starts_with(rest),
        }
    }
    if unknown { Beginning::Unknown } else { Beginning::No }
}

fn block(label: &[u8]) -> Beginning {
    let label = label.get(..LABEL_MAX).unwrap_or(label);
    let words = label.iter().take_while(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'-')).count();
    let words = label.get(..words).unwrap_or_default();
    if let Some(at) = memchr::memmem::find(words, PRIVATE) {
        return Beginning::Yes(PEM.len() + at + PRIVATE.len(), Rest::Block);
    }
    if words.len() == label.len() && label.len() < LABEL_MAX { Beginning::Unknown } else { Beginning::No }
}

/// Where `text` has the end of a block, behind it.
pub(crate) fn block_ends(text: &[u8]) -> Option<usize> {
    const END: &[u8] = b"-----END ";
    memchr::memmem::find_iter(text, END).find_map(|at| {
        let start = at + END.len();
        let label = text.get(start..).unwrap_or_default();
        let words = label.iter().take(LABEL_MAX).take_while(|byte| byte.is_ascii_uppercase() || **byte == b' ').count();
        label.get(words..).is_some_and(|rest| rest.starts_with(b"-----")).then_some(start + words + 5)
    })
}

/// What has to be kept of a block that has not ended, to see its end.
pub(crate) const BLOCK_END_MAX: usize = 64;

const fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

const fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// A JWS: three parts, with dots.
const fn is_token(byte: u8) -> bool {
    is_base64url(byte) || byte == b'.'
}
