//! A filter that does what its configuration says.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{
    BodyKind, CallId, CallResponse, Callback, Callbacks, ConfigError, Filter, Flow, GrpcCall, GrpcCallResponse, GrpcService,
    GrpcStatus, HashFunction, HeaderMap, Host, HostError, HttpCall, LocalReply, LogLevel, MetricId, MetricKind, Reason, Setup,
    Stream, StreamId,
};

pub(super) struct Scripted(Rc<Script>);

struct Script {
    lines: Vec<(String, Vec<String>)>,
    counters: RefCell<Vec<(String, MetricId)>>,
    streams: RefCell<Vec<StreamId>>,
    grpc_calls: RefCell<Vec<CallId>>,
}

impl Filter for Scripted {
    const NAME: &'static str = "scripted";
    const CALLBACKS: Callbacks = Callbacks::of(&Callback::ALL);
    type Stream = ScriptedStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        let text = std::str::from_utf8(config).map_err(ConfigError::new)?;
        let parse = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.collect::<Vec<_>>()))
        };
        let lines: Vec<_> = text.lines().filter_map(parse).collect();
        for (_, words) in lines.iter().filter(|(callback, _)| callback == "configure") {
            match words[0].as_str() {
                "refuse" => return Err(ConfigError::new("no, thanks")),
                "count" => {
                    let id = host.define_metric(MetricKind::Counter, &words[1]).unwrap();
                    host.increment_metric(id, 1).unwrap();
                }
                other => host.log(LogLevel::Info, other),
            }
        }
        let (counters, streams, grpc_calls) = Default::default();
        Ok(Self(Rc::new(Script { lines, counters, streams, grpc_calls })))
    }

    fn stream(&self, id: StreamId) -> ScriptedStream {
        self.0.streams.borrow_mut().push(id);
        ScriptedStream(Rc::clone(&self.0))
    }

    fn tick_period(&self) -> Option<Duration> {
        let period = self.0.lines.iter().find(|(callback, _)| callback == "tick_every")?;
        Some(Duration::from_millis(period.1[0].parse().unwrap()))
    }

    fn on_tick(&self, host: &dyn Host) {
        self.0.run("tick", host);
    }

    fn on_http_call_response(&self, host: &dyn Host, response: CallResponse) {
        host.log(LogLevel::Info, &format!("answer: {} headers, {} bytes", response.headers, response.body_size));
        self.0.run("answer", host);
    }

    fn on_grpc_call_response(&self, host: &dyn Host, response: GrpcCallResponse) {
        let known = if self.0.grpc_calls.borrow().contains(&response.id) { "" } else { "unknown " };
        match response.message {
            Ok(size) => host.log(LogLevel::Info, &format!("{known}message: {size} bytes")),
            Err(GrpcStatus(status)) => host.log(LogLevel::Info, &format!("{known}failure: {status}")),
        }
        self.0.run("grpc_answer", host);
    }
}

pub(super) struct ScriptedStream(Rc<Script>);

impl Stream for ScriptedStream {
    fn on_request_headers(&mut self, host: &dyn Host, end: bool) -> Flow {
        self.0.run_sized("request_headers", host, 0, end)
    }

    fn on_request_body(&mut self, host: &dyn Host, size: usize, end: bool) -> Flow {
        self.0.run_sized("request_body", host, size, end)
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        self.0.run("request_trailers", host)
    }

    fn on_response_headers(&mut self, host: &dyn Host, end: bool) -> Flow {
        self.0.run_sized("response_headers", host, 0, end)
    }

    fn on_response_body(&mut self, host: &dyn Host, size: usize, end: bool) -> Flow {
        self.0.run_sized("response_body", host, size, end)
    }

    fn on_response_trailers(&mut self, host: &dyn Host) -> Flow {
        self.0.run("response_trailers", host)
    }

    fn on_log(&mut self, host: &dyn Host) {
        self.0.run("log", host);
    }
}

impl Script {
    fn run_sized(&self, callback: &str, host: &dyn Host, size: usize, end: bool) -> Flow {
        if self.lines.iter().any(|(name, words)| name == callback && words[0] == "size") {
            host.log(LogLevel::Info, &format!("{callback} {size}{}", if end { " end" } else { "" }));
        }
        if end && self.lines.iter().any(|(name, _)| *name == format!("{callback}_end")) {
            return self.run(&format!("{callback}_end"), host);
        }
        self.run(callback, host)
    }

    /// Every command of `callback`; the last one that decides decides.
    fn run(&self, callback: &str, host: &dyn Host) -> Flow {
        let mut flow = Flow::Continue;
        for (_, words) in self.lines.iter().filter(|(name, _)| name == callback) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words[..] {
                ["continue"] => flow = Flow::Continue,
                ["pause"] => flow = Flow::Pause,
                ["reply", status] => flow = Flow::Reply(reply(status, "")),
                ["reply", status, body] => flow = Flow::Reply(reply(status, body)),
                ["reply_grpc", status, code] => {
                    flow = Flow::Reply(reply(status, "50%").grpc(GrpcStatus(code.parse().unwrap())));
                }
                _ => {
                    if let Err(error) = self.act(&words, host) {
                        host.log(LogLevel::Info, &format!("{} {}", words[0], error.0));
                    }
                }
            }
        }
        flow
    }

    fn act(&self, words: &[&str], host: &dyn Host) -> Result<(), HostError> {
        let say = |text: &str| host.log(LogLevel::Info, text);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match *words {
            ["say", said] => say(said),
            ["size"] => {}
            ["resume", callback] => {
                for stream in self.streams.borrow().iter() {
                    if let Err(error) = host.resume(*stream, &mut |host| self.run(callback, host)) {
                        say(&format!("resume {}", error.0));
                    }
                }
            }
            ["tick_every", period] => host.set_tick_period(Duration::from_millis(period.parse().unwrap()))?,
            ["all", map, name] => {
                let block = host.headers(map_named(map))?;
                say(&format!("{name}: {}", block.all(name).map(text).collect::<Vec<_>>().join("|")));
            }
            ["set", map, name, value] => host.set_header(map_named(map), name, value.as_bytes())?,
            ["remove", map, name] => host.remove_header(map_named(map), name)?,
            ["body", "request"] => say(&text(&host.body(BodyKind::Request, 0, 1000)?)),
            ["body", "response"] => say(&text(&host.body(BodyKind::Response, 0, 1000)?)),
            ["body", "grpc"] => say(&text(&host.body(BodyKind::GrpcMessage, 0, 1000)?)),
            ["body", _] => say(&text(&host.body(BodyKind::CallResponse, 0, 1000)?)),
            ["attribute", path] => {
                let found = host.attribute(&path.split('.').collect::<Vec<_>>())?;
                say(&format!("{path}: {}", found.map_or("none".to_owned(), |value| text(&value))));
            }
            ["publish", name, value] => host.set_filter_state(name, value.as_bytes())?,
            ["now"] => say(&host.now().to_string()),
            ["variable", name] => say(host.variable(name).as_deref().unwrap_or("none")),
            ["count", name] => self.count(name, host)?,
            ["add_one", key] => add_one(key, host)?,
            ["call", cluster] => {
                let headers = [(":method", "GET"), (":path", "/keys"), (":authority", cluster)];
                host.http_call(&HttpCall { cluster, headers: &headers, body: b"", timeout: Duration::from_secs(1) })?;
            }
            ["grpc", cluster] => self.call_grpc(cluster, host)?,
            ["grpc_status"] => say(&text(&host.grpc_status_message()?)),
            ["grpc_cancel"] => {
                let calls = self.grpc_calls.borrow();
                calls.iter().try_for_each(|call| host.cancel_grpc_call(*call))?;
            }
            ["verify"] => {
                let verdict = host.verify_signature(HashFunction::Sha256, b"no key", b"", b"");
                say(&format!("{verdict:?}"));
            }
            _ => panic!("unknown command {words:?}"),
        }
        Ok(())
    }

    fn call_grpc(&self, cluster: &str, host: &dyn Host) -> Result<(), HostError> {
        let call = GrpcCall {
            to: &GrpcService::new(cluster, None, 100),
            service: "limits.v1.Limits",
            method: "Ask",
            metadata: &[("x-a", b"1")],
            message: b"question",
            timeout: Duration::from_secs(1),
        };
        self.grpc_calls.borrow_mut().push(host.grpc_call(&call)?);
        Ok(())
    }

    fn count(&self, name: &str, host: &dyn Host) -> Result<(), HostError> {
        let known = self.counters.borrow().iter().find(|(known, _)| known == name).map(|(_, id)| *id);
        let id = match known {
            Some(id) => id,
            None => host.define_metric(MetricKind::Counter, name)?,
        };
        self.counters.borrow_mut().push((name.to_owned(), id));
        host.increment_metric(id, 1)
    }
}

/// One try of a compare-and-swap, and one more when another worker was first.
fn add_one(key: &str, host: &dyn Host) -> Result<(), HostError> {
    for _ in 0..2 {
        let found = host.shared_data(key)?;
        let number: u32 = found.as_ref().map_or(0, |found| String::from_utf8_lossy(&found.value).parse().unwrap());
        match host.replace_shared_data(key, (number + 1).to_string().as_bytes(), found.map(|found| found.cas)) {
            Err(HostError::CAS_MISMATCH) => host.log(LogLevel::Info, "lost the race"),
            other => return other,
        }
    }
    Err(HostError::CAS_MISMATCH)
}

fn reply(status: &str, body: &str) -> LocalReply {
    let mut reply = LocalReply::problem(status.parse().unwrap(), "", "", Reason("by script")).header("x-reply", "yes");
    reply.headers.remove(0);
    reply.body = body.as_bytes().to_vec();
    reply
}

fn map_named(name: &str) -> HeaderMap {
    match name {
        "request" => HeaderMap::RequestHeaders,
        "request_trailers" => HeaderMap::RequestTrailers,
        "response" => HeaderMap::ResponseHeaders,
        "response_trailers" => HeaderMap::ResponseTrailers,
        _ => HeaderMap::CallResponseHeaders,
    }
}
