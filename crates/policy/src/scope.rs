//! What an expression may name and must answer, given where it stands.

use crate::{Phase, Type};

/// The place of an expression in a configuration.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// When it is evaluated.
    pub phase: Phase,
    /// What it must answer; [`Type::Dyn`] for anything.
    pub result: Type,
    /// The names that every path template of its rule captures; `None` where `params` cannot be named at all.
    pub params: Option<&'a [String]>,
    /// Whether it may read the path as the client spelt it.
    pub raw_path: bool,
    /// Whether it judges a token: `claims` may be named then, `jwt` may not.
    pub token: bool,
    /// The static cost that it may have at most, in the units of `docs/reference/cost.md`.
    pub cost_max: u64,
    /// The largest body that it may meet, in bytes: what its cost is reckoned with.
    pub body_max: u64,
    /// Names beside the attributes, each with its type: the bindings of a conformance suite.
    pub variables: &'a [(String, Type)],
    /// Names and types are judged when the expression runs, as rows of cel-spec with `disable_check` demand; never for a policy.
    pub unchecked: bool,
}

impl Scope<'_> {
    /// The static cost that an expression may have by default.
    pub const COST_MAX: u64 = 100_000;

    /// The largest body that an expression meets by default, in bytes.
    pub const BODY_MAX: u64 = 1 << 20;

    /// A condition over the request's head, without path parameters.
    #[must_use]
    pub const fn condition() -> Self {
        Self {
            phase: Phase::Request,
            result: Type::Bool,
            params: None,
            raw_path: false,
            token: false,
            cost_max: Self::COST_MAX,
            body_max: Self::BODY_MAX,
            variables: &[],
            unchecked: false,
        }
    }
}
