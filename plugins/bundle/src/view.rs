//! The host as one member sees it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{
    Attributes, Body, BodyKind, CallId, Clock, Environment, FilterState, Flow, GrpcCall, GrpcCalls, HashFunction, HeaderBlock,
    HeaderMap, Headers, Host, HostCrypto, HostError, HttpCall, HttpCalls, IDENTITY_KEY, Log, LogLevel, MetricId, MetricKind,
    Metrics, Random, SharedData, SharedValue, StreamId, Streams, Timer, Timestamp, Verdict,
};

use crate::filter::Shared;

/// The host in a callback of the filter itself.
pub(crate) struct RootView<'a> {
    pub(crate) host: &'a dyn Host,
    pub(crate) shared: &'a Shared,
    /// The member's place.
    pub(crate) member: usize,
}

/// The host in a callback of a stream.
pub(crate) struct StreamView<'a> {
    pub(crate) host: &'a dyn Host,
    /// What a member has published of the caller: the others need not ask the proxy.
    pub(crate) identity: &'a RefCell<Option<Vec<u8>>>,
    /// How many bytes of the request's body the member does not see any more.
    pub(crate) released: usize,
}

impl Streams for RootView<'_> {
    fn resume(&self, stream: StreamId, decide: &mut dyn FnMut(&dyn Host) -> Flow) -> Result<(), HostError> {
        let chain = self.shared.held(stream).ok_or(HostError::BAD_ARGUMENT)?;
        self.host.resume(stream, &mut |host| chain.borrow_mut().resume(self.member, host, decide))
    }
}

impl Timer for RootView<'_> {
    fn set_tick_period(&self, period: Duration) -> Result<(), HostError> {
        self.host.set_tick_period(self.shared.periods.change(self.member, period).unwrap_or_default())
    }
}

impl Streams for StreamView<'_> {
    fn resume(&self, stream: StreamId, decide: &mut dyn FnMut(&dyn Host) -> Flow) -> Result<(), HostError> {
        self.host.resume(stream, decide)
    }
}

impl Timer for StreamView<'_> {
    fn set_tick_period(&self, period: Duration) -> Result<(), HostError> {
        self.host.set_tick_period(period)
    }
}

impl Attributes for RootView<'_> {
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        self.host.attribute(path)
    }
}

impl Attributes for StreamView<'_> {
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        let published = if *path == [IDENTITY_KEY] { self.identity.borrow().clone() } else { None };
        published.map_or_else(|| self.host.attribute(path), |identity| Ok(Some(identity)))
    }
}

impl FilterState for RootView<'_> {
    fn set_filter_state(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.host.set_filter_state(name, value)
    }
}

impl FilterState for StreamView<'_> {
    fn set_filter_state(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.host.set_filter_state(name, value)?;
        if name == IDENTITY_KEY {
            self.identity.replace(Some(value.to_vec()));
        }
        Ok(())
    }
}

impl Body for RootView<'_> {
    fn body(&self, body: BodyKind, start: usize, max: usize) -> Result<Vec<u8>, HostError> {
        self.host.body(body, start, max)
    }

    fn set_body(&self, body: BodyKind, bytes: &[u8]) -> Result<(), HostError> {
        self.host.set_body(body, bytes)
    }
}

impl Body for StreamView<'_> {
    fn body(&self, body: BodyKind, start: usize, max: usize) -> Result<Vec<u8>, HostError> {
        let start = if body == BodyKind::Request { start.saturating_add(self.released) } else { start };
        self.host.body(body, start, max)
    }

    /// Refused where it would replace bytes that the member does not see any more.
    fn set_body(&self, body: BodyKind, bytes: &[u8]) -> Result<(), HostError> {
        if body == BodyKind::Request && self.released > 0 {
            return Err(HostError::BAD_ARGUMENT);
        }
        self.host.set_body(body, bytes)
    }
}

/// What every member sees as it is.
macro_rules! as_it_is {
    ($view:ident) => {
        impl Headers for $view<'_> {
            fn headers(&self, map: HeaderMap) -> Result<Rc<HeaderBlock>, HostError> {
                self.host.headers(map)
            }

            fn set_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
                self.host.set_header(map, name, value)
            }

            fn add_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
                self.host.add_header(map, name, value)
            }

            fn remove_header(&self, map: HeaderMap, name: &str) -> Result<(), HostError> {
                self.host.remove_header(map, name)
            }
        }

        impl Clock for $view<'_> {
            fn now(&self) -> Timestamp {
                self.host.now()
            }
        }

        impl Log for $view<'_> {
            fn log(&self, level: LogLevel, message: &str) {
                self.host.log(level, message);
            }
        }

        impl Metrics for $view<'_> {
            fn define_metric(&self, kind: MetricKind, name: &str) -> Result<MetricId, HostError> {
                self.host.define_metric(kind, name)
            }

            fn increment_metric(&self, metric: MetricId, offset: i64) -> Result<(), HostError> {
                self.host.increment_metric(metric, offset)
            }

            fn record_metric(&self, metric: MetricId, value: u64) -> Result<(), HostError> {
                self.host.record_metric(metric, value)
            }
        }

        impl SharedData for $view<'_> {
            fn shared_data(&self, key: &str) -> Result<Option<SharedValue>, HostError> {
                self.host.shared_data(key)
            }

            fn replace_shared_data(&self, key: &str, value: &[u8], cas: Option<u32>) -> Result<(), HostError> {
                self.host.replace_shared_data(key, value, cas)
            }
        }

        impl HttpCalls for $view<'_> {
            fn http_call(&self, call: &HttpCall<'_>) -> Result<CallId, HostError> {
                self.host.http_call(call)
            }
        }

        impl GrpcCalls for $view<'_> {
            fn grpc_call(&self, call: &GrpcCall<'_>) -> Result<CallId, HostError> {
                self.host.grpc_call(call)
            }

            fn cancel_grpc_call(&self, id: CallId) -> Result<(), HostError> {
                self.host.cancel_grpc_call(id)
            }

            fn grpc_status_message(&self) -> Result<Vec<u8>, HostError> {
                self.host.grpc_status_message()
            }
        }

        impl Random for $view<'_> {
            fn random(&self) -> Result<[u8; 16], HostError> {
                self.host.random()
            }
        }

        impl HostCrypto for $view<'_> {
            fn verify_signature(&self, hash: HashFunction, public_key: &[u8], signature: &[u8], text: &[u8]) -> Verdict {
                self.host.verify_signature(hash, public_key, signature, text)
            }
        }

        impl Environment for $view<'_> {
            fn variable(&self, name: &str) -> Option<String> {
                self.host.variable(name)
            }
        }
    };
}

as_it_is!(RootView);
as_it_is!(StreamView);
