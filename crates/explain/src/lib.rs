//! What a plugin tells of a decision to people who ask why: the words that all explanations share, and the line that brings one out of
//! a filter. Nothing of it is on the way of a request in a proxy.

mod credentials;
mod decision;
mod line;
mod request;

pub use credentials::Credentials;
pub use decision::{Decision, Unjudged};
pub use line::{read, tell};
pub use request::Request;
