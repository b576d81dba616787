//! Connections that are kept busy, and the judgement of what comes back.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use super::configuration::DETAILS;
use super::keys::{Clock, Moment};
use super::kinds::{Kind, Manner, Pace, TIGHT};
use super::tally::Tally;
use crate::{Client, Error, Response, Result};

/// How often a request is sent whose connection ends without an answer: Envoy closes those of a configuration that it has replaced.
const TRIES: usize = 4;

/// What all threads send, and until when.
#[derive(Clone, Copy)]
pub(super) struct Traffic<'a> {
    pub(super) address: SocketAddr,
    pub(super) kinds: &'a [Kind],
    pub(super) clock: &'a Clock,
    pub(super) begin: Instant,
    pub(super) time: Duration,
}

/// A thread's work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) pace: Pace,
    pub(super) connections: usize,
    /// Threads of one pace begin at different places.
    pub(super) offset: usize,
}

impl Traffic<'_> {
    /// Writes to all connections, then takes the answers in the same order, until the time is over.
    pub(super) fn run(&self, share: Share) -> Tally {
        let mut tally = Tally::new(self.kinds.len());
        let mut lanes: Vec<Lane> = (0..share.connections).map(|_| Lane::default()).collect();
        let schedule = self.schedule(share.pace);
        let mut number = share.offset;
        while self.begin.elapsed() < self.time {
            for lane in &mut lanes {
                // 7919 is prime and larger than any schedule: each entry has its turn, and no two neighbours are alike.
                if let Some(kind) = schedule.get(number * 7919 % schedule.len().max(1)) {
                    self.begin(lane, *kind, number);
                }
                number += 1;
            }
            if share.pace == Pace::Loitering {
                thread::sleep(Duration::from_secs(3));
            }
            for lane in &mut lanes {
                self.finish(lane, &mut tally);
            }
        }
        tally
    }

    /// Each kind as often as it weighs.
    fn schedule(&self, pace: Pace) -> Vec<usize> {
        let kinds = self.kinds.iter().enumerate().filter(|(_, kind)| kind.pace == pace);
        kinds.flat_map(|(index, kind)| vec![index; kind.weight]).collect()
    }

    fn begin(&self, lane: &mut Lane, kind: usize, number: usize) {
        let Some(Kind { requests, expected, .. }) = self.kinds.get(kind) else { return };
        if expected.len() > 1 {
            // Where more requests wait, Envoy closes after any filter's refusal that is not the connection's first answer.
            lane.client = None;
        }
        let sent = Sent { kind, request: number % requests.len().max(1), at: self.begin.elapsed(), moment: self.clock.moment() };
        lane.sent = Some(sent);
        // A connection that does not take it gives no answer.
        let _ = lane.write(self.address, self.first_part(sent));
    }

    fn finish(&self, lane: &mut Lane, tally: &mut Tally) {
        let Some(sent) = lane.sent.take() else { return };
        let Some(kind) = self.kinds.get(sent.kind) else { return };
        tally.sent(sent.kind);
        if matches!(kind.manner, Manner::Abandoned(_)) {
            lane.client = None;
            return;
        }
        let _ = lane.write(self.address, self.second_part(sent));
        let mut answers = lane.read(kind.expected.len());
        let mut tries = 1;
        let mut last = sent;
        while answers.is_err() && tries < TRIES {
            tries += 1;
            tally.sent_again(sent.kind);
            last = Sent { at: self.begin.elapsed(), moment: self.clock.moment(), ..sent };
            answers = lane.again(self.address, self.whole(sent), kind.expected.len());
        }
        match answers {
            Ok(answers) => self.judge(last, &answers, tally),
            Err(error) => tally.wrong(sent.kind, || format!("{}: {error}", self.describe(sent))),
        }
    }

    fn judge(&self, sent: Sent, answers: &[Response], tally: &mut Tally) {
        let Some(kind) = self.kinds.get(sent.kind) else { return };
        let (answered, now) = (self.clock.moment(), self.begin.elapsed());
        for (answer, expected) in answers.iter().zip(&kind.expected) {
            let details = answer.header(DETAILS).unwrap_or_default();
            if !expected.allows(answer.status, &details, sent.moment, answered) {
                let text = answer.text();
                tally.wrong(sent.kind, || {
                    format!("{}: {} {details} {text}, not {expected:?}, {now:?}", self.describe(sent), answer.status)
                });
            }
            if kind.name == TIGHT && answer.status == 200 {
                tally.admitted.push((sent.at, now));
            }
            tally.answered(sent.kind, answer.status, details);
        }
    }

    fn whole(&self, sent: Sent) -> &[u8] {
        self.kinds.get(sent.kind).and_then(|kind| kind.requests.get(sent.request)).map(Vec::as_slice).unwrap_or_default()
    }

    fn first_part(&self, sent: Sent) -> &[u8] {
        let whole = self.whole(sent);
        whole.get(..whole.len().saturating_sub(self.kept_back(sent))).unwrap_or_default()
    }

    fn second_part(&self, sent: Sent) -> &[u8] {
        let whole = self.whole(sent);
        whole.get(whole.len().saturating_sub(self.kept_back(sent))..).unwrap_or_default()
    }

    fn kept_back(&self, sent: Sent) -> usize {
        match self.kinds.get(sent.kind).map(|kind| kind.manner) {
            Some(Manner::Halved(bytes) | Manner::Abandoned(bytes)) => bytes,
            _ => 0,
        }
    }

    fn describe(&self, sent: Sent) -> String {
        let name = self.kinds.get(sent.kind).map_or("", |kind| kind.name);
        let line = self.whole(sent).split(|byte| *byte == b'\r').next().unwrap_or_default();
        format!("{name}, number {}, `{}`, {:?}", sent.request, String::from_utf8_lossy(line), sent.at)
    }
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy)]
struct Sent {
    kind: usize,
    request: usize,
    at: Duration,
    moment: Moment,
}

#[derive(Default)]
struct Lane {
    client: Option<Client>,
    sent: Option<Sent>,
}

impl Lane {
    fn write(&mut self, address: SocketAddr, bytes: &[u8]) -> Result<()> {
        let client = match self.client.take() {
            Some(client) => client,
            None => Client::connect(address)?,
        };
        self.client.insert(client).write(bytes)
    }

    /// So many answers; afterwards the connection is as open as the last one says, and closed after several.
    fn read(&mut self, count: usize) -> Result<Vec<Response>> {
        let mut client = self.client.take().ok_or(Error::MalformedHttp("no connection"))?;
        let answers = (0..count).map(|_| client.read(false)).collect::<Result<Vec<_>>>()?;
        let closes = count > 1 || answers.iter().any(closes);
        self.client = Some(client).filter(|_| !closes);
        Ok(answers)
    }

    fn again(&mut self, address: SocketAddr, bytes: &[u8], count: usize) -> Result<Vec<Response>> {
        self.client = None;
        let written = self.write(address, bytes);
        let answers = self.read(count);
        if answers.is_err() { written.and(answers) } else { answers }
    }
}

/// After a head that it refuses itself, Envoy closes without a word.
fn closes(answer: &Response) -> bool {
    let is = |name: &str, holds: fn(&str) -> bool| answer.header(name).is_some_and(|value| holds(&value));
    is("connection", |value| value == "close") || is(DETAILS, |details| details.starts_with("http1."))
}
