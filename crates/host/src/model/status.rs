//! The status of a host call.

use portcullis_filter::HostError;

/// Why a host call failed, under proxy-wasm's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Status {
    NotFound = 1,
    BadArgument = 2,
    ParseFailure = 4,
    InvalidMemoryAccess = 6,
    CasMismatch = 8,
    InternalFailure = 10,
    Unimplemented = 12,
}

impl From<Status> for HostError {
    fn from(status: Status) -> Self {
        Self(status as u32)
    }
}
