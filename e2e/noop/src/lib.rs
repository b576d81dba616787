//! A plugin that does nothing.

use portcullis_filter::{Callback, Callbacks, ConfigError, Filter, Setup, Stream, StreamId};

/// Accepts any configuration.
#[derive(Debug)]
pub struct Noop;

/// Passes everything.
#[derive(Debug)]
pub struct NoopStream;

impl Filter for Noop {
    const NAME: &'static str = "noop";
    const CALLBACKS: Callbacks = Callbacks::of(&[Callback::RequestHeaders]);
    type Stream = NoopStream;

    fn configure(_config: &[u8], _host: &dyn Setup) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn stream(&self, _: StreamId) -> NoopStream {
        NoopStream
    }
}

impl Stream for NoopStream {}

#[cfg(target_os = "wasi")]
portcullis_adapter::export!(Noop);
