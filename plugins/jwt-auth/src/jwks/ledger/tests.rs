use super::*;

const SECOND: Duration = Duration::from_secs(1);
const NANO: Duration = Duration::from_nanos(1);

/// Attempts of at most 5 s (a lease of 6 s), keys fresh for 100 s.
fn pacing() -> Pacing {
    Pacing {
        attempt: 5 * SECOND,
        cache_duration: 100 * SECOND,
        max_stale: 1000 * SECOND,
        refetch_interval: 10 * SECOND,
        retry_attempts: 3,
        retry_base: SECOND,
        retry_max: 4 * SECOND,
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + seconds)
}

fn just_before(instant: Timestamp) -> Timestamp {
    Timestamp::from_nanos(instant.as_nanos() - 1)
}

/// Fetched at 0 s.
fn fetched() -> Ledger {
    let success = Success { began: at(0), fetched: at(0), digest: [1; 32], lifetime: 100 * SECOND };
    Ledger::default().claim(at(0), false, &pacing()).unwrap().succeeded(&success, 0.0).unwrap()
}

fn may_fetch(ledger: &Ledger, now: Timestamp, demand: bool) -> bool {
    ledger.claim(now, demand, &pacing()).is_some()
}

#[test]
fn only_one_fetches_at_a_time_until_its_lease_ends() {
    let leased = Ledger::default().claim(at(0), false, &pacing()).unwrap();
    assert!(!may_fetch(&leased, at(0), true));
    assert!(!may_fetch(&leased, just_before(at(6)), true));
    assert!(may_fetch(&leased, at(6), false));
}

#[test]
fn keys_are_refreshed_at_four_fifths_of_their_life_or_a_little_before() {
    assert!(!may_fetch(&fetched(), just_before(at(80)), false));
    assert!(may_fetch(&fetched(), at(80), false));
    let success = Success { began: at(0), fetched: at(0), digest: [1; 32], lifetime: 100 * SECOND };
    let early = Ledger::default().succeeded(&success, 1.0).unwrap();
    assert!(may_fetch(&early, at(70).saturating_add(NANO * 1000), false));
}

#[test]
fn keys_may_be_used_until_max_stale_after_they_expire() {
    assert_eq!(fetched().usable_until(&pacing()), at(1100));
}

#[test]
fn a_demand_is_met_at_once_and_the_next_one_an_interval_later() {
    let demanded = fetched().claim(at(1), true, &pacing()).unwrap();
    let success = Success { began: at(1), fetched: at(2), digest: [2; 32], lifetime: 100 * SECOND };
    let demanded = demanded.succeeded(&success, 0.0).unwrap();
    assert!(!may_fetch(&demanded, just_before(at(11)), true));
    assert!(may_fetch(&demanded, at(11), true));
    assert!(!may_fetch(&demanded, at(11), false));
}

#[test]
fn a_routine_fetch_does_not_throttle_a_demand() {
    assert!(may_fetch(&fetched(), at(0).saturating_add(NANO), true));
}

#[test]
fn failures_are_repeated_after_pauses_that_double_and_then_every_interval() {
    let mut ledger = Ledger::default();
    for pause in [1, 2, 10, 10, 10] {
        ledger = ledger.failed(at(0), at(0), &pacing(), 1.0).unwrap();
        assert!(!may_fetch(&ledger, just_before(at(pause)), true), "{pause}");
        assert!(may_fetch(&ledger, at(pause), true), "{pause}");
    }
}

#[test]
fn half_of_a_pause_is_chance() {
    let ledger = Ledger::default().failed(at(0), at(0), &pacing(), 0.0).unwrap();
    assert!(!may_fetch(&ledger, just_before(at(0).saturating_add(SECOND / 2)), false));
    assert!(may_fetch(&ledger, at(0).saturating_add(SECOND / 2), false));
}

#[test]
fn a_pause_is_never_longer_than_configured_however_often_it_doubles() {
    let many = Pacing { retry_attempts: u32::MAX, ..pacing() };
    for failures in [3, 4, 33, u32::MAX - 1] {
        assert_eq!(pause(failures, &many, 1.0), 4 * SECOND, "{failures}");
    }
}

#[test]
fn a_success_ends_the_failures() {
    let failed = fetched().failed(at(1), at(2), &pacing(), 1.0).unwrap();
    let success = Success { began: at(3), fetched: at(3), digest: [2; 32], lifetime: 100 * SECOND };
    let recovered = failed.succeeded(&success, 0.0).unwrap();
    assert_eq!((recovered.failures, recovered.successes, recovered.digest), (0, 2, [2; 32]));
    assert!(may_fetch(&recovered, at(4), true));
}

#[test]
fn who_is_overtaken_changes_nothing() {
    let late = Success { began: just_before(at(0)), fetched: at(9), digest: [9; 32], lifetime: 100 * SECOND };
    assert_eq!(fetched().succeeded(&late, 0.0), None);
    assert_eq!(fetched().failed(just_before(at(0)), at(9), &pacing(), 0.0), None);
}

#[test]
fn a_clock_that_goes_back_blocks_nothing() {
    let long_ago = Timestamp::from_secs(1);
    let leased = Ledger::default().claim(at(0), true, &pacing()).unwrap();
    let failed = fetched().failed(at(1), at(2), &pacing(), 1.0).unwrap();
    for ledger in [fetched(), leased, failed] {
        assert!(may_fetch(&ledger, long_ago, false), "{ledger:?}");
    }
    let success = Success { began: long_ago, fetched: long_ago, digest: [2; 32], lifetime: 100 * SECOND };
    assert!(fetched().succeeded(&success, 0.0).is_some());
}
