//! Something that reached the plugin: how the plugin is told, and what its answer does.

use crate::model::{Direction, Event, Side, Travel};
use crate::vm::{Answer, Call};

/// What has come along, now visible to the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Headers { count: usize, end: bool },
    Body { size: usize, end: bool },
    Trailers { count: usize },
}

impl Arrival {
    /// The next thing that may come.
    pub(super) fn take(side: &mut Side) -> Option<Self> {
        if side.travel == Travel::Stopped {
            return None;
        }
        Some(match side.incoming.pop_front()? {
            Event::Headers { headers, end } => {
                let count = headers.len();
                side.headers = Some(headers);
                side.headers_open = true;
                side.end_seen = end;
                Self::Headers { count, end }
            }
            Event::Body { mut piece, end } => {
                if let Some(kept) = side.body.as_mut().filter(|_| side.buffering) {
                    kept.append(&mut piece);
                } else {
                    side.body = Some(piece);
                }
                side.end_seen = end;
                Self::Body { size: side.body.as_ref().map_or(0, Vec::len), end }
            }
            Event::Trailers(trailers) => {
                let count = trailers.len();
                side.trailers = Some(trailers);
                side.trailers_open = true;
                side.end_seen = true;
                Self::Trailers { count }
            }
        })
    }

    /// How the plugin is told.
    pub(super) fn call(self, direction: Direction) -> Call {
        match (self, direction) {
            (Self::Headers { count, end }, Direction::Request) => Call::RequestHeaders { count, end },
            (Self::Headers { count, end }, Direction::Response) => Call::ResponseHeaders { count, end },
            (Self::Body { size, end }, Direction::Request) => Call::RequestBody { size, end },
            (Self::Body { size, end }, Direction::Response) => Call::ResponseBody { size, end },
            (Self::Trailers { count }, Direction::Request) => Call::RequestTrailers { count },
            (Self::Trailers { count }, Direction::Response) => Call::ResponseTrailers { count },
        }
    }

    /// What the plugin's answer does; `pause` is what a pause on headers means.
    pub(super) fn settle(self, side: &mut Side, answer: Answer, pause: Travel) {
        match (self, answer) {
            (Self::Headers { .. }, Answer::Continue) => {
                side.headers_open = false;
                side.pass_on();
            }
            (Self::Headers { .. }, Answer::Pause) => side.travel = pause,
            (Self::Body { .. }, Answer::Continue) => {
                side.buffering = false;
                side.resume();
            }
            (Self::Body { .. }, Answer::Pause) => {
                side.buffering = true;
                side.travel = Travel::Paused;
            }
            (Self::Trailers { .. }, Answer::Continue) => {
                side.trailers_open = false;
                side.resume();
            }
            (Self::Trailers { .. }, Answer::Pause) => side.travel = Travel::Paused,
        }
    }
}
