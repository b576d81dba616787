//! Tokens and public keys of the corpus, minted once (`data/`): valid at [`NOW`], which is where every target's clock stands.

use std::time::Duration;

/// 2026-01-01T00:00:00Z
pub const NOW: Duration = Duration::from_secs(1_767_225_600);

/// All keys, the shared secret among them.
pub const KEYS: &[u8] = include_bytes!("../data/keys.json");

/// The keys that are fetched.
pub const REMOTE_KEYS: &[u8] = include_bytes!("../data/remote_keys.json");

macro_rules! tokens {
    ($directory:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../data/", $directory, "/", $name, ".jwt")))),*]
    };
}

/// By name: tokens with a good signature of one of [`KEYS`].
pub const VALID: &[(&str, &str)] = tokens!("valid":
    "rs256", "ps256", "es256", "es384", "es512", "eddsa", "hs256", "no_kid", "admin", "bound", "billing", "revoked",
    "unsafe_claim", "remote", "discovered",
);

/// By name: tokens that nobody may believe.
pub const INVALID: &[(&str, &str)] = tokens!("invalid":
    "expired", "early", "other_key", "unknown_kid", "tampered", "bad_signature", "stripped", "slack_bits", "padding", "none",
    "confusion", "crit", "b64", "remote_unknown_kid", "duplicate_member",
);

/// The token called `name`.
pub fn token(name: &[u8]) -> Option<&'static str> {
    VALID.iter().chain(INVALID).find(|(known, _)| known.as_bytes() == name).map(|(_, token)| *token)
}
