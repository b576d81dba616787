//! Configuration: the proxy's JSON bytes become a typed value, or an error that says where and what.
//!
//! Neither an error nor a `Debug` output of this crate holds a value that may be secret. A plugin's wire type derives
//! `Deserialize` with `deny_unknown_fields` and uses structs, lists, maps, externally tagged enums and the newtypes below;
//! `untagged`, `flatten` and internal tags lose the path of an error.

mod common_block;
mod deserialize;
mod duration;
mod error;
mod header_name;
pub mod json;
mod load;
mod nearest;
mod non_empty;
mod scalar;
mod schema;
mod secret;
mod size;

pub use common_block::{Common, DecisionOptions, Instance, Mode, OnAmbiguous, PathOptions};
pub use duration::Duration;
pub use error::{ConfigError, Finding};
pub use header_name::HeaderName;
pub use load::{Loaded, from_value, load};
pub use nearest::nearest;
pub use non_empty::NonEmpty;
pub use scalar::{Scalar, deserialize_scalar, expected, quote, scalar_schema};
pub use schema::schema;
pub use secret::{EnvVar, ResolvedSecret, Secret};
pub use size::ByteSize;
