//! One request on its way through the plugin, and its response on the way back.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use portcullis_filter::Timestamp;

use super::{HeaderList, LocalReply};
use crate::exchange::{Exchange, HeaderLines, Reply, Request, Response, StreamId, UpstreamRequest, UpstreamResponse};

/// The two ways through a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// Something that comes along on one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Headers { headers: HeaderList, end: bool },
    Body { piece: Vec<u8>, end: bool },
    Trailers(HeaderList),
}

/// What the plugin's last answer means for this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Travel {
    /// What comes is passed on once the plugin has seen it.
    #[default]
    Running,
    /// What comes is shown to the plugin and kept.
    Paused,
    /// What comes has to wait.
    Stopped,
}

/// One way: what is still to come, what the plugin holds, and what has gone on.
#[derive(Debug, Default)]
pub(crate) struct Side {
    pub(crate) incoming: VecDeque<Event>,
    pub(crate) travel: Travel,
    pub(crate) headers: Option<HeaderList>,
    pub(crate) trailers: Option<HeaderList>,
    /// The piece of body that the plugin sees, or all that it keeps.
    pub(crate) body: Option<Vec<u8>>,
    /// The plugin paused on the body: the next piece is added to what it keeps.
    pub(crate) buffering: bool,
    /// As in Envoy, a plugin that has let the headers go no longer reaches them.
    pub(crate) headers_open: bool,
    pub(crate) trailers_open: bool,
    pub(crate) end_seen: bool,
    pub(crate) passed: Passed,
}

/// What has gone on.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) headers: Option<HeaderList>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: HeaderLines,
    pub(crate) complete: bool,
}

impl Side {
    /// What comes from these parts.
    pub(crate) fn of(headers: HeaderList, body: Vec<Vec<u8>>, trailers: &HeaderLines, ends_with_last_piece: bool) -> Self {
        let bare = body.is_empty() && trailers.is_empty();
        let mut incoming = VecDeque::from([Event::Headers { headers, end: bare }]);
        let pieces = body.len();
        for (index, piece) in body.into_iter().enumerate() {
            let end = ends_with_last_piece && trailers.is_empty() && index + 1 == pieces;
            incoming.push_back(Event::Body { piece, end });
        }
        if !trailers.is_empty() {
            incoming.push_back(Event::Trailers(HeaderList::of(trailers)));
        } else if pieces > 0 && !ends_with_last_piece {
            incoming.push_back(Event::Body { piece: Vec::new(), end: true });
        }
        Self { incoming, ..Self::default() }
    }

    /// A local reply: its body comes in one piece with the end.
    pub(crate) fn of_reply(headers: HeaderList, body: Vec<u8>) -> Self {
        let body = if body.is_empty() { Vec::new() } else { vec![body] };
        Self::of(headers, body, &HeaderLines::new(), true)
    }

    /// Lets everything that the plugin keeps go on.
    pub(crate) fn pass_on(&mut self) {
        if self.passed.headers.is_none() {
            self.passed.headers.clone_from(&self.headers);
        }
        if let Some(mut body) = self.body.take() {
            self.passed.body.append(&mut body);
        }
        if let Some(trailers) = &self.trailers {
            self.passed.trailers = trailers.lines().to_vec();
        }
        self.passed.complete = self.end_seen;
    }

    /// The plugin resumes.
    pub(crate) fn resume(&mut self) {
        self.travel = Travel::Running;
        self.pass_on();
    }
}

/// One request and its response.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: StreamId,
    pub(crate) request: Side,
    pub(crate) response: Side,
    pub(crate) upstream: UpstreamResponse,
    /// The upstream has the whole request.
    asked: bool,
    pub(crate) attributes: BTreeMap<Vec<String>, Vec<u8>>,
    pub(crate) filter_state: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) reply: Option<Reply>,
    pub(crate) calls: BTreeMap<String, u32>,
    pub(crate) fuel: u64,
    pub(crate) started: Timestamp,
    pub(crate) is_grpc: bool,
    pub(crate) is_head: bool,
    /// The access log is being written: headers can be read again, and nothing be changed.
    pub(crate) logging: bool,
    /// The plugin is not asked any more: its VM is dead, or the reply goes straight to the client.
    pub(crate) bypassed: bool,
    pub(crate) over: bool,
    pub(crate) reset: bool,
}

impl Stream {
    pub(crate) fn new(id: StreamId, request: Request, started: Timestamp) -> Self {
        let headers = HeaderList::of_request(&request.headers);
        let content_type = headers.first(b"content-type").unwrap_or_default();
        Self {
            id,
            is_grpc: content_type.strip_prefix(b"application/grpc").is_some_and(|rest| matches!(rest.first(), None | Some(b'+'))),
            is_head: headers.first(b":method") == Some(b"HEAD"),
            request: Side::of(headers, request.body, &request.trailers, request.ends_with_last_piece),
            response: Side::default(),
            upstream: request.response,
            asked: false,
            attributes: request.attributes,
            filter_state: request.filter_state.into_iter().map(|(name, value)| (name.into_bytes(), value)).collect(),
            reply: None,
            calls: BTreeMap::new(),
            fuel: 0,
            started,
            logging: false,
            bypassed: false,
            over: false,
            reset: false,
        }
    }

    pub(crate) fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Request => &mut self.request,
            Direction::Response => &mut self.response,
        }
    }

    /// Whether anything has begun to come back, from the upstream or as a local reply.
    pub(crate) fn response_begun(&self) -> bool {
        self.response.headers.is_some() || !self.response.incoming.is_empty()
    }

    /// The upstream has just got the whole request: how long its answer takes.
    pub(crate) fn asks_upstream(&mut self) -> Option<Duration> {
        let asks = self.request.passed.complete && !self.response_begun() && !self.asked;
        self.asked |= asks;
        asks.then_some(self.upstream.after)
    }

    /// The upstream's answer comes.
    pub(crate) fn answer_from_upstream(&mut self) {
        let answer = std::mem::take(&mut self.upstream);
        let mut headers = HeaderList::of(&answer.headers);
        headers.set(b":status", answer.status.to_string().as_bytes());
        self.response = Side::of(headers, answer.body, &answer.trailers, false);
    }

    /// A local reply takes the place of whatever was to come.
    pub(crate) fn answer_locally(&mut self, reply: LocalReply) {
        self.request.incoming.clear();
        let (headers, body) = super::actions::to_http(&reply, self.is_grpc, self.is_head);
        self.response = Side::of_reply(headers, body);
        let LocalReply { status, headers, body, grpc_status, details } = reply;
        self.reply = Some(Reply { status, headers, body, grpc_status, details });
    }

    /// What the upstream has seen so far.
    pub(crate) fn seen_upstream(&self) -> Option<UpstreamRequest> {
        let Passed { headers, body, trailers, complete } = &self.request.passed;
        headers.as_ref().map(|headers| UpstreamRequest {
            headers: headers.lines().to_vec(),
            body: body.clone(),
            trailers: trailers.clone(),
            complete: *complete,
        })
    }

    /// The end.
    pub(crate) fn into_exchange(self) -> Exchange {
        let upstream = self.seen_upstream();
        let passed = self.response.passed;
        let response = passed.headers.filter(|_| !self.reset).map(|mut headers| {
            let status = headers.first(b":status").and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
            headers.remove(b":status");
            let headers = headers.lines().to_vec();
            Response { status: status.unwrap_or_default(), headers, body: passed.body, trailers: passed.trailers }
        });
        let text = |name: Vec<u8>| String::from_utf8_lossy(&name).into_owned();
        Exchange {
            reply: self.reply,
            upstream,
            response,
            filter_state: self.filter_state.into_iter().map(|(name, value)| (text(name), value)).collect(),
            calls: self.calls,
            fuel: self.fuel,
        }
    }
}
