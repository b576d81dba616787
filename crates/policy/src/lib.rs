//! Policies in CEL: what an expression may name, whether it is right, and what it says of a request.

mod attribute;
mod bounds;
mod check;
mod cost;
mod engine;
mod evaluate;
mod expression;
mod facts;
mod failure;
mod functions;
mod lower;
mod parse;
mod problem;
pub mod rows;
mod scope;
mod signature;
mod suggest;
mod trace;
pub mod typed;
mod types;
mod value;
mod values;

pub use attribute::{Attribute, EXAMPLE_REQUEST, Phase, Place};
pub use cost::{COMPILATION, Extent, MATCHED_PER_UNIT, PROGRAM_PER_WALK, TEXT_PER_UNIT, extent_of};
pub use expression::{Expression, compile};
pub use facts::{AttributeSource, Facts, Params, Unreadable};
pub use failure::{Cause, Failure, Outcome};
pub use problem::{Position, Problem, Problems};
pub use scope::Scope;
pub use signature::{Function, GROUPS, Group, Work};
pub use trace::{Answer, Element, Trace};
pub use types::Type;
pub use value::Value;
