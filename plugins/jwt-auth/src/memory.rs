//! What each worker remembers of tokens that it has verified: good ones, and those whose signature is wrong.

use std::rc::Rc;

use portcullis_config::ConfigError;

use crate::cache::Cache;
use crate::caller::Caller;
use crate::jwks::Generation;

/// How many tokens a configuration may have remembered: some hundred megabytes at the worst.
const MAX_ENTRIES: usize = 100_000;

/// Both memories.
#[derive(Debug)]
pub(crate) struct Memory {
    verified: Cache<(Generation, Rc<Caller>)>,
    // Apart, so that a flood of forged tokens does not drive out the good ones.
    forged: Cache<Generation>,
}

/// What is known of a token.
#[derive(Debug)]
pub(crate) enum Known {
    /// It was good.
    Verified(Rc<Caller>),
    /// Its signature was wrong.
    Forged,
}

impl Memory {
    pub(crate) fn new(max_entries: usize) -> Result<Self, ConfigError> {
        if max_entries > MAX_ENTRIES {
            return Err(ConfigError::at("token_cache.max_entries", format!("expected at most {MAX_ENTRIES}")));
        }
        Ok(Self { verified: Cache::new(max_entries), forged: Cache::new(max_entries) })
    }

    /// What is known of the provider's token, by this generation of its keys.
    pub(crate) fn recall(&mut self, provider: usize, token: &[u8], generation: Generation) -> Option<Known> {
        if let Some((then, caller)) = self.verified.get(provider, token) {
            return (then == generation).then_some(Known::Verified(caller));
        }
        self.forged.get(provider, token).filter(|then| *then == generation).map(|_| Known::Forged)
    }

    /// Whose token it is, by whichever keys of whichever provider it was verified: what the token says of itself, it still says.
    pub(crate) fn whose(&self, token: &[u8]) -> Option<Rc<Caller>> {
        self.verified.get_any(token).map(|(_, caller)| Rc::clone(caller))
    }

    pub(crate) fn remember(&mut self, provider: usize, token: &[u8], generation: Generation, caller: &Rc<Caller>) {
        self.verified.put(provider, token, (generation, Rc::clone(caller)));
    }

    pub(crate) fn remember_forged(&mut self, provider: usize, token: &[u8], generation: Generation) {
        self.forged.put(provider, token, generation);
    }

    pub(crate) fn forget(&mut self, provider: usize, token: &[u8]) {
        self.verified.forget(provider, token);
    }
}
