use super::super::options::Pacing;
use super::*;

fn lifetime_of(lines: &[(&str, &str)]) -> u64 {
    let second = Duration::from_secs(1);
    let pacing = Pacing {
        attempt: second,
        cache_duration: second * 600,
        max_stale: second,
        refetch_interval: second * 10,
        retry_attempts: 1,
        retry_base: second,
        retry_max: second,
    };
    lifetime(&HeaderBlock::from_pairs(lines.iter().copied()), &pacing).as_secs()
}

#[test]
fn without_a_word_keys_are_fresh_as_long_as_configured() {
    for line in ["", "public", "s-maxage=5", "max-agex=5", "must-revalidate, private"] {
        assert_eq!(lifetime_of(&[("cache-control", line)]), 600, "{line}");
    }
    assert_eq!(lifetime_of(&[]), 600);
}

#[test]
fn max_age_counts_within_the_bounds() {
    for (line, seconds) in [
        ("max-age=60", 60),
        ("public , MAX-AGE=60", 60),
        ("max-age=\"60\"", 60),
        ("max-age=10", 10),
        ("max-age=9", 10),
        ("max-age=0", 10),
        ("max-age=599", 599),
        ("max-age=86400", 600),
        ("max-age=99999999999999999999999", 600),
    ] {
        assert_eq!(lifetime_of(&[("cache-control", line)]), seconds, "{line}");
    }
}

#[test]
fn of_several_the_shortest_counts() {
    assert_eq!(lifetime_of(&[("cache-control", "max-age=60, max-age=30")]), 30);
    assert_eq!(lifetime_of(&[("cache-control", "max-age=30"), ("cache-control", "max-age=60")]), 30);
}

#[test]
fn what_must_not_be_stored_or_makes_no_sense_is_stale_at_once() {
    for line in ["no-store", "No-Cache", "no-cache=\"x\"", "max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=x"] {
        assert_eq!(lifetime_of(&[("cache-control", line)]), 10, "{line}");
    }
}

#[test]
fn time_spent_in_caches_is_over() {
    assert_eq!(lifetime_of(&[("cache-control", "max-age=60"), ("age", "20")]), 40);
    assert_eq!(lifetime_of(&[("cache-control", "max-age=60"), ("age", "100")]), 10);
    assert_eq!(lifetime_of(&[("cache-control", "max-age=60"), ("age", "x")]), 60);
    assert_eq!(lifetime_of(&[("age", "100")]), 600);
}
