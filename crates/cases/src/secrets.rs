//! What nobody may tell: the tokens that a case has minted, and the shared secrets that it has used.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::keys::{SigningKey, TestKey, encode};

/// Below this many characters a text is found by chance: the payload `[]` is `W10`.
const SHORTEST: usize = 12;

/// Texts that may stand in no log and in no answer to a client.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Mutex<BTreeSet<String>>);

impl Clone for Secrets {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.texts().clone()))
    }
}

impl Secrets {
    /// A token's payload and its signature; its header is no secret.
    pub(crate) fn remember_token(&self, token: &str) {
        token.split('.').skip(1).for_each(|part| self.remember(part.trim_end_matches('=')));
    }

    /// What signs tokens, where it is a shared secret.
    pub(crate) fn remember_signing_key(&self, key: &TestKey) {
        let SigningKey::Secret(secret) = &key.signing else { return };
        self.remember(&encode(secret));
        self.remember(&secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }

    /// Each `k` of a key set, or of one key.
    pub(crate) fn remember_shared_keys(&self, keys: &Value) {
        match keys {
            Value::Object(members) => members.iter().for_each(|(name, member)| match member.as_str() {
                Some(secret) if name == "k" => self.remember(secret),
                _ => self.remember_shared_keys(member),
            }),
            Value::Array(items) => items.iter().for_each(|item| self.remember_shared_keys(item)),
            _ => {}
        }
    }

    fn remember(&self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.texts().insert(secret.to_owned());
        }
    }

    fn texts(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That `text`, which is called `place`, holds none of them.
    ///
    /// # Errors
    /// The first line that does.
    pub(crate) fn absent_from(&self, place: &str, text: &str) -> Result<(), String> {
        let secrets = self.texts();
        let leaking = text.lines().find(|line| secrets.iter().any(|secret| line.contains(secret.as_str())));
        leaking.map_or(Ok(()), |line| Err(format!("{place} tells a secret of the case: {line}")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::keys;

    fn told(secrets: &Secrets, text: &str) -> bool {
        secrets.absent_from("the log", text).is_err()
    }

    #[test]
    fn a_tokens_payload_and_signature_are_secret_and_its_header_is_not() {
        let secrets = Secrets::default();
        secrets.remember_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlIQ==");
        assert!(told(&secrets, "first line\ngot eyJzdWIiOiJhbGljZSJ9!"));
        assert!(told(&secrets, "c2lnbmF0dXJlIQ"));
        assert!(!told(&secrets, "eyJhbGciOiJub25lIn0"));
    }

    #[test]
    fn a_shared_secret_is_found_in_either_spelling() {
        let secrets = Secrets::default();
        let key = keys::find("hs256").expect("a test key");
        secrets.remember_signing_key(key);
        let SigningKey::Secret(secret) = &key.signing else { panic!("hs256 is no shared secret") };
        assert!(told(&secrets, &format!("k={}", encode(secret))));
        assert!(told(&secrets, &secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>()));
    }

    #[test]
    fn the_k_of_a_key_set_is_secret_and_a_public_key_is_not() {
        let secrets = Secrets::default();
        secrets
            .remember_shared_keys(&json!({"keys": [{"kty": "oct", "k": "abcdefghijklm"}, {"kty": "RSA", "n": "nopqrstuvwxyz"}]}));
        assert!(told(&secrets, "abcdefghijklm"));
        assert!(!told(&secrets, "nopqrstuvwxyz"));
    }

    #[test]
    fn what_is_found_by_chance_is_no_secret() {
        let secrets = Secrets::default();
        secrets.remember_token("x.W10.");
        assert!(!told(&secrets, "W10"));
    }
}
