//! What was sent and what came back, counted.

use std::collections::BTreeMap;

use super::tight::Span;

/// How many wrong answers are told.
const TOLD: usize = 40;

/// The counts of one thread, or of all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) kinds: Vec<Counts>,
    /// Wrong answers in words, the first ones.
    pub(super) told: Vec<String>,
    /// What the tight limit admitted.
    pub(super) admitted: Vec<Span>,
}

/// Of one kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub(super) sent: usize,
    /// How often the connection ended without an answer, and the request was sent again.
    pub(super) again: usize,
    pub(super) wrong: usize,
    /// By status and details.
    pub(super) answers: BTreeMap<(u16, String), usize>,
}

impl Tally {
    pub(super) fn new(kinds: usize) -> Self {
        Self { kinds: vec![Counts::default(); kinds], ..Self::default() }
    }

    pub(super) fn sent(&mut self, kind: usize) {
        self.of(kind, |counts| counts.sent += 1);
    }

    pub(super) fn sent_again(&mut self, kind: usize) {
        self.of(kind, |counts| counts.again += 1);
    }

    pub(super) fn answered(&mut self, kind: usize, status: u16, details: String) {
        self.of(kind, |counts| *counts.answers.entry((status, details)).or_default() += 1);
    }

    pub(super) fn wrong(&mut self, kind: usize, describe: impl Fn() -> String) {
        self.of(kind, |counts| counts.wrong += 1);
        if self.told.len() < TOLD {
            self.told.push(describe());
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.kinds.resize(self.kinds.len().max(other.kinds.len()), Counts::default());
        for (counts, other) in self.kinds.iter_mut().zip(other.kinds) {
            counts.sent += other.sent;
            counts.again += other.again;
            counts.wrong += other.wrong;
            for (answer, count) in other.answers {
                *counts.answers.entry(answer).or_default() += count;
            }
        }
        self.told.extend(other.told);
        self.admitted.extend(other.admitted);
    }

    pub(super) fn answers(&self) -> usize {
        self.kinds.iter().flat_map(|counts| counts.answers.values()).sum()
    }

    pub(super) fn all_wrong(&self) -> usize {
        self.kinds.iter().map(|counts| counts.wrong).sum()
    }

    /// Answers of 500 and above, by status and details.
    pub(super) fn failures(&self) -> BTreeMap<(u16, String), usize> {
        let mut failures = BTreeMap::new();
        for ((status, details), count) in self.kinds.iter().flat_map(|counts| &counts.answers) {
            if *status >= 500 {
                *failures.entry((*status, details.clone())).or_default() += count;
            }
        }
        failures
    }

    fn of(&mut self, kind: usize, change: impl FnOnce(&mut Counts)) {
        if let Some(counts) = self.kinds.get_mut(kind) {
            change(counts);
        }
    }
}
