//! An issuer's key server that can rotate, fail, and fail to fail properly.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::server::{Reply, Server};

/// What the server does with each request from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers with this key set.
    Serve(String),
    /// Answers with this key set, after a while.
    ServeAfter(Duration, String),
    /// Does not answer for longer than anyone waits.
    Hang,
    /// Answers with this status.
    Status(u16),
    /// Answers with something that is no key set.
    Garbage,
    /// Answers with a key set without keys.
    Empty,
    /// Answers with 30 MB.
    Huge,
    /// Breaks off in the middle of its answer.
    BreakOff,
    /// Sends the client there.
    Redirect(String),
    /// Answers each of these paths in its own way, and no other.
    ByPath(Vec<(&'static str, Behaviour)>),
}

/// The server.
#[derive(Debug)]
pub struct KeyServer {
    server: Server,
    behaviour: Arc<Mutex<Behaviour>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl KeyServer {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start(behaviour: Behaviour) -> Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), behaviour)
    }

    /// Starts it at `address`, where an earlier one may have listened.
    ///
    /// # Errors
    /// When somebody else listens there.
    pub fn start_at(address: SocketAddr, behaviour: Behaviour) -> Result<Self> {
        let behaviour = Arc::new(Mutex::new(behaviour));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (current, log) = (Arc::clone(&behaviour), Arc::clone(&asked));
        let server = Server::start_at(address, move |request| {
            let path = String::from_utf8_lossy(&request.target).into_owned();
            let behaviour = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
            log.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
            answer(behaviour, &path)
        })?;
        Ok(Self { server, behaviour, asked })
    }

    /// Changes what it does.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// How many fetches have arrived.
    #[must_use]
    pub fn fetches(&self) -> usize {
        self.server.requests()
    }

    /// The paths that were asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer(behaviour: Behaviour, path: &str) -> Reply {
    let key_set = |body: String| Reply::new(200, "application/jwk-set+json", body);
    match behaviour {
        Behaviour::Serve(keys) => key_set(keys),
        Behaviour::ServeAfter(pause, keys) => {
            thread::sleep(pause);
            key_set(keys)
        }
        Behaviour::Hang => {
            thread::sleep(Duration::from_secs(8));
            Reply::new(200, "application/json", "{}")
        }
        Behaviour::Status(status) => Reply::new(status, "application/json", r#"{"keys":[]}"#),
        Behaviour::Garbage => Reply::new(200, "text/html", "<html>sign in first</html>"),
        Behaviour::Empty => key_set(r#"{"keys":[]}"#.to_owned()),
        Behaviour::Huge => key_set(format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(30_000_000))),
        Behaviour::BreakOff => key_set(r#"{"keys":[{"kty":"RSA"}]}"#.to_owned()).breaking_off_at(9),
        Behaviour::Redirect(location) => {
            let mut reply = Reply::new(302, "text/plain", "");
            reply.headers.push(("location".to_owned(), location.into_bytes()));
            reply
        }
        Behaviour::ByPath(paths) => match paths.into_iter().find(|(own, _)| *own == path) {
            Some((_, behaviour)) => answer(behaviour, path),
            None => Reply::new(404, "text/plain", ""),
        },
    }
}
