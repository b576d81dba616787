//! A key server that does everything wrong.

use super::*;

/// Fresh for ten seconds, good for a hundred more.
fn short() -> String {
    config(r#""cache_duration": "10s", "max_stale": "100s""#)
}

#[test]
fn whatever_the_server_does_the_present_keys_stay_in_use_until_max_stale() {
    for (what, failure) in failures() {
        let mut bench = Bench::started(&short());
        bench.answers(failure);
        for _ in 0..109 {
            assert_eq!(bench.statuses("eddsa", ""), [200; 4], "{what}");
            bench.advance(SECOND);
        }
        bench.advance(SECOND);
        assert_eq!(bench.statuses("eddsa", ""), [0; 4], "{what}: not beyond it");
        assert!(bench.fetches() > 1 && bench.metric("fetch_failed") > 0, "{what}");
        assert_eq!(bench.metric("fetch_ok"), 1, "{what}");
        assert_eq!(bench.proxy.vm_failures(), 0, "{what}");
    }
}

#[test]
fn whatever_the_server_does_a_cold_request_is_refused_as_unavailable_and_the_next_ones_pass_when_it_is_back() {
    for (what, failure) in failures() {
        let mut bench = Bench::new(REMOTE, failure);
        let cold: Vec<StreamId> = (0..4).map(|worker| bench.send(worker, "eddsa", "")).collect();
        bench.advance(6 * SECOND);
        assert!(cold.iter().all(|id| bench.status(*id) == 503), "{what}");
        bench.answers(keys(&["eddsa"]));
        bench.advance(11 * SECOND);
        assert_eq!(bench.statuses("eddsa", ""), [200; 4], "{what}");
    }
}

#[test]
fn a_slow_answer_is_waited_for() {
    let slow = CalloutAnswer::Respond {
        after: 4 * SECOND,
        status: 200,
        headers: Vec::new(),
        body: key_set(&["eddsa"]).unwrap().to_string().into(),
    };
    let mut bench = Bench::new(REMOTE, slow);
    let id = bench.send(0, "eddsa", "");
    bench.advance(4 * SECOND - MILLISECOND);
    assert_eq!(bench.status(id), 0);
    bench.advance(100 * MILLISECOND);
    assert_eq!((bench.status(id), bench.fetches()), (200, 1));
}

#[test]
fn a_failure_is_repeated_by_backoff_and_then_every_refetch_interval() {
    let mut bench = Bench::new(REMOTE, CalloutAnswer::Refuse);
    bench.advance(60 * SECOND);
    let pauses: Vec<u128> =
        (1..bench.fetches()).map(|call| at(&bench, call).saturating_since(at(&bench, call - 1)).as_millis()).collect();
    assert!((100..=260).contains(&pauses[0]) && (200..=460).contains(&pauses[1]), "{pauses:?}");
    assert!(pauses[2..].iter().all(|pause| (10_000..=10_100).contains(pause)), "{pauses:?}");
}

#[test]
fn a_demanded_fetch_that_fails_is_repeated_while_the_request_waits() {
    let mut bench = Bench::started(REMOTE);
    bench.answers(CalloutAnswer::Refuse);
    let id = bench.send(0, "es256", "");
    bench.advance(100 * MILLISECOND);
    bench.answers(keys(&["eddsa", "es256"]));
    bench.advance(SECOND);
    assert_eq!(bench.status(id), 200);
}

#[test]
fn nothing_that_was_fetched_or_sent_is_logged() {
    let environment = [("TOKEN".to_owned(), "s3cr3t".to_owned())].into();
    let options = Options { vm_id: "jwt".to_owned(), environment, ..Options::default() };
    let config = config(r#""headers": [{"name": "x-key", "value": {"env": "TOKEN"}}]"#);
    let mut bench = Bench::with(&config, body("hidden"), options);
    bench.advance(SECOND);
    bench.answers(keys(&["eddsa"]));
    bench.advance(20 * SECOND);
    let logs: Vec<String> = bench.proxy.logs().into_iter().map(|line| line.text).collect();
    assert!(logs.iter().any(|line| line.contains("provider `main`")));
    let x = key_set(&["eddsa"]).unwrap()["keys"][0]["x"].as_str().unwrap().to_owned();
    assert!(logs.iter().all(|line| ["hidden", "s3cr3t", &x].iter().all(|secret| !line.contains(*secret))), "{logs:?}");
}
