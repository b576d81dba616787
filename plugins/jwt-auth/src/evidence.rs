//! The tokens of one request, verified as far as its requirement asks.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{HashFunction, Host, Verdict};
use portcullis_jose::{CompactJws, Hash, KeySet, NativeVerdict, SignatureVerifier, TokenError, check_rules, verify};

use crate::caller::Caller;
use crate::expressions::Bearer;
use crate::filter::Attempt;
use crate::jwks::{Generation, UnknownKey};
use crate::memory::Known;
use crate::provider::{Keys, Provider};
use crate::reply::Refusal;
use crate::requirement::{Unmet, Verifier};
use crate::settings::Settings;
use crate::token::Found;
use crate::witness::Witness;

/// What a request brings, and what is needed to look at it.
pub(crate) struct Evidence<'a, W> {
    settings: &'a Settings,
    bearer: Bearer<'a>,
    attempt: Attempt,
    pub(crate) witness: &'a W,
    tokens: Vec<Exhibit<'a>>,
}

/// A token that several providers may look at.
struct Exhibit<'a> {
    found: &'a Found<'a>,
    /// Parsed at most once.
    parsed: OnceCell<Result<CompactJws<'a>, TokenError>>,
    /// Whose it is, where that was found out for an earlier request.
    known: OnceCell<Option<Rc<Caller>>>,
}

impl<'a> Exhibit<'a> {
    fn new(found: &'a Found<'a>) -> Self {
        Self { found, parsed: OnceCell::new(), known: OnceCell::new() }
    }
}

impl<'a, W: Witness> Evidence<'a, W> {
    pub(crate) fn new(
        settings: &'a Settings,
        bearer: Bearer<'a>,
        attempt: Attempt,
        tokens: &'a [Found<'a>],
        witness: &'a W,
    ) -> Self {
        let tokens = tokens.iter().map(Exhibit::new).collect();
        Self { settings, bearer, attempt, witness, tokens }
    }

    /// The place of each token.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.tokens.iter().map(|token| token.found.location)
    }

    /// The token of one place alone.
    pub(crate) fn only(&self, place: usize) -> Self {
        let found = self.tokens.iter().map(|token| token.found).filter(|found| found.location == place);
        let tokens = found.map(Exhibit::new).collect();
        Evidence { tokens, ..*self }
    }

    /// When the request is judged, since the epoch.
    pub(crate) fn now(&self) -> Duration {
        self.attempt.now.since_epoch()
    }

    fn verify_token(&self, number: usize, provider: &Provider, index: usize) -> Result<Rc<Caller>, Unmet> {
        let Some(exhibit @ Exhibit { found, parsed, .. }) = self.tokens.get(index) else { return Err(refused(Refusal::Missing)) };
        let foreign = |issuer: Option<&str>| !provider.may_have_issued(issuer, &self.settings.providers);
        if self.whose(exhibit).is_some_and(|caller| foreign(caller.claims.issuer())) {
            return Err(token(TokenError::Issuer));
        }
        let keys = self.keys(provider);
        let recall =
            |(_, generation): &(_, Generation)| self.settings.memory.borrow_mut().recall(number, &found.token, *generation);
        match keys.as_ref().ok().and_then(recall) {
            Some(Known::Verified(caller)) => return self.still_good(number, provider, found, caller),
            Some(Known::Forged) => return Err(refused(Refusal::Token(TokenError::Signature))),
            None => {}
        }
        let jws = parsed.get_or_init(|| CompactJws::parse(&found.token)).as_ref().map_err(|error| token(*error))?;
        if foreign(jws.unverified_issuer()) {
            return Err(token(TokenError::Issuer));
        }
        // What no key can mend does not wait for one.
        let (keys, generation) = match keys {
            Ok(keys) => keys,
            Err(unavailable) => return Err(check_rules(jws, &provider.rules, self.now()).map_or_else(token, |()| unavailable)),
        };
        let claims = match verify(jws, &keys, &provider.rules, self.now(), &ProxyCrypto(self.bearer.host)) {
            Ok(claims) => claims,
            Err(TokenError::UnknownKey) => return Err(self.unknown_key(provider, jws)),
            Err(error) => {
                if error == TokenError::Signature {
                    self.settings.memory.borrow_mut().remember_forged(number, &found.token, generation);
                }
                return Err(token(error));
            }
        };
        self.witness.terms(&provider.terms, &claims, &self.bearer);
        provider.terms.check(&claims, self.now(), &self.bearer).map_err(refused)?;
        let caller = Rc::new(Caller::new(number, provider, claims).map_err(refused)?);
        self.settings.memory.borrow_mut().remember(number, &found.token, generation, &caller);
        Ok(caller)
    }

    /// Whose token it is, if it was verified before. A single provider has no need of that.
    fn whose<'e>(&self, exhibit: &'e Exhibit<'_>) -> Option<&'e Caller> {
        if self.settings.providers.len() < 2 {
            return None;
        }
        let remembered = || self.settings.memory.borrow().whose(&exhibit.found.token);
        exhibit.known.get_or_init(remembered).as_deref()
    }

    /// The provider's keys, and how many sets it has had before.
    fn keys(&self, provider: &Provider) -> Result<(Rc<KeySet>, Generation), Unmet> {
        match &provider.keys {
            Keys::Local(keys) => Ok((Rc::clone(keys), Generation::default())),
            Keys::Remote(source) => self.settings.sources.current(*source, self.attempt.now).ok_or(Unmet::NeedsKeys(*source)),
        }
    }

    /// The issuer may have a key that is newer than what was fetched.
    fn unknown_key(&self, provider: &Provider, jws: &CompactJws<'_>) -> Unmet {
        let Keys::Remote(source) = &provider.keys else { return token(TokenError::UnknownKey) };
        match self.settings.sources.unknown_key(*source, jws.key_id(), self.attempt.since, self.attempt.now) {
            UnknownKey::Hold => Unmet::NeedsKeys(*source),
            UnknownKey::Refuse => token(TokenError::UnknownKey),
        }
    }

    /// A remembered token: what time and the connection can change is asked again.
    fn still_good(&self, number: usize, provider: &Provider, found: &Found<'_>, caller: Rc<Caller>) -> Result<Rc<Caller>, Unmet> {
        if let Err(error) = caller.claims.check_time(&provider.rules, self.now()) {
            self.settings.memory.borrow_mut().forget(number, &found.token);
            return Err(token(error));
        }
        self.witness.terms(&provider.terms, &caller.claims, &self.bearer);
        provider.terms.check(&caller.claims, self.now(), &self.bearer).map_err(refused)?;
        Ok(caller)
    }
}

impl<W: Witness> Verifier for Evidence<'_, W> {
    fn verify(&self, number: usize) -> Result<(usize, Rc<Caller>), Unmet> {
        let verified = self.look(number);
        self.witness.looked(number, &verified);
        verified
    }

    fn providers(&self) -> usize {
        self.settings.configured
    }
}

impl<W: Witness> Evidence<'_, W> {
    fn look(&self, number: usize) -> Result<(usize, Rc<Caller>), Unmet> {
        let (Some(provider), Some(places)) = (self.settings.providers.get(number), self.settings.places.get(number)) else {
            return Err(refused(Refusal::Missing));
        };
        let mut unmet = refused(Refusal::Missing);
        let placed = self.tokens.iter().map(|token| token.found).enumerate();
        for (index, found) in placed.filter(|(_, found)| places.contains(&found.location)) {
            let verified = self.verify_token(number, provider, index);
            self.witness.verified(number, found, &verified, self.now());
            match verified {
                Ok(caller) => return Ok((found.location, caller)),
                Err(reason) => unmet = unmet.worse(reason),
            }
        }
        Err(unmet)
    }
}

fn refused(refusal: Refusal) -> Unmet {
    Unmet::Refused(refusal)
}

fn token(error: TokenError) -> Unmet {
    refused(Refusal::Token(error))
}

/// The proxy's native cryptography, as `jose` asks for it.
struct ProxyCrypto<'a>(&'a dyn Host);

impl SignatureVerifier for ProxyCrypto<'_> {
    fn verify(&self, hash: Hash, public_key: &[u8], signature: &[u8], text: &[u8]) -> NativeVerdict {
        let hash = match hash {
            Hash::Sha256 => HashFunction::Sha256,
            Hash::Sha384 => HashFunction::Sha384,
            Hash::Sha512 => HashFunction::Sha512,
        };
        match self.0.verify_signature(hash, public_key, signature, text) {
            Verdict::Valid => NativeVerdict::Valid,
            Verdict::Invalid => NativeVerdict::Invalid,
            Verdict::Unavailable => NativeVerdict::Unavailable,
        }
    }
}
