//! What a request may be: media types, parameters, JSON, forms and JSON Schema. No host, no proxy; bodies come in pieces, each byte
//! is read once, and nothing that a client sends can make the work or the memory grow beyond the limits that it is checked with.

pub mod json;
mod media_type;
pub mod multipart;
#[cfg(feature = "schema")]
mod parameter;
mod urlencoded;
mod utf8;

pub use media_type::{MediaRange, MediaType, NotAMediaType};
#[cfg(feature = "schema")]
pub use parameter::{ItemType, Parameter, ParameterConfig, ParameterProblem, ParameterType, Separator};
#[cfg(feature = "schema")]
pub use portcullis_json_schema::{Formats, JsonSchema, SchemaViolation};
pub use urlencoded::{FormCheck, FormFault, FormLimits, FormProblem};
pub use utf8::{NotUtf8, Utf8Check};
