//! What is known of one request: read from its source when first named, and kept.

use std::cell::OnceCell;

use crate::{Attribute, Value};

/// Where attributes come from: the proxy, a test, the command line. Each is read at most once per request.
pub trait AttributeSource {
    /// The value of `attribute`; `None` where the request has none.
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable>;
}

/// Why an attribute could not be read, in words that hold nothing of the request: `not UTF-8`, `the host refused it`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub &'static str);

/// What a path template captured for the rule that is being judged: each name with its value.
pub type Params<'p> = &'p [(&'p str, &'p str)];

const ATTRIBUTES: usize = Attribute::ALL.len();

type Reading<'r> = Result<Option<Value<'r>>, Unreadable>;

/// The facts of one request. Made once per request and shared by every expression that is evaluated for it.
pub struct Facts<'r> {
    source: &'r dyn AttributeSource,
    readings: [OnceCell<Reading<'r>>; ATTRIBUTES],
    variables: &'r [(String, Value<'r>)],
}

impl<'r> Facts<'r> {
    /// The facts that `source` knows; nothing is read yet.
    #[must_use]
    pub fn new(source: &'r dyn AttributeSource) -> Self {
        Self { source, readings: [const { OnceCell::new() }; ATTRIBUTES], variables: &[] }
    }

    /// With names beside the attributes: those of [`Scope::variables`](crate::Scope::variables).
    #[must_use]
    pub fn with_variables(self, variables: &'r [(String, Value<'r>)]) -> Self {
        Self { variables, ..self }
    }

    /// The facts of the same source; what was read already is read again.
    pub(crate) fn again<'s>(&'s self, variables: &'s [(String, Value<'s>)]) -> Facts<'s> {
        Facts { variables, ..Facts::new(self.source) }
    }

    pub(crate) fn variables(&self) -> &[(String, Value<'r>)] {
        self.variables
    }

    /// The value of `attribute`; `None` where the request has none.
    pub fn read(&self, attribute: Attribute) -> Result<Option<&Value<'r>>, Unreadable> {
        let Some(cell) = self.readings.get(attribute as usize) else { return Ok(None) };
        match cell.get_or_init(|| self.source.read(attribute)) {
            Ok(value) => Ok(value.as_ref()),
            Err(unreadable) => Err(*unreadable),
        }
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&Value<'r>> {
        self.variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value)
    }
}
