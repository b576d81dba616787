//! What plugins share around their decision: the request is read and judged in one form, what cannot be judged is refused in one
//! way, and every decision is concluded and recorded alike.

mod deny_response;
mod outcome;
mod overrides;
mod request;
mod unfit;

pub use deny_response::{DenyResponse, DenyResponseConfig};
pub use outcome::{outcome, recorder};
pub use overrides::{Once, Override};
pub use request::{forward_judged, judged};
pub use unfit::Unfit;
