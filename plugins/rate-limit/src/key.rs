//! By what requests are told apart.

use std::fmt::{self, Display};

use portcullis_policy::{Attribute, Expression, Facts, Failure, Params, Value};

use crate::config::OnMissingKey;

/// The expressions whose texts make one key together.
#[derive(Debug)]
pub(crate) struct Key {
    parts: Vec<Expression>,
    pub(crate) on_missing: OnMissingKey,
}

/// Whom a request is counted for.
#[derive(Debug)]
pub(crate) enum Told {
    /// For this key.
    Key(Vec<String>),
    /// It lacks a part of it.
    Missing,
    /// Nobody can tell, and why.
    Failed(String),
}

/// A key as records show it. Most requests have no record: it becomes text where one is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ShownKey {
    /// Only its fingerprint.
    Hashed(u64),
    /// Its parts.
    Clear(Vec<String>),
}

impl Display for ShownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hashed(fingerprint) => write!(f, "key {fingerprint:016x}"),
            Self::Clear(parts) => write!(f, "key {}", parts.join(", ")),
        }
    }
}

impl Key {
    pub(crate) const fn new(parts: Vec<Expression>, on_missing: OnMissingKey) -> Self {
        Self { parts, on_missing }
    }

    /// What it reads.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute> {
        self.parts.iter().flat_map(|part| part.attributes().iter().copied())
    }

    pub(crate) fn tell(&self, facts: &Facts<'_>, params: Params<'_>) -> Told {
        let mut texts = Vec::with_capacity(self.parts.len());
        for (number, part) in self.parts.iter().enumerate() {
            match part.evaluate(facts, params) {
                Ok(Value::String(text)) => texts.push(text.into_owned()),
                Ok(_) => return Told::Failed(format!("key[{number}]: no text")),
                Err(failure) if failure.is_absence() => return Told::Missing,
                Err(failure) => return Told::Failed(told(number, &failure)),
            }
        }
        Told::Key(texts)
    }
}

fn told(number: usize, failure: &Failure) -> String {
    format!("key[{number}]: {failure}")
}
