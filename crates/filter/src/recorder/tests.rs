use super::*;
use crate::{HostError, LogLevel, MetricId, RequestSummary, Timestamp};

#[derive(Default)]
struct FakeHost {
    now: Cell<u64>,
    lines: RefCell<Vec<String>>,
    names: RefCell<Vec<String>>,
    counts: RefCell<Vec<u32>>,
}

impl Clock for FakeHost {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.now.get())
    }
}

impl Log for FakeHost {
    fn log(&self, _level: LogLevel, message: &str) {
        self.lines.borrow_mut().push(message.to_owned());
    }
}

impl Metrics for FakeHost {
    fn define_metric(&self, _kind: MetricKind, name: &str) -> Result<MetricId, HostError> {
        self.names.borrow_mut().push(name.to_owned());
        Ok(MetricId(self.names.borrow().len() as u32 - 1))
    }

    fn increment_metric(&self, metric: MetricId, _offset: i64) -> Result<(), HostError> {
        self.counts.borrow_mut().push(metric.0);
        Ok(())
    }

    fn record_metric(&self, _metric: MetricId, _value: u64) -> Result<(), HostError> {
        Ok(())
    }
}

fn decision(outcome: Outcome) -> Decision<'static> {
    Decision {
        outcome,
        reason: Reason("jwt_expired"),
        rule: Some("orders"),
        subject: None,
        claims: &[],
        detail: None,
        request: RequestSummary { method: b"GET", host: b"shop", path: b"/a\"\xff", request_id: None },
    }
}

fn recorder(allowed: bool, max: Option<u32>) -> Recorder {
    let max_per_second = max.and_then(NonZeroU32::new);
    Recorder::new(RecorderOptions { instance: "jwt_auth".to_owned(), allowed, max_per_second })
}

#[test]
fn writes_one_line_of_json() {
    let host = FakeHost::default();
    recorder(false, None).record(&host, &decision(Outcome::Denied));
    assert_eq!(
        *host.lines.borrow(),
        ["{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"WARN\",\"plugin\":\"jwt_auth\",\"outcome\":\"denied\",\
          \"reason\":\"jwt_expired\",\"rule\":\"orders\",\"shadow\":false,\"method\":\"GET\",\"host\":\"shop\",\
          \"path\":\"/a\\\"\u{fffd}\"}"]
    );
}

#[test]
fn defines_each_counter_once() {
    let host = FakeHost::default();
    let recorder = recorder(false, None);
    for outcome in [Outcome::Denied, Outcome::Allowed, Outcome::Denied] {
        recorder.record(&host, &decision(outcome));
    }
    assert_eq!(
        *host.names.borrow(),
        ["portcullis.decisions.jwt_auth.denied.jwt_expired", "portcullis.decisions.jwt_auth.allowed.jwt_expired"]
    );
    assert_eq!(*host.counts.borrow(), [0, 1, 0]);
    assert_eq!(host.lines.borrow().len(), 2);
}

#[test]
fn bounds_the_log_and_counts_the_rest() {
    let host = FakeHost::default();
    let recorder = recorder(true, Some(2));
    for second in [7, 7, 7, 8, 6] {
        host.now.set(second);
        recorder.record(&host, &decision(Outcome::Allowed));
    }
    assert_eq!(host.lines.borrow().len(), 4);
    assert_eq!(host.names.borrow().last().map(String::as_str), Some("portcullis.records_dropped.jwt_auth"));
}

#[test]
fn a_flood_of_refusals_leaves_room_for_the_rest() {
    let host = FakeHost::default();
    let recorder = recorder(true, Some(1));
    for outcome in [Outcome::Denied, Outcome::Denied, Outcome::Allowed, Outcome::Shadow] {
        recorder.record(&host, &decision(outcome));
    }
    assert_eq!(host.lines.borrow().len(), 3);
}

#[test]
fn a_record_that_is_wanted_is_written_of_an_allowed_request_too() {
    let host = FakeHost::default();
    let recorder = recorder(false, Some(1));
    recorder.record(&host, &decision(Outcome::Allowed));
    assert_eq!(host.lines.borrow().len(), 0);
    recorder.record_always(&host, &decision(Outcome::Allowed));
    recorder.record_always(&host, &decision(Outcome::Allowed));
    assert_eq!(host.lines.borrow().len(), 1);
    assert_eq!(host.counts.borrow().iter().filter(|metric| **metric == 0).count(), 3);
}

#[test]
fn a_long_detail_is_cut() {
    let host = FakeHost::default();
    let detail = "x".repeat(1_000);
    recorder(false, None).record(&host, &Decision { detail: Some(&detail), ..decision(Outcome::Denied) });
    assert!(host.lines.borrow()[0].contains(&format!("\"detail\":\"{}…\"", "x".repeat(256))));
}
