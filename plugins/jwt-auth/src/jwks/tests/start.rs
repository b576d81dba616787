//! The first keys.

use super::*;

#[test]
fn a_thousand_cold_requests_to_four_workers_cause_one_fetch() {
    let mut bench = Bench::new(REMOTE, keys(&["eddsa"]));
    let sent: Vec<StreamId> = (0..1000).map(|index| bench.send(index, "eddsa", "")).collect();
    bench.advance(5 * MILLISECOND);
    assert_eq!(bench.metric("waiting"), 1000);
    bench.advance(SECOND);
    assert!(sent.iter().all(|id| bench.status(*id) == 200));
    assert_eq!((bench.fetches(), bench.metric("fetch_ok"), bench.metric("waiting")), (1, 1, 0));
}

#[test]
fn the_fetch_begins_with_the_first_tick_and_asks_as_configured() {
    let environment = [("TOKEN".to_owned(), "Bearer s3cr3t".to_owned())].into();
    let options = Options { vm_id: "jwt".to_owned(), environment, ..Options::default() };
    let config = config(r#""headers": [{"name": "authorization", "value": {"env": "TOKEN"}}], "timeout": "3s""#);
    let mut bench = Bench::with(&config, keys(&["eddsa"]), options);
    let start = bench.proxy.now();
    bench.advance(MILLISECOND);
    let call = bench.calls.borrow()[0].clone();
    assert_eq!((call.at, call.cluster.as_str(), call.timeout), (start.saturating_add(MILLISECOND), "id", Some(3 * SECOND)));
    let header = |name: &str| call.headers.iter().find(|(found, _)| found == name.as_bytes()).map(|(_, value)| value.as_slice());
    assert_eq!((header(":authority"), header(":path")), (Some(&b"id.example"[..]), Some(&b"/jwks.json"[..])));
    assert_eq!(header("authorization"), Some(&b"Bearer s3cr3t"[..]));
}

#[test]
fn a_request_before_the_first_keys_waits_until_its_deadline_and_no_longer() {
    let mut bench = Bench::new(REMOTE, CalloutAnswer::Timeout);
    let id = bench.send(0, "eddsa", "");
    bench.advance(5 * SECOND - 2 * MILLISECOND);
    assert_eq!(bench.status(id), 0);
    bench.advance(10 * MILLISECOND);
    assert_eq!((bench.status(id), bench.metric("waiting")), (503, 0));
}

#[test]
fn a_worker_holds_a_thousand_requests_of_a_provider_and_refuses_more() {
    let mut bench = Bench::new(REMOTE, CalloutAnswer::Timeout);
    let held: Vec<StreamId> = (0..1000).map(|_| bench.send(0, "eddsa", "")).collect();
    let (over, elsewhere) = (bench.send(0, "eddsa", ""), bench.send(1, "eddsa", ""));
    assert!(held.iter().all(|id| bench.status(*id) == 0));
    assert_eq!((bench.status(over), bench.status(elsewhere)), (503, 0));
    bench.proxy.disconnect(held[0]);
    bench.advance(10 * MILLISECOND);
    let next = bench.send(0, "eddsa", "");
    assert_eq!(bench.status(next), 0);
}

#[test]
fn a_body_does_not_release_a_request_that_waits() {
    let mut bench = Bench::new(REMOTE, keys(&["eddsa"]));
    let token = token("eddsa", &TokenSpec::parse("").unwrap(), bench.proxy.now().as_secs()).unwrap();
    let headers = [(":method", "POST"), (":path", "/"), (":authority", "host"), ("token", &token)];
    let headers = headers.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).to_vec();
    let id = bench.proxy.send(0, Request { headers, body: vec![b"ab".to_vec(), b"c".to_vec()], ..Request::default() });
    assert_eq!(bench.status(id), 0);
    bench.advance(100 * MILLISECOND);
    let upstream = bench.proxy.outcome(id).done().unwrap().upstream.unwrap();
    assert_eq!((upstream.body.as_slice(), upstream.complete), (&b"abc"[..], true));
}

#[test]
fn vms_without_an_id_fetch_each_for_itself_and_trust_nobody() {
    let options = || Options { workers: 4, ..Options::default() };
    let mut bench = Bench::with(REMOTE, keys(&["eddsa"]), options());
    bench.advance(SECOND);
    assert_eq!(bench.fetches(), 5, "the main thread's VM and four workers'");
    assert_eq!(bench.statuses("eddsa", ""), [200; 4]);
}

#[test]
fn a_vm_without_an_id_never_touches_shared_data() {
    let touched = Rc::new(RefCell::new(0));
    let count = Rc::clone(&touched);
    let race = move |_: &str, _: &mut portcullis_host::SharedData| *count.borrow_mut() += 1;
    let mut bench =
        Bench::with(REMOTE, keys(&["eddsa"]), Options { on_shared_data_get: Some(Box::new(race)), ..Options::default() });
    bench.advance(SECOND);
    assert_eq!(*touched.borrow(), 0);
}

#[test]
fn a_set_that_is_lost_on_its_way_to_the_other_workers_is_fetched_once_more() {
    let mut garbage = Some(b"garbage");
    let race = move |key: &str, data: &mut portcullis_host::SharedData| {
        if key.ends_with("/set")
            && data.value(key).is_some()
            && let Some(garbage) = garbage.take()
        {
            data.replace(key, garbage);
        }
    };
    let options = Options { workers: 4, vm_id: "jwt".to_owned(), on_shared_data_get: Some(Box::new(race)), ..Options::default() };
    let mut bench = Bench::with(REMOTE, keys(&["eddsa"]), options);
    bench.advance(SECOND);
    assert_eq!((bench.fetches(), bench.statuses("eddsa", "")), (2, vec![200; 4]));
}

#[test]
fn what_another_vm_writes_is_taken_for_keys_only_if_the_ledger_vouches_for_it() {
    let forged = key_set(&["es256"]).unwrap().to_string();
    let race = move |key: &str, data: &mut portcullis_host::SharedData| {
        if key.ends_with("/set") {
            data.replace(key, forged.as_bytes());
        }
    };
    let options = Options { workers: 4, vm_id: "jwt".to_owned(), on_shared_data_get: Some(Box::new(race)), ..Options::default() };
    let mut bench = Bench::with(REMOTE, keys(&["eddsa"]), options);
    bench.advance(SECOND);
    let sent: Vec<StreamId> = (0..4).map(|worker| bench.send(worker, "es256", "")).collect();
    bench.advance(60 * SECOND);
    assert!(sent.iter().all(|id| bench.status(*id) != 200));
    assert_eq!(bench.statuses("eddsa", ""), [200; 4], "each worker helps itself in the end");
}

#[test]
fn a_host_that_forbids_shared_data_leaves_each_vm_to_itself() {
    let allowed = [
        "proxy_http_call",
        "proxy_get_property",
        "proxy_get_current_time_nanoseconds",
        "proxy_set_tick_period_milliseconds",
        "proxy_get_header_map_pairs",
        "proxy_get_buffer_bytes",
    ];
    let allowed_capabilities = Some(allowed.map(str::to_owned).into());
    let options = Options { workers: 4, vm_id: "jwt".to_owned(), allowed_capabilities, ..Options::default() };
    let mut bench = Bench::with(REMOTE, keys(&["eddsa"]), options);
    bench.advance(SECOND);
    assert_eq!((bench.fetches(), bench.statuses("eddsa", "")), (5, vec![200; 4]));
}

#[test]
fn a_worker_that_dies_while_it_fetches_does_not_block_the_others() {
    let leased = r#"{"successes":0,"digest":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"began":0,
        "fetched":0,"refresh":0,"expires":0,"failures":0,"not_before":0,"demanded":0,"leased":LEASED}"#;
    let mut dead = Some(leased.replace("LEASED", "1767225606000000000"));
    let race = move |key: &str, data: &mut portcullis_host::SharedData| {
        if let Some(ledger) = dead.take() {
            data.replace(key, ledger.as_bytes());
        }
    };
    let options = Options { vm_id: "jwt".to_owned(), on_shared_data_get: Some(Box::new(race)), ..Options::default() };
    let mut bench = Bench::with(REMOTE, keys(&["eddsa"]), options);
    bench.advance(6 * SECOND - MILLISECOND);
    assert_eq!(bench.fetches(), 0);
    bench.advance(100 * MILLISECOND);
    assert_eq!(bench.fetches(), 1);
}

#[test]
fn vms_that_send_other_secrets_with_the_fetch_do_not_share_keys() {
    let key_of = |secret: &str| {
        let key = Rc::new(RefCell::new(String::new()));
        let seen = Rc::clone(&key);
        let watch = move |name: &str, _: &mut portcullis_host::SharedData| seen.borrow_mut().push_str(name);
        let environment = [("TENANT".to_owned(), secret.to_owned())].into();
        let on_shared_data_get: Option<portcullis_host::SharedDataRace> = Some(Box::new(watch));
        let options = Options { vm_id: "jwt".to_owned(), environment, on_shared_data_get, ..Options::default() };
        let config = config(r#""headers": [{"name": "x-tenant", "value": {"env": "TENANT"}}]"#);
        let mut bench = Bench::with(&config, keys(&["eddsa"]), options);
        bench.advance(MILLISECOND);
        key.borrow().get(..83).map(str::to_owned)
    };
    assert!(key_of("a").is_some());
    assert_eq!(key_of("a"), key_of("a"));
    assert_ne!(key_of("a"), key_of("b"));
}
