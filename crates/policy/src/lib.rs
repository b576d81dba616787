//! Policies in CEL: what an expression may name, whether it is right, and what it says of a request.

mod attribute;
mod scope;
mod types;
mod value;

pub use attribute::{Attribute, Phase, Place};
pub use scope::Scope;
pub use types::Type;
pub use value::Value;
