//! Limits: how many units in which time, the bounded state behind them, and what clients are told.
//!
//! Pure: an instant is a number of nanoseconds that the caller gives, and a store only swaps what [`Slot`] makes. Nothing here
//! overflows, and a clock that is set back neither gives a fresh quota nor takes one away for good.

mod admission;
mod fields;
mod fixed_window;
mod gcra;
mod instant;
mod limit;
mod place;
mod ring;
mod slot;
mod state;

pub use admission::{Admission, Receipt, Refusal, Spend, Standing, Verdict};
pub use fields::{Policy, ServiceLimit, ceil_seconds};
pub use limit::{Algorithm, InvalidTerms, Limit, Terms, UNITS_MAX};
pub use place::{HashKey, Place};
pub use slot::{Full, Slot, WAYS};
pub use state::State;
