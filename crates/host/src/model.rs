//! The proxy as its plugins know it, apart from how they are run.

mod actions;
mod clock;
mod headers;
mod metrics;
mod pairs;
mod pending;
mod properties;
mod shared;
mod shared_data;
mod status;
mod stream;
mod worker;

pub(crate) use actions::{Action, LocalReply};
pub(crate) use clock::Instant;
pub(crate) use headers::HeaderList;
pub(crate) use metrics::MetricIds;
pub(crate) use pairs::{decode_pairs, encode_pairs};
pub(crate) use pending::{CallAnswer, GrpcOutcome, PendingAnswer, PendingCall};
pub(crate) use shared::Shared;
pub use shared_data::SharedData;
pub(crate) use status::Status;
pub(crate) use stream::{Direction, Event, Side, Stream, Travel};
pub(crate) use worker::{ROOT_CONTEXT, Timer, Worker};
