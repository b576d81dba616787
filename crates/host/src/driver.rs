//! Drives one VM: brings it what happens and does what it asks for, as Envoy's filter manager does for one filter.

mod arrival;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::exchange::{Request, StreamId};
use crate::model::{Action, Direction, Instant, LocalReply, ROOT_CONTEXT, Stream, Travel, Worker};
use crate::vm::{Answer, Call, Vm};
use arrival::Arrival;

/// A VM and what the host knows of it.
pub(crate) struct Driver {
    pub(crate) worker: Rc<RefCell<Worker>>,
    pub(crate) vm: Box<dyn Vm>,
}

/// What a callback came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The plugin's own answer.
    Answer(Answer),
    /// A local reply overrules it.
    Replied,
    /// The VM is dead.
    Dead,
}

impl Driver {
    pub(crate) fn new(worker: Rc<RefCell<Worker>>, vm: Box<dyn Vm>) -> Self {
        Self { worker, vm }
    }

    /// A request arrives; its context.
    pub(crate) fn open(&mut self, id: StreamId, request: Request) -> u32 {
        let context = {
            let mut worker = self.worker.borrow_mut();
            let started = worker.shared.clock.get().now();
            worker.open(Stream::new(id, request, started))
        };
        self.call(context, Call::ContextCreate);
        self.run(context);
        context
    }

    /// The client has gone.
    pub(crate) fn disconnect(&mut self, context: u32) {
        self.with(context, |stream| stream.reset = true);
        self.finish(context);
    }

    /// When the timer or a callout's answer is due next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let worker = self.worker.borrow();
        let calls = worker.pending_calls.iter().map(|call| call.due);
        let answers = worker.pending_answers.iter().map(|(due, _)| *due);
        calls.chain(answers).chain(worker.timer.map(|timer| timer.due)).min()
    }

    /// What is due at `now`: an answer first, or a tick.
    pub(crate) fn fire(&mut self, now: Instant) {
        if !self.answer_callout(now) && !self.answer_stream(now) {
            self.tick(now);
        }
    }

    fn answer_callout(&mut self, now: Instant) -> bool {
        let call = {
            let mut worker = self.worker.borrow_mut();
            let due = worker.pending_calls.iter().enumerate().filter(|(_, call)| call.due <= now);
            let Some(next) = due.min_by_key(|(_, call)| (call.due, call.token)).map(|(index, _)| index) else { return false };
            let call = worker.pending_calls.remove(next);
            worker.hand_over(call)
        };
        self.call(ROOT_CONTEXT, call);
        true
    }

    /// The upstream has taken its time.
    fn answer_stream(&mut self, now: Instant) -> bool {
        let due = {
            let mut worker = self.worker.borrow_mut();
            let next = worker.pending_answers.iter().position(|(due, _)| *due <= now);
            next.map(|next| worker.pending_answers.remove(next))
        };
        let Some((_, context)) = due else { return false };
        self.with(context, |stream| (!stream.response_begun()).then(|| stream.answer_from_upstream()));
        self.respond(context);
        true
    }

    fn tick(&mut self, now: Instant) {
        {
            let mut worker = self.worker.borrow_mut();
            let Some(timer) = worker.timer.as_mut().filter(|timer| timer.due <= now) else { return };
            timer.due = now + timer.period;
        }
        self.call(ROOT_CONTEXT, Call::Tick);
    }

    /// Calls the plugin, then does what it asked for.
    fn call(&mut self, context: u32, call: Call) -> Verdict {
        if self.worker.borrow().failed {
            return Verdict::Dead;
        }
        self.worker.borrow_mut().enter(context);
        let answer = self.vm.call(context, call);
        let replied = self.worker.borrow_mut().leave(self.vm.fuel_used());
        let verdict = match answer {
            Ok(_) if replied => Verdict::Replied,
            Ok(answer) => Verdict::Answer(answer),
            Err(trap) => {
                self.worker.borrow_mut().fail(trap);
                Verdict::Dead
            }
        };
        self.act();
        verdict
    }

    fn act(&mut self) {
        loop {
            let action = self.worker.borrow_mut().actions.pop_front();
            match action {
                None => return,
                Some(Action::Resume(context, direction)) => self.resume(context, direction),
                Some(Action::Reply(context, reply)) => self.reply(context, reply),
                Some(Action::Close(context)) => {
                    self.with(context, |stream| stream.reset = true);
                    self.finish(context);
                }
            }
        }
    }

    fn resume(&mut self, context: u32, direction: Direction) {
        self.with(context, |stream| stream.side(direction).resume());
        self.run(context);
    }

    /// A local reply goes back through the plugin where nothing has come back yet, straight to the client where the
    /// response is still held, and nowhere once it has begun.
    fn reply(&mut self, context: u32, mut reply: LocalReply) {
        if let Some(details) = self.take_later_details(context) {
            reply.details = details;
        }
        let sent = self.with(context, |stream| {
            let begun = stream.response_begun();
            if stream.response.passed.headers.is_some() {
                stream.reset = true;
                return false;
            }
            stream.answer_locally(reply);
            stream.bypassed |= begun;
            true
        });
        match sent {
            Some(true) => self.run(context),
            Some(false) => self.finish(context),
            None => {}
        }
    }

    /// Of several replies in one callback the client gets the first, and the access log the last one's details.
    fn take_later_details(&self, context: u32) -> Option<String> {
        let mut details = None;
        self.worker.borrow_mut().actions.retain_mut(|action| match action {
            Action::Reply(replied, reply) if *replied == context => {
                details = Some(std::mem::take(&mut reply.details));
                false
            }
            _ => true,
        });
        details
    }

    /// The VM is dead: the proxy answers without it.
    fn fail(&mut self, context: u32) {
        self.with(context, |stream| stream.bypassed = true);
        self.refuse(context, 503, "", "wasm_fail_stream");
    }

    /// The proxy itself answers.
    fn refuse(&mut self, context: u32, status: u16, body: &str, details: &str) {
        let (headers, body, details) = (Vec::new(), body.as_bytes().to_vec(), details.to_owned());
        self.reply(context, LocalReply { status, headers, body, grpc_status: None, details });
    }

    /// Brings a stream as far as it can go.
    fn run(&mut self, context: u32) {
        self.pump(context, Direction::Request);
        match self.with(context, Stream::asks_upstream).flatten() {
            None => {}
            Some(Duration::ZERO) => drop(self.with(context, Stream::answer_from_upstream)),
            Some(after) => {
                let mut worker = self.worker.borrow_mut();
                let due = worker.shared.clock.get().elapsed() + after;
                worker.pending_answers.push((due, context));
            }
        }
        self.respond(context);
    }

    /// Brings a response as far as it can go.
    fn respond(&mut self, context: u32) {
        self.pump(context, Direction::Response);
        if self.with(context, |stream| stream.response.passed.complete) == Some(true) {
            self.finish(context);
        }
    }

    fn pump(&mut self, context: u32, direction: Direction) {
        let limit = self.worker.borrow().shared.options.buffer_limit;
        let pauses_on_headers =
            if self.worker.borrow().shared.options.stop_iteration_on_headers { Travel::Paused } else { Travel::Stopped };
        loop {
            let arrived = self.with(context, |stream| {
                let bypassed = stream.bypassed;
                Some((Arrival::take(stream.side(direction))?, bypassed))
            });
            let Some((arrival, bypassed)) = arrived.flatten() else { return };
            if self.too_large(context, direction, limit) {
                return;
            }
            let verdict = if bypassed { Verdict::Answer(Answer::Continue) } else { self.call(context, arrival.call(direction)) };
            match verdict {
                Verdict::Answer(answer) => {
                    self.with(context, |stream| arrival.settle(stream.side(direction), answer, pauses_on_headers));
                }
                Verdict::Replied => return,
                Verdict::Dead => return self.fail(context),
            }
            if self.too_large(context, direction, limit) {
                return;
            }
        }
    }

    fn too_large(&mut self, context: u32, direction: Direction, limit: usize) -> bool {
        let too_large = self.with(context, |stream| {
            let side = stream.side(direction);
            side.buffering && side.body.as_ref().is_some_and(|body| body.len() > limit)
        });
        match (too_large, direction) {
            (Some(true), Direction::Request) => self.refuse(context, 413, "Payload Too Large", "request_payload_too_large"),
            (Some(true), Direction::Response) => self.refuse(context, 500, "Internal Server Error", "response_payload_too_large"),
            _ => return false,
        }
        true
    }

    /// The end of a stream: access log, done, delete.
    fn finish(&mut self, context: u32) {
        let over = self.with(context, |stream| {
            let was_over = stream.over;
            stream.over = true;
            stream.logging = true;
            was_over
        });
        if over != Some(false) {
            return;
        }
        for call in [Call::Log, Call::Done, Call::Delete] {
            self.call(context, call);
            self.with_any(context, |stream| stream.logging = false);
        }
        let mut worker = self.worker.borrow_mut();
        if let Some(stream) = worker.streams.remove(&context) {
            worker.finished.insert(stream.id, stream.into_exchange());
        }
    }

    /// On a stream that is still going on.
    fn with<T>(&self, context: u32, on: impl FnOnce(&mut Stream) -> T) -> Option<T> {
        self.with_any(context, |stream| (!stream.over).then(|| on(stream))).flatten()
    }

    fn with_any<T>(&self, context: u32, on: impl FnOnce(&mut Stream) -> T) -> Option<T> {
        self.worker.borrow_mut().streams.get_mut(&context).map(on)
    }
}
