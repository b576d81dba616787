//! The accounts of one limit: who has spent how much. Each change is one swap, or none.

use portcullis_filter::{Clock, HostError, SharedData};
use portcullis_quota::{Admission, Limit as Meter, Place, Receipt, Refusal, Slot, Spend, Standing, State, Verdict, WAYS};

use crate::config::Overflow;
use crate::store::Store;

/// How often a change is tried while other workers are faster.
const TRIES: usize = 32;

/// The accounts of one limit.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) meter: Meter,
    store: Store,
    /// How many slots there are; one more holds what finds no place in them.
    slots: u32,
    on_full: Overflow,
    on_contention: Overflow,
}

/// Why something cannot be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The host fails.
    Host,
    /// There is no place for a new key.
    Full,
    /// Other workers were always faster.
    Contended,
}

/// An account as it was when it was looked at.
#[derive(Debug)]
pub(crate) struct Look {
    place: Place,
    slot: Slot,
    cas: Option<u32>,
    now: u64,
}

/// What a change has come to.
#[derive(Debug)]
pub(crate) struct Changed<T> {
    pub(crate) answer: T,
    /// Where the units are counted.
    pub(crate) place: Place,
    /// How many keys there are more than before, or less.
    pub(crate) keys: i64,
}

impl From<HostError> for Trouble {
    fn from(_: HostError) -> Self {
        Self::Host
    }
}

impl Ledger {
    pub(crate) fn new(meter: Meter, store: Store, max_keys: u32, on_full: Overflow, on_contention: Overflow) -> Self {
        let ways = u32::try_from(WAYS).unwrap_or(u32::MAX);
        Self { meter, store, slots: max_keys.div_ceil(ways), on_full, on_contention }
    }

    pub(crate) const fn slots(&self) -> u32 {
        self.slots
    }

    /// Whether units are counted there for want of a place of their own.
    pub(crate) const fn is_overflow(&self, place: Place) -> bool {
        place.slot == self.slots
    }

    /// The account of `place`, or the one that it has to share.
    pub(crate) fn look<H: Clock + SharedData + ?Sized>(&self, host: &H, place: Place) -> Result<Look, Trouble> {
        let look = self.read_rebased(host, place)?;
        if look.slot.has_room(place.fingerprint, &self.meter, look.now) {
            return Ok(look);
        }
        match self.on_full {
            Overflow::Deny => Err(Trouble::Full),
            Overflow::Share => self.read_rebased(host, self.overflow()),
        }
    }

    /// What the limit says of a spend; nothing is charged.
    pub(crate) fn verdict(&self, look: &Look, cost: u64, patience: std::time::Duration) -> Verdict {
        self.meter.spend(look.slot.state(look.place.fingerprint), Spend { cost, now: look.now, patience })
    }

    /// Spends, if the units are there.
    pub(crate) fn spend<H: Clock + SharedData + ?Sized>(
        &self,
        host: &H,
        look: Look,
        cost: u64,
        patience: std::time::Duration,
    ) -> Result<Changed<Result<Admission, Refusal>>, Trouble> {
        let spend = |state, now| match self.meter.spend(state, Spend { cost, now, patience }) {
            Verdict::Admitted(admission) => (Some(admission.state), Ok(admission)),
            Verdict::Refused(refusal) => (None, Err(refusal)),
        };
        self.change_or_share(host, look, spend)
    }

    /// Gives back what was spent at `place`.
    pub(crate) fn refund<H: Clock + SharedData + ?Sized>(
        &self,
        host: &H,
        place: Place,
        receipt: &Receipt,
    ) -> Result<Changed<()>, Trouble> {
        let look = self.read(host, place)?;
        self.change(host, look, |state, now| (Some(self.meter.refund(state, receipt, now)), ()))
    }

    /// Takes units whether they are there or not.
    pub(crate) fn charge<H: Clock + SharedData + ?Sized>(
        &self,
        host: &H,
        place: Place,
        cost: u64,
    ) -> Result<Changed<Standing>, Trouble> {
        let look = match self.look(host, place) {
            // Nobody is let off: those who find no place share the debt.
            Err(Trouble::Full) => self.read(host, self.overflow()),
            look => look,
        };
        let charge = |state, now| {
            let state = self.meter.charge(state, cost, now);
            (Some(state), self.meter.standing(state, now))
        };
        self.change(host, look?, charge)
    }

    fn change_or_share<H: Clock + SharedData + ?Sized, T>(
        &self,
        host: &H,
        look: Look,
        change: impl Fn(State, u64) -> (Option<State>, T),
    ) -> Result<Changed<T>, Trouble> {
        let shared = self.is_overflow(look.place);
        match self.change(host, look, &change) {
            Err(Trouble::Contended) if self.on_contention == Overflow::Share && !shared => {
                self.change(host, self.read(host, self.overflow())?, &change)
            }
            changed => changed,
        }
    }

    /// Replaces the state of an account by what `change` makes of it; where it makes none of it, nothing is replaced.
    fn change<H: Clock + SharedData + ?Sized, T>(
        &self,
        host: &H,
        mut look: Look,
        change: impl Fn(State, u64) -> (Option<State>, T),
    ) -> Result<Changed<T>, Trouble> {
        for _ in 0..TRIES {
            let Look { place, mut slot, cas, now } = look;
            let before = slot.len();
            let (state, answer) = change(slot.state(place.fingerprint), now);
            let Some(state) = state else { return Ok(Changed { answer, place, keys: 0 }) };
            let kept = slot.keep(place.fingerprint, state, &self.meter, now).is_ok();
            if kept && self.store.swap(host, place.slot, cas, slot.to_bytes(&self.meter))? {
                return Ok(Changed { answer, place, keys: difference(before, slot.len()) });
            }
            look = self.look(host, place)?;
        }
        Err(Trouble::Contended)
    }

    /// Where the clock was set back, time goes on from there also for those who are refused.
    fn read_rebased<H: Clock + SharedData + ?Sized>(&self, host: &H, place: Place) -> Result<Look, Trouble> {
        let mut look = self.read(host, place)?;
        let Some(state) = self.meter.rebased(look.slot.state(place.fingerprint), look.now) else { return Ok(look) };
        if look.slot.keep(place.fingerprint, state, &self.meter, look.now).is_ok() {
            self.store.swap(host, place.slot, look.cas, look.slot.to_bytes(&self.meter))?;
        }
        self.read(host, place)
    }

    /// The clock is read after the state: whoever has changed it has read the clock before.
    fn read<H: Clock + SharedData + ?Sized>(&self, host: &H, place: Place) -> Result<Look, Trouble> {
        let found = self.store.read(host, place.slot)?;
        Ok(Look { place, slot: Slot::parse(&found.bytes, &self.meter), cas: found.cas, now: host.now().as_nanos() })
    }

    const fn overflow(&self) -> Place {
        Place { slot: self.slots, fingerprint: 0 }
    }
}

fn difference(before: usize, after: usize) -> i64 {
    let number = |keys: usize| i64::try_from(keys).unwrap_or(i64::MAX);
    number(after) - number(before)
}
