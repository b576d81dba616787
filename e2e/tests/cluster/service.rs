//! A rate limit service that behaves as a test says.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portcullis_e2e::grpc::{GrpcServer, Reply};
use prost::Message;

use crate::messages::{RateLimitRequest, RateLimitResponse};

/// What decides.
pub(crate) type Engine = Arc<dyn Fn(&RateLimitRequest) -> RateLimitResponse + Send + Sync>;

/// What the service does with a question.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Has the engine answer.
    Answer(Engine),
    /// The same, so much later.
    AnswerAfter(Duration, Engine),
    /// Fails with this gRPC status.
    Fail(u32),
    /// Answers with this as the message.
    Bytes(Vec<u8>),
    /// Answers with a page, as something that is no gRPC service does.
    Page,
    /// Breaks the call off.
    Reset,
}

/// A running service; when it is dropped, its connections break.
pub(crate) struct Service {
    server: GrpcServer,
    shared: Arc<Shared>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    asked: AtomicUsize,
}

impl Service {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), behaviour)
    }

    /// Where another one was before.
    pub(crate) fn start_at(address: SocketAddr, behaviour: Behaviour) -> Self {
        let shared = Arc::new(Shared { behaviour: Mutex::new(behaviour), asked: AtomicUsize::new(0) });
        let asked = Arc::clone(&shared);
        Self { server: GrpcServer::start_at(address, move |path, question| asked.answer(path, question)).unwrap(), shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// How many questions have come.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }
}

impl Shared {
    fn answer(&self, path: &str, question: &[u8]) -> Reply {
        assert_eq!(path, "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit");
        let question = RateLimitRequest::decode(question).unwrap();
        self.asked.fetch_add(1, Ordering::SeqCst);
        let behaviour = self.behaviour.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match behaviour {
            Behaviour::Answer(engine) => Reply::Message(engine(&question).encode_to_vec()),
            Behaviour::AnswerAfter(time, engine) => Reply::Later(time, engine(&question).encode_to_vec()),
            Behaviour::Bytes(bytes) => Reply::Message(bytes),
            Behaviour::Fail(status) => Reply::Status(status),
            Behaviour::Page => Reply::Page,
            Behaviour::Reset => Reply::Reset,
        }
    }
}
