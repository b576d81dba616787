//! Text to tree: CEL's grammar, within limits that hold for every input.

use cel::common::ast::IdedExpr;
use cel::parser::PrattParser;

use crate::problem::Problems;

mod limit;
mod place;
mod syntax;

pub(crate) use place::Places;

/// A parsed expression and its text.
#[derive(Debug, Clone)]
pub(crate) struct Parsed {
    /// The tree, macros expanded; no deeper than [`limit::DEPTH_MAX`] before that.
    pub(crate) expr: IdedExpr,
    source: String,
}

/// Parses `source`.
///
/// # Errors
/// Where it is no expression, or a larger or deeper one than any that a person writes.
pub(crate) fn parse(source: &str) -> Result<Parsed, Problems> {
    limit::check(source)?;
    let expr = parser().parse(source).map_err(|errors| syntax::problems(source, &errors))?;
    Ok(Parsed { expr, source: source.to_owned() })
}

impl Parsed {
    /// The text that was parsed.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Where each node stands: worked out on demand, since the parser keeps that only when it fails.
    pub(crate) fn places(&self) -> Places<'_> {
        Places::of(&self.source)
    }

    /// Where one node stands; [`Parsed::places`] for several.
    pub(crate) fn position(&self, id: u64) -> Option<crate::Position> {
        self.places().position(id)
    }
}

/// Its own limit of depth is above ours, which is the one that is met.
fn parser() -> PrattParser {
    PrattParser::new()
        .enable_optional_syntax(true)
        .enable_ident_escape_syntax(true)
        .max_recursion_depth(limit::DEPTH_MAX + 1)
        .error_recovery_limit(8)
        .error_reporting_limit(16)
}

#[cfg(test)]
mod tests;
