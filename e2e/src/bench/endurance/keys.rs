//! The key server's day: it comes and goes, and one of its keys with it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use portcullis_cases::mint;

use super::configuration::{BACK_WITHIN, WITHDRAWN_WITHIN};
use crate::key_server::{Behaviour, KeyServer};
use crate::{Error, Result};

/// The keys that are always there, and the one that comes and goes.
const STEADY: [&str; 2] = ["rs256", "es256"];
pub(super) const ROTATING: &str = "es256_other";

/// What is known of the keys; a decision between two moments may be that of either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) rotating: Rotating,
    /// The server may not answer: a key that nobody knows cannot be told from a new one.
    pub(super) away: bool,
}

/// Whether the key that comes and goes is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rotating {
    Absent,
    /// It has come or gone, and not every worker knows yet.
    Changing,
    Present,
}

/// What all threads know of the moment.
#[derive(Debug, Default)]
pub(super) struct Clock {
    rotating: AtomicU8,
    away: AtomicU8,
}

impl Clock {
    pub(super) fn moment(&self) -> Moment {
        let rotating = match self.rotating.load(Ordering::SeqCst) {
            0 => Rotating::Absent,
            1 => Rotating::Changing,
            _ => Rotating::Present,
        };
        Moment { rotating, away: self.away.load(Ordering::SeqCst) > 0 }
    }

    fn rotate(&self, rotating: Rotating) {
        self.rotating.store(rotating as u8, Ordering::SeqCst);
    }

    fn leave(&self, away: bool) {
        self.away.store(u8::from(away), Ordering::SeqCst);
    }
}

/// What happens to the server.
#[derive(Debug, Clone)]
enum Event {
    /// It does something wrong instead of serving keys.
    Fails,
    /// Nobody listens.
    Stops,
    /// It serves keys.
    Serves,
    /// It serves keys, with another one, or without it again.
    Rotates,
    /// Everybody knows by now that it is back.
    IsBack,
    /// Everybody knows by now which keys there are.
    HasRotated,
}

/// A minute, by seconds; a configuration is replaced at 20 and 40, once in an outage.
fn minute() -> [(Duration, Event); 14] {
    let at = Duration::from_secs;
    [
        (at(3), Event::Fails),
        (at(7), Event::Serves),
        (at(7) + BACK_WITHIN, Event::IsBack),
        (at(12), Event::Rotates),
        (at(12) + BACK_WITHIN, Event::HasRotated),
        (at(18), Event::Fails),
        (at(24), Event::Serves),
        (at(24) + BACK_WITHIN, Event::IsBack),
        (at(30), Event::Stops),
        (at(35), Event::Serves),
        (at(35) + BACK_WITHIN, Event::IsBack),
        (at(42), Event::Rotates),
        (at(42) + WITHDRAWN_WITHIN, Event::HasRotated),
        (at(59), Event::Serves),
    ]
}

/// What it does wrong, in turn.
fn failures() -> [Behaviour; 7] {
    [
        Behaviour::Status(500),
        Behaviour::Hang,
        Behaviour::Garbage,
        Behaviour::ServeAfter(Duration::from_secs(3), "{}".to_owned()),
        Behaviour::BreakOff,
        Behaviour::Empty,
        Behaviour::Redirect("http://id.example/elsewhere".to_owned()),
    ]
}

/// The server, and what it does next.
pub(super) struct Keys<'a> {
    clock: &'a Clock,
    address: SocketAddr,
    server: Option<KeyServer>,
    with_rotating: bool,
    next: usize,
    /// How often it was not there.
    pub(super) outages: usize,
    /// How often a key came or went.
    pub(super) rotations: usize,
}

impl<'a> Keys<'a> {
    pub(super) fn start(clock: &'a Clock) -> Result<Self> {
        let server = KeyServer::start(Behaviour::Serve(key_set(false)?))?;
        let (address, server) = (server.address(), Some(server));
        Ok(Self { clock, address, server, with_rotating: false, next: 0, outages: 0, rotations: 0 })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does what is due `since` the beginning.
    pub(super) fn go_on(&mut self, since: Duration) -> Result<()> {
        let minute = minute();
        while let Some((at, event)) = minute.get(self.next % minute.len()) {
            let begun = Duration::from_secs(60 * (self.next / minute.len()) as u64);
            if since < begun + *at {
                break;
            }
            self.next += 1;
            self.happen(event)?;
        }
        Ok(())
    }

    fn happen(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::Fails => {
                self.clock.leave(true);
                let failures = failures();
                if let (Some(server), Some(failure)) = (&self.server, failures.get(self.outages % failures.len())) {
                    server.behave(failure.clone());
                }
                self.outages += 1;
            }
            Event::Stops => {
                self.clock.leave(true);
                self.server = None;
                self.outages += 1;
            }
            Event::Rotates => {
                self.clock.rotate(Rotating::Changing);
                self.with_rotating = !self.with_rotating;
                self.rotations += 1;
                self.serve()?;
            }
            Event::Serves => self.serve()?,
            Event::IsBack => self.clock.leave(false),
            Event::HasRotated => self.clock.rotate(if self.with_rotating { Rotating::Present } else { Rotating::Absent }),
        }
        Ok(())
    }

    fn serve(&mut self) -> Result<()> {
        let keys = Behaviour::Serve(key_set(self.with_rotating)?);
        match &self.server {
            Some(server) => server.behave(keys),
            None => self.server = Some(restart(self.address, &keys)?),
        }
        Ok(())
    }
}

/// A connection of ours may have the port for a moment.
fn restart(address: SocketAddr, behaviour: &Behaviour) -> Result<KeyServer> {
    let mut tries = 0;
    loop {
        match KeyServer::start_at(address, behaviour.clone()) {
            Err(_) if tries < 20 => thread::sleep(Duration::from_millis(100)),
            result => return result,
        }
        tries += 1;
    }
}

fn key_set(with_rotating: bool) -> Result<String> {
    let keys: Vec<&str> = STEADY.into_iter().chain(with_rotating.then_some(ROTATING)).collect();
    mint::key_set(&keys).map(|keys| keys.to_string()).map_err(Error::Unexpected)
}
