//! The service behind the proxy, which knows what must not reach it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::server::{Received, Reply, Server};

/// How long the slow path takes.
const SLOW: Duration = Duration::from_millis(50);

/// How many requests that should not have come are told.
const TOLD: usize = 20;

/// The service.
pub(super) struct Upstream {
    server: Server,
    strays: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    pub(super) fn start() -> Result<Self> {
        let strays = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&strays);
        let server = Server::start(move |request| {
            if let Some(stray) = stray(request) {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.len() < TOLD {
                    told.push(stray);
                }
            }
            if request.target == b"/slow" {
                thread::sleep(SLOW);
            }
            Reply::new(200, "text/plain", "served")
        })?;
        Ok(Self { server, strays })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Requests that should not have come.
    pub(super) fn strays(&self) -> Vec<String> {
        self.strays.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The identity is one that a token told, and nobody else; without one there is only the path that is open.
fn stray(request: &Received) -> Option<String> {
    let users: Vec<&[u8]> =
        request.headers.iter().filter(|(name, _)| name.replace('_', "-") == "x-user").map(|(_, value)| value).collect();
    let open = request.target == b"/healthz";
    let good = match users.as_slice() {
        [] => open,
        [user] => !open && user.starts_with(b"user-"),
        _ => false,
    };
    let carries_token = request.headers.first("authorization").is_some();
    let target = String::from_utf8_lossy(&request.target);
    (!good || carries_token).then(|| {
        format!(
            "`{target}` with the users {:?}, token: {carries_token}",
            users.iter().map(|user| String::from_utf8_lossy(user)).collect::<Vec<_>>()
        )
    })
}
