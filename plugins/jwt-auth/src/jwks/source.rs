//! One provider's remote keys, in one VM: fetches them when it is this VM's turn, takes them over from the others when not.

use std::rc::Rc;

use portcullis_filter::{CallResponse, Host, LogLevel, Timestamp};
use portcullis_jose::{KeySet, ParsedKeySet, SymmetricKeys};
use sha2::{Digest as _, Sha256};

use super::fetch::{Attempt, FetchError, Progress};
use super::freshness::lifetime;
use super::ledger::{Digest, Ledger, Success};
use super::metrics::KeyMetrics;
use super::options::RemoteKeys;
use super::store::{Store, digest_of};
use super::unknown::UnknownKeys;
use super::{Generation, UnknownKey};

/// The state of one provider's keys.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) metrics: KeyMetrics,
    pub(super) remote: RemoteKeys,
    provider: String,
    key: Rc<str>,
    /// Decided at the first tick: only a running VM knows whether it has an id.
    store: Option<Store>,
    current: Option<Current>,
    /// The ledger that `current` was last brought up to.
    seen: Option<(u64, Digest)>,
    attempt: Option<Attempt>,
    unknown: UnknownKeys,
    /// When a token of an unknown key last came: keys that were asked for before that may lack it.
    demand: Option<Timestamp>,
    generation: u64,
    throws: u64,
}

/// The keys in use.
#[derive(Debug)]
struct Current {
    keys: Rc<KeySet>,
    digest: Digest,
    began: Timestamp,
    fetched: Timestamp,
    usable_until: Timestamp,
}

impl Source {
    pub(super) fn new(instance: &str, provider: &str, remote: RemoteKeys) -> Self {
        Self {
            metrics: KeyMetrics::new(instance, provider),
            key: format!("portcullis/1/jwt_auth/{}", remote.fingerprint(instance, provider)).into(),
            provider: provider.to_owned(),
            remote,
            store: None,
            current: None,
            seen: None,
            attempt: None,
            unknown: UnknownKeys::default(),
            demand: None,
            generation: 0,
            throws: 0,
        }
    }

    /// The keys, as long as they may be used.
    pub(super) fn current(&self, now: Timestamp) -> Option<(Rc<KeySet>, Generation)> {
        let current = self.current.as_ref().filter(|current| now < current.usable_until)?;
        Some((Rc::clone(&current.keys), Generation(self.generation)))
    }

    /// How old the keys are, in seconds.
    pub(super) fn age(&self, now: Timestamp) -> Option<u64> {
        self.current.as_ref().map(|current| now.saturating_since(current.fetched).as_secs())
    }

    /// What becomes of a token, first seen at `asked`, whose key is not in the set.
    pub(super) fn unknown_key(&mut self, kid: Option<&str>, asked: Timestamp, now: Timestamp) -> UnknownKey {
        let first_seen = self.unknown.first_seen(kid, asked, now);
        if let Some(current) = &self.current {
            let recent = now.saturating_since(current.fetched) < self.remote.pacing.refetch_interval;
            if current.began > asked || recent && current.began > first_seen {
                return UnknownKey::Refuse;
            }
        }
        self.demand = self.demand.max(Some(asked));
        UnknownKey::Hold
    }

    /// Looks what the other workers did, and fetches if it is time; whether there is news for requests that wait: keys that are
    /// others, or fresher, than before, or an unknown key that another worker saw first.
    pub(super) fn tick(&mut self, host: &dyn Host, now: Timestamp, shares: bool) -> bool {
        self.open_store(host, now, shares);
        self.give_up(host, now);
        let Some(Ok(ledger)) = self.store.as_ref().map(|store| store.read(host)) else { return false };
        let adopted = self.adopt(host, &ledger);
        let learned = (adopted || self.unknown.untold) && self.compare_unknown(host, now);
        self.fetch_if_due(host, now, &ledger);
        adopted || learned
    }

    /// An answer came; `None` when it is not for this source, otherwise whether the keys are others, or fresher.
    pub(super) fn answered(&mut self, host: &dyn Host, response: CallResponse, now: Timestamp) -> Option<bool> {
        let attempt = self.attempt.take_if(|attempt| attempt.call == response.id)?;
        let fetched = match self.remote.proceed(&attempt, response, host) {
            Ok(Progress::Further(attempt)) => {
                self.attempt = Some(attempt);
                return Some(false);
            }
            Ok(Progress::Fetched { document, parsed, headers }) => {
                let lifetime = lifetime(&headers, &self.remote.pacing);
                let success = Success { began: attempt.began, fetched: now, digest: digest_of(&document), lifetime };
                self.succeed(host, &document, parsed, &success)
            }
            Err(error) => Err(error),
        };
        Some(fetched.map_err(|error| self.fail(host, attempt.began, now, &error)).is_ok())
    }

    fn open_store(&mut self, host: &dyn Host, now: Timestamp, shares: bool) {
        if self.store.is_some() {
            return;
        }
        // A host that forbids shared data leaves each VM to itself.
        self.store = Some(if shares && host.shared_data(&self.key).is_ok() {
            Store::Shared(Rc::clone(&self.key))
        } else {
            // Not all of them in the same moment.
            Store::Own(Ledger::starting_at(now.saturating_add(FIRST_SPREAD.mul_f64(self.chance(now)))))
        });
    }

    /// The proxy answers every callout, with an error of its own if need be; if not, the attempt must not stand for ever.
    fn give_up(&mut self, host: &dyn Host, now: Timestamp) {
        let longest = self.remote.pacing.attempt;
        if let Some(attempt) = self.attempt.take_if(|attempt| now.saturating_since(attempt.began) > longest) {
            self.fail(host, attempt.began, now, &FetchError::Unanswered);
        }
    }

    fn adopt(&mut self, host: &dyn Host, ledger: &Ledger) -> bool {
        let version = (ledger.successes, ledger.digest);
        if ledger.successes == 0 || self.seen == Some(version) {
            return false;
        }
        self.seen = Some(version);
        if self.current.as_ref().is_some_and(|current| current.digest == ledger.digest) {
            self.renew(ledger);
            return true;
        }
        let document = self.store.as_ref().and_then(|store| store.document(host, &ledger.digest));
        // Whoever wrote it has parsed it; that is no reason to trust it.
        let Some(Ok(parsed)) = document.map(|document| KeySet::parse(&document, SymmetricKeys::Refuse)) else { return false };
        self.install(host, parsed, ledger);
        true
    }

    /// Whether another worker saw one of the unknown keys before this one did.
    fn compare_unknown(&mut self, host: &dyn Host, now: Timestamp) -> bool {
        let Some(store) = &self.store else { return false };
        // If that fails, the next tick tries again.
        let Ok(earlier) = store.join_unknown(host, &mut self.unknown, now) else { return false };
        self.unknown.untold = false;
        earlier
    }

    fn fetch_if_due(&mut self, host: &dyn Host, now: Timestamp, ledger: &Ledger) {
        let demand = self.is_demanded(now, ledger);
        let pacing = &self.remote.pacing;
        if self.attempt.is_some() || ledger.claim(now, demand, pacing).is_none() {
            return;
        }
        let Some(store) = &mut self.store else { return };
        // Another worker may be first: then there is nothing to do, and nothing to say.
        let Ok(Some(_)) = store.swap(host, |ledger| ledger.claim(now, demand, pacing)) else { return };
        match self.remote.begin(host, now) {
            Ok(attempt) => self.attempt = Some(attempt),
            Err(error) => self.fail(host, now, now, &error),
        }
    }

    /// Whether there is a reason to fetch before it is time.
    fn is_demanded(&self, now: Timestamp, ledger: &Ledger) -> bool {
        let unknown_key = self.demand.is_some_and(|asked| ledger.began() <= asked && asked <= now);
        // The others have keys, and what they handed over is not those.
        let lost = ledger.successes > 0 && self.current.as_ref().is_none_or(|current| current.digest != ledger.digest);
        unknown_key || lost
    }

    fn succeed(&mut self, host: &dyn Host, document: &[u8], parsed: ParsedKeySet, success: &Success) -> Result<(), FetchError> {
        let chance = self.chance(success.fetched);
        let Some(store) = &mut self.store else { return Ok(()) };
        if store.document(host, &success.digest).is_none() {
            // If that fails, the others find that they lack it, and fetch too.
            let _ = store.publish(host, document);
        }
        let ledger = store.swap(host, |ledger| ledger.succeeded(success, chance)).map_err(FetchError::Unshared)?;
        self.metrics.fetched(host, true);
        // Where a later fetch has overtaken this one, the next tick takes that one's keys over.
        let Some(ledger) = ledger else { return Ok(()) };
        self.seen = Some((ledger.successes, ledger.digest));
        if self.current.as_ref().is_some_and(|current| current.digest == ledger.digest) {
            self.renew(&ledger);
        } else {
            self.install(host, parsed, &ledger);
        }
        Ok(())
    }

    fn fail(&mut self, host: &dyn Host, began: Timestamp, now: Timestamp, error: &FetchError) {
        self.metrics.fetched(host, false);
        let kept = if self.current(now).is_some() { "; the present ones stay in use" } else { "" };
        host.log(LogLevel::Warn, &format!("jwt_auth: no keys of provider `{}`: {error}{kept}", self.provider));
        let chance = self.chance(now);
        let pacing = &self.remote.pacing;
        if let Some(store) = &mut self.store {
            // If the others cannot be told, the lease ends by itself.
            let _ = store.swap(host, |ledger| ledger.failed(began, now, pacing, chance));
        }
    }

    /// The same keys, fetched anew.
    fn renew(&mut self, ledger: &Ledger) {
        self.demand = None;
        if let Some(current) = &mut self.current {
            current.began = ledger.began();
            current.fetched = ledger.fetched();
            current.usable_until = ledger.usable_until(&self.remote.pacing);
        }
    }

    fn install(&mut self, host: &dyn Host, parsed: ParsedKeySet, ledger: &Ledger) {
        let skipped: String =
            parsed.skipped.iter().take(MAX_LOGGED).map(|(index, error)| format!("; key {index} is left out: {error}")).collect();
        host.log(LogLevel::Info, &format!("jwt_auth: {} keys of provider `{}`{skipped}", parsed.keys.len(), self.provider));
        self.generation += 1;
        self.current = Some(Current {
            keys: Rc::new(parsed.keys),
            digest: ledger.digest,
            began: ledger.began(),
            fetched: ledger.fetched(),
            usable_until: ledger.usable_until(&self.remote.pacing),
        });
        // Whoever still waits is judged now, and asks again if need be.
        self.demand = None;
    }

    /// From 0 to 1, spread evenly: it need not be secret, only different from one VM and one moment to the next.
    fn chance(&mut self, now: Timestamp) -> f64 {
        self.throws += 1;
        let mut hash = Sha256::new();
        hash.update(self.key.as_bytes());
        hash.update(now.as_nanos().to_le_bytes());
        hash.update(self.throws.to_le_bytes());
        let bits = hash.finalize().first_chunk().copied().map_or(0, u32::from_le_bytes);
        f64::from(bits) / f64::from(u32::MAX)
    }
}

/// How many keys that are left out the log names.
const MAX_LOGGED: usize = 5;

/// Over what time the first fetches of VMs without shared data spread.
const FIRST_SPREAD: std::time::Duration = std::time::Duration::from_millis(100);
