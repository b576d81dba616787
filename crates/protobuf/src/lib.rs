//! The wire format of Protocol Buffers: the fields of a message, read within its bounds, and written. Groups, which nobody sends
//! any more, are malformed.

mod fields;
mod message;

pub use fields::{Fields, Malformed, Wire};
pub use message::Message;
