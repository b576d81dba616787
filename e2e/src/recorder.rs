//! An upstream that answers nothing and keeps every byte that reaches it.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::Result;
use crate::error::io;

/// A running recorder. Its threads end with the process.
#[derive(Debug, Clone)]
pub struct Recorder {
    address: SocketAddr,
    connections: Arc<Mutex<Vec<Connection>>>,
}

/// What came over one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Every byte.
    pub bytes: Vec<u8>,
    /// Whether the peer has ended it.
    pub ended: bool,
}

impl Recorder {
    /// Listens on a free port of loopback.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(io("listen on loopback"))?;
        let address = listener.local_addr().map_err(io("listen on loopback"))?;
        let recorder = Self { address, connections: Arc::default() };
        let accepting = recorder.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let recording = accepting.clone();
                thread::spawn(move || recording.record(stream));
            }
        });
        Ok(recorder)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has come so far, a connection each.
    #[must_use]
    pub fn seen(&self) -> Vec<Connection> {
        self.connections().clone()
    }

    fn record(&self, mut stream: TcpStream) {
        let at = {
            let mut connections = self.connections();
            connections.push(Connection::default());
            connections.len() - 1
        };
        let mut piece = [0; 16 << 10];
        loop {
            let read = stream.read(&mut piece).unwrap_or_default();
            let mut connections = self.connections();
            let Some(connection) = connections.get_mut(at) else { return };
            connection.bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
            connection.ended = read == 0;
            if read == 0 {
                return;
            }
        }
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
