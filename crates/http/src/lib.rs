//! What every policy matches on: the canonical path and host of a request, path templates, the `match` block, the rule index.

mod captures;
mod fit;
mod host;
mod host_pattern;
mod index;
mod match_block;
mod method;
mod path;
mod request;
mod target;
mod template;

pub use captures::Captures;
pub use fit::{Capture, Fit, Look, Nearest, PathLook};
pub use host::{CanonicalHost, InvalidHost};
pub use host_pattern::HostPattern;
pub use index::{RuleIndex, RuleMatch};
pub use match_block::Match;
pub use method::Method;
pub use path::{Ambiguity, CanonicalPath, canonical};
pub use request::{MalformedRequest, MatchRequest};
pub use target::RequestTarget;
pub use template::PathTemplate;
