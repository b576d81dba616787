//! Other keys, and tokens of keys that nobody knows.

use super::*;

#[test]
fn a_token_of_a_new_key_waits_for_one_fetch_and_passes() {
    let mut bench = Bench::started(REMOTE);
    bench.answers(keys(&["eddsa", "es256"]));
    let sent: Vec<StreamId> = (0..4).map(|worker| bench.send(worker, "es256", "")).collect();
    assert!(sent.iter().all(|id| bench.status(*id) == 0));
    bench.advance(200 * MILLISECOND);
    assert!(sent.iter().all(|id| bench.status(*id) == 200));
    assert_eq!(bench.fetches(), 2);
    assert_eq!((bench.statuses("eddsa", ""), bench.statuses("es256", "")), (vec![200; 4], vec![200; 4]));
}

#[test]
fn requests_that_come_while_the_new_key_is_fetched_cause_no_further_fetch() {
    let mut bench = Bench::started(REMOTE);
    bench.answers(keys(&["eddsa", "es256"]));
    let mut sent = Vec::new();
    for worker in 0..100 {
        sent.push(bench.send(worker, "es256", ""));
        bench.advance(MILLISECOND);
    }
    bench.advance(60 * SECOND);
    assert!(sent.iter().all(|id| bench.status(*id) == 200));
    assert_eq!(bench.fetches(), 2);
}

#[test]
fn a_key_that_is_really_unknown_is_refused_at_once_the_second_time() {
    let mut bench = Bench::started(REMOTE);
    let first = bench.send(0, "es256", "");
    assert_eq!(bench.status(first), 0);
    bench.advance(200 * MILLISECOND);
    assert_eq!((bench.status(first), bench.fetches()), (401, 2));
    let second = bench.send(0, "es256", "");
    assert_eq!((bench.status(second), bench.fetches()), (401, 2));
}

#[test]
fn every_worker_knows_what_one_has_looked_for_in_vain() {
    let mut bench = Bench::started(REMOTE);
    bench.send(0, "es256", "");
    bench.advance(200 * MILLISECOND);
    assert_eq!(bench.fetches(), 2);
    let sent: Vec<StreamId> = (0..4).map(|worker| bench.send(worker, "es256", "")).collect();
    bench.advance(60 * MILLISECOND);
    assert!(sent.iter().all(|id| bench.status(*id) == 401));
    assert_eq!((bench.statuses("es256", ""), bench.fetches()), (vec![401; 4], 2));
}

#[test]
fn a_key_that_first_came_while_the_refetch_was_throttled_is_refused_after_the_next_one() {
    let mut bench = Bench::started(REMOTE);
    bench.send(0, "es256", "");
    bench.advance(SECOND);
    let early = bench.send(1, "eddsa", "header: {kid: other}");
    bench.advance(9 * SECOND + 200 * MILLISECOND);
    assert_eq!((bench.status(early), bench.fetches()), (503, 3));
    let again: Vec<StreamId> = (0..4).map(|worker| bench.send(worker, "eddsa", "header: {kid: other}")).collect();
    bench.advance(60 * MILLISECOND);
    assert!(again.iter().all(|id| bench.status(*id) == 401));
    assert_eq!(bench.fetches(), 3);
}

#[test]
fn the_same_keys_fetched_anew_do_not_make_a_refused_key_unknown_again() {
    let mut bench = Bench::started(REMOTE);
    assert_eq!(bench.send_and_wait("es256"), 401);
    bench.advance(10 * SECOND);
    bench.send(0, "eddsa", "header: {kid: other}");
    bench.advance(200 * MILLISECOND);
    assert_eq!(bench.fetches(), 3);
    assert_eq!(bench.send_and_wait("es256"), 401);
    assert_eq!(bench.fetches(), 3);
}

#[test]
fn a_flood_of_unknown_keys_leaves_a_bounded_value_in_shared_data() {
    let longest = Rc::new(RefCell::new((0, std::collections::BTreeSet::new())));
    let seen = Rc::clone(&longest);
    let watch = move |key: &str, data: &mut portcullis_host::SharedData| {
        let mut seen = seen.borrow_mut();
        seen.1.insert(key.to_owned());
        if key.ends_with("/unknown") {
            seen.0 = seen.0.max(data.value(key).map_or(0, <[u8]>::len));
        }
    };
    let options =
        Options { workers: 4, vm_id: "jwt".to_owned(), on_shared_data_get: Some(Box::new(watch)), ..Options::default() };
    let mut bench = Bench::with(REMOTE, keys(&["eddsa"]), options);
    bench.advance(SECOND);
    for index in 0..1200 {
        bench.send(index, "eddsa", &format!("header: {{kid: unknown{index}}}"));
        bench.advance(5 * MILLISECOND);
    }
    bench.advance(10 * SECOND);
    assert_eq!((longest.borrow().0, longest.borrow().1.len()), (256 * 24, 3));
}

#[test]
fn while_the_refetch_is_throttled_another_unknown_key_waits_and_is_refused_as_unavailable() {
    let mut bench = Bench::started(REMOTE);
    bench.send(0, "es256", "");
    bench.advance(SECOND);
    let other = bench.send(1, "eddsa", "header: {kid: other}");
    bench.advance(5 * SECOND - 10 * MILLISECOND);
    assert_eq!(bench.status(other), 0);
    bench.advance(20 * MILLISECOND);
    assert_eq!((bench.status(other), bench.fetches()), (503, 2));
}

#[test]
fn a_refused_key_that_appears_later_is_known_a_refetch_interval_later() {
    let mut bench = Bench::started(REMOTE);
    bench.send(0, "es256", "");
    bench.advance(SECOND);
    bench.answers(keys(&["eddsa", "es256"]));
    assert_eq!(bench.send_and_wait("es256"), 401);
    bench.advance(10 * SECOND);
    assert_eq!(bench.send_and_wait("es256"), 200);
}

#[test]
fn a_flood_of_unknown_keys_for_a_minute_causes_a_fetch_every_ten_seconds() {
    let mut bench = Bench::started(REMOTE);
    let mut sent = Vec::new();
    for index in 0..600 {
        sent.push(bench.send(index, "eddsa", &format!("header: {{kid: unknown{index}}}")));
        bench.advance(100 * MILLISECOND);
    }
    assert!(bench.fetches() - 1 <= 7, "{}", bench.fetches() - 1);
    assert!(sent.iter().all(|id| bench.status(*id) != 200));
    assert_eq!(bench.statuses("eddsa", ""), [200; 4]);
}

#[test]
fn during_a_rotation_nobody_is_wrongly_refused() {
    let mut bench = Bench::started(REMOTE);
    let mut sent = Vec::new();
    for second in 0..120 {
        match second {
            // The new key stands in the set before the first token that it signs; the old one goes after its last token.
            30 => bench.answers(keys(&["eddsa", "es256"])),
            90 => bench.answers(keys(&["es256"])),
            _ => {}
        }
        let key = if second < 31 { "eddsa" } else { "es256" };
        sent.extend((0..4).map(|worker| bench.send(worker, key, "")));
        bench.advance(SECOND);
    }
    bench.advance(10 * SECOND);
    assert_eq!(sent.iter().filter(|id| bench.status(**id) != 200).count(), 0);
}

#[test]
fn a_rotation_under_a_flood_refuses_nobody_where_the_interval_is_shorter_than_the_timeout() {
    let mut bench = Bench::started(&config(r#""refetch_interval": "4s""#));
    let mut sent = Vec::new();
    for tenth in 0..600 {
        match tenth {
            200 => bench.answers(keys(&["eddsa", "es256"])),
            500 => bench.answers(keys(&["es256"])),
            _ => {}
        }
        bench.send(tenth, "eddsa", &format!("header: {{kid: unknown{tenth}}}"));
        sent.push(bench.send(tenth, if tenth < 200 { "eddsa" } else { "es256" }, ""));
        bench.advance(100 * MILLISECOND);
    }
    bench.advance(10 * SECOND);
    assert_eq!(sent.iter().filter(|id| bench.status(**id) != 200).count(), 0);
    assert!(bench.fetches() <= 17, "{}", bench.fetches());
}

#[test]
fn keys_are_fetched_anew_before_they_expire_and_withdrawn_ones_go() {
    let mut bench = Bench::started(&config(r#""cache_duration": "100s""#));
    bench.answers(keys(&["es256"]));
    bench.advance(69 * SECOND);
    assert_eq!((bench.fetches(), bench.statuses("eddsa", "")), (1, vec![200; 4]));
    bench.advance(12 * SECOND);
    assert_eq!((bench.fetches(), bench.statuses("es256", "")), (2, vec![200; 4]));
    assert!(bench.statuses("eddsa", "").iter().all(|status| *status == 0), "an unknown key now");
}

#[test]
fn max_age_makes_the_time_shorter_and_never_longer() {
    for (stated, least, most) in [("max-age=100", 70, 80), ("max-age=0", 7, 8), ("no-store", 7, 8), ("max-age=99999", 420, 480)] {
        let mut bench = Bench::new(REMOTE, keys_with(&["eddsa"], &[("cache-control", stated)]));
        bench.advance(100 * MILLISECOND);
        while bench.fetches() < 2 {
            bench.advance(SECOND);
        }
        let pause = at(&bench, 1).saturating_since(at(&bench, 0)).as_secs();
        assert!((least..=most).contains(&pause), "{stated}: {pause}");
    }
}

#[test]
fn keys_are_fetched_again_when_the_clock_goes_back() {
    let mut bench = Bench::started(REMOTE);
    bench.proxy.set_wall_clock(Timestamp::from_secs(1_700_000_000));
    bench.advance(SECOND);
    assert_eq!((bench.fetches(), bench.statuses("eddsa", "")), (2, vec![200; 4]));
}

#[test]
fn a_set_with_some_bad_keys_keeps_its_good_ones_and_an_oct_key_is_never_one() {
    let mut set = key_set(&["eddsa", "hs256"]).unwrap();
    set["keys"].as_array_mut().unwrap().push(serde_json::json!({"kty": "RSA"}));
    let mut bench = Bench::new(REMOTE, body(set.to_string()));
    bench.advance(100 * MILLISECOND);
    assert_eq!(bench.statuses("eddsa", ""), [200; 4]);
    let confused = bench.send_and_wait("hs256");
    assert_eq!(confused, 401);
}

impl Bench {
    fn send_and_wait(&mut self, key: &str) -> u16 {
        let id = self.send(0, key, "");
        self.advance(200 * MILLISECOND);
        self.status(id)
    }
}
