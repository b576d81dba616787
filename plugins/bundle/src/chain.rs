//! One request on its way past the members.

use std::cell::RefCell;

use portcullis_filter::{Flow, Host, LocalReply, Stream};

use crate::part::Part;
use crate::view::StreamView;

/// The members' streams of one request, and how far it has come.
pub(crate) struct Chain {
    links: Vec<Link>,
    seen: Seen,
    /// The identity that a member has published, for the others.
    identity: RefCell<Option<Vec<u8>>>,
}

/// One member's stream.
struct Link {
    part: Part,
    stream: Box<dyn Stream>,
    state: State,
    /// It has seen the head alone, and not what has come of the request since.
    behind: bool,
    /// How many of the bytes that the proxy keeps this member has let go already: the others keep them.
    released: usize,
}

/// What a member makes of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has not seen the request yet.
    Before,
    Holds,
    Passes,
}

/// What has come of the request.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Nothing follows its head.
    head_is_all: bool,
    /// The bytes that the proxy keeps of its body.
    kept: usize,
    body_ended: bool,
    trailers: bool,
}

/// What a callback of one member came to.
type Answer = Result<(), LocalReply>;

impl Chain {
    pub(crate) fn new(streams: impl Iterator<Item = (Part, Box<dyn Stream>)>) -> Self {
        let links =
            streams.map(|(part, stream)| Link { part, stream, state: State::Before, behind: false, released: 0 }).collect();
        Self { links, seen: Seen::default(), identity: RefCell::default() }
    }

    pub(crate) fn on_request_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        self.seen.head_is_all = end_of_stream;
        let went = self.go_on(host);
        self.flow(went)
    }

    pub(crate) fn on_request_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        (self.seen.kept, self.seen.body_ended) = (size, end_of_stream);
        let went = self.tell(host, |link, host| link.body(host, size, end_of_stream));
        self.flow(went)
    }

    pub(crate) fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        self.seen.trailers = true;
        let went = self.tell(host, |link, host| link.answered(|stream| stream.on_request_trailers(host)));
        self.flow(went)
    }

    /// The member at this `place` has held the request, and decides now.
    pub(crate) fn resume(&mut self, place: usize, host: &dyn Host, decide: &mut dyn FnMut(&dyn Host) -> Flow) -> Flow {
        let Self { links, identity, .. } = self;
        let Some(link) = links.get_mut(place) else { return Flow::Pause };
        let view = StreamView { host, identity, released: link.released };
        let went = link.settled(decide(&view)).and_then(|()| self.go_on(host));
        self.flow(went)
    }

    /// A callback of the response, which meets the members in the opposite order.
    pub(crate) fn on_response(&mut self, host: &dyn Host, callback: impl Fn(&mut dyn Stream, &dyn Host) -> Flow) -> Flow {
        let Self { links, identity, .. } = self;
        let view = StreamView { host, identity, released: 0 };
        let mut pauses = false;
        for link in links.iter_mut().rev() {
            match callback(link.stream.as_mut(), &view) {
                Flow::Continue => {}
                Flow::Pause => pauses = true,
                reply @ Flow::Reply(_) => return reply,
            }
        }
        if pauses { Flow::Pause } else { Flow::Continue }
    }

    pub(crate) fn on_log(&mut self, host: &dyn Host) {
        let Self { links, identity, .. } = self;
        let view = StreamView { host, identity, released: 0 };
        links.iter_mut().for_each(|link| link.stream.on_log(&view));
    }

    /// Tells the members that know the request what has come of it, and lets the others see it, if nobody holds them up any more.
    fn tell(&mut self, host: &dyn Host, event: impl Fn(&mut Link, &dyn Host) -> Answer) -> Answer {
        let Self { links, identity, .. } = self;
        for link in links.iter_mut().filter(|link| link.state != State::Before) {
            let view = StreamView { host, identity, released: link.released };
            event(link, &view)?;
        }
        self.go_on(host)
    }

    /// Lets members see the head, in order, until one holds up the others; then those that see it for the first time, the rest that has come.
    fn go_on(&mut self, host: &dyn Host) -> Answer {
        let Self { links, seen, identity } = self;
        for link in links.iter_mut() {
            let view = StreamView { host, identity, released: link.released };
            if link.state == State::Before {
                link.begin(&view, seen.head_is_all)?;
            }
            if link.holds_up_others() {
                // It may have waited for what is there already.
                link.catch_up(&view, *seen)?;
            }
            if link.holds_up_others() {
                break;
            }
        }
        links.iter_mut().try_for_each(|link| link.catch_up(&StreamView { host, identity, released: link.released }, *seen))
    }

    /// What becomes of the request for now: it goes on when every member has let it.
    fn flow(&mut self, went: Answer) -> Flow {
        if let Err(reply) = went {
            return Flow::Reply(reply);
        }
        let passes = self.links.iter().all(|link| link.state == State::Passes);
        // What the proxy keeps goes on with the request; else each member has let go what it had no objection to.
        let kept = if passes { 0 } else { self.seen.kept };
        for link in &mut self.links {
            match link.state {
                State::Passes => link.released = kept,
                State::Before | State::Holds => {}
            }
        }
        self.seen.kept = kept;
        if passes { Flow::Continue } else { Flow::Pause }
    }
}

impl Link {
    /// The member sees the request for the first time.
    fn begin(&mut self, host: &dyn Host, head_is_all: bool) -> Answer {
        self.behind = true;
        self.answered(|stream| stream.on_request_headers(host, head_is_all))
    }

    fn holds_up_others(&self) -> bool {
        self.state == State::Holds && self.part.holds_up_others()
    }

    /// The member sees what has come of the request while others held it.
    fn catch_up(&mut self, host: &dyn Host, seen: Seen) -> Answer {
        if !std::mem::take(&mut self.behind) {
            return Ok(());
        }
        if seen.kept > 0 || seen.body_ended {
            self.body(host, seen.kept, seen.body_ended)?;
        }
        if seen.trailers { self.answered(|stream| stream.on_request_trailers(host)) } else { Ok(()) }
    }

    /// The proxy keeps `size` bytes.
    fn body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Answer {
        let size = size.saturating_sub(self.released);
        self.answered(|stream| stream.on_request_body(host, size, end_of_stream))
    }

    fn answered(&mut self, callback: impl FnOnce(&mut dyn Stream) -> Flow) -> Answer {
        let flow = callback(self.stream.as_mut());
        self.settled(flow)
    }

    fn settled(&mut self, flow: Flow) -> Answer {
        self.state = match flow {
            Flow::Continue => State::Passes,
            Flow::Pause => State::Holds,
            Flow::Reply(reply) => return Err(reply),
        };
        Ok(())
    }
}
