//! The condition of a rule, over the head or over the body.

use portcullis_attributes::{RequestAttributes, compile};
use portcullis_config::ConfigError;
use portcullis_filter::Host;
use portcullis_policy::{Attribute, AttributeSource, Expression, Facts, Outcome, Params, Phase, Scope, Trace, Unreadable, Value};

use crate::body::Body;
use crate::violation::{Code, Violation};

/// A condition, compiled.
#[derive(Debug)]
pub(crate) struct Condition {
    expression: Expression,
}

/// What it is compiled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The names that every path template of the rule captures.
    pub(crate) params: &'a [String],
    pub(crate) raw_path: bool,
    /// How long a body may be that it reads; `None` where there is none to read.
    pub(crate) body_max: Option<u64>,
}

impl Condition {
    pub(crate) fn compile(source: &str, context: Context<'_>) -> Result<Self, ConfigError> {
        let scope = Scope {
            phase: if context.body_max.is_some() { Phase::Body } else { Phase::Request },
            params: Some(context.params),
            raw_path: context.raw_path,
            body_max: context.body_max.unwrap_or(Scope::BODY_MAX),
            ..Scope::condition()
        };
        let expression = compile("condition", source, &scope)?;
        expression.attributes().iter().try_for_each(|attribute| knowable(*attribute))?;
        Ok(Self { expression })
    }

    pub(crate) fn reads(&self, attribute: Attribute) -> bool {
        self.expression.attributes().contains(&attribute)
    }

    /// What each part of it comes to.
    pub(crate) fn trace(&self, facts: &Facts<'_>, params: Params<'_>) -> Trace {
        self.expression.trace(facts, params)
    }

    /// Whether it holds.
    pub(crate) fn check(&self, facts: &Facts<'_>, params: Params<'_>) -> Result<(), Violation> {
        match self.expression.holds(facts, params) {
            Outcome::True => Ok(()),
            Outcome::False => Err(Violation::bare(Code::ConditionFalse)),
            Outcome::Error(failure) => Err(Violation::new(Code::ConditionError, failure.to_string())),
        }
    }
}

/// What would be an error at every request is one now.
fn knowable(attribute: Attribute) -> Result<(), ConfigError> {
    let wrong = match attribute {
        Attribute::Roles | Attribute::Permissions => "nobody has roles here: that is for `rbac`",
        Attribute::PeerPrincipal => "nobody knows `peer.principal` here: that is for `rbac`",
        _ => return Ok(()),
    };
    Err(ConfigError::at("condition", wrong))
}

/// What a condition reads of a request whose body has come.
pub(crate) struct WithBody<'r> {
    pub(crate) request: &'r RequestAttributes<'r, dyn Host + 'r>,
    pub(crate) body: Option<&'r Body>,
}

impl AttributeSource for WithBody<'_> {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        match (attribute, self.body) {
            (Attribute::Body, body) => Ok(body.map(Body::value)),
            (attribute, _) => self.request.read(attribute),
        }
    }
}
