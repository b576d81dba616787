//! What each algorithm promises, for any arrivals: never more than its bound in any time, never less than was promised, and a time
//! to come back that is exact to the nanosecond.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::num::NonZeroU64;
use std::time::Duration;

use portcullis_quota::{Admission, Algorithm, Limit, Receipt, Refusal, Spend, State, Terms, Verdict, ceil_seconds};
use proptest::prelude::*;

/// Where the clock of all tests begins: 2026-01-01.
const START: u64 = 1_767_225_600_000_000_000;

const ALGORITHMS: &[Algorithm] = &[Algorithm::Gcra, Algorithm::SlidingWindow, Algorithm::FixedWindow, Algorithm::Concurrency];

fn limit(terms: &Terms) -> Limit {
    Limit::new(terms).unwrap()
}

fn spend(limit: &Limit, state: State, cost: u64, now: u64) -> Verdict {
    limit.spend(state, Spend { cost, now, patience: Duration::ZERO })
}

/// The instants and costs of what was admitted.
fn admitted(limit: &Limit, arrivals: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let (mut state, mut admitted) = (State::default(), Vec::new());
    for (now, cost) in arrivals.iter().copied() {
        if let Verdict::Admitted(admission) = spend(limit, state, cost, now) {
            state = admission.state;
            admitted.push((now, cost));
        }
    }
    admitted
}

/// The most units in any time that begins and ends with an arrival, as `(nanoseconds, units)`.
fn spans(admitted: &[(u64, u64)]) -> impl Iterator<Item = (u64, u64)> {
    (0..admitted.len()).flat_map(move |from| {
        let (start, _) = admitted[from];
        admitted[from..].iter().scan(0, move |sum, (now, cost)| {
            *sum += cost;
            Some((now - start, *sum))
        })
    })
}

fn terms(algorithm: Algorithm) -> impl Strategy<Value = Terms> {
    let windows = prop_oneof![1_u64..50, 1_000_u64..5_000_000_000, Just(1_000_000_000), Just(86_400_000_000_000)];
    (1_u64..40, windows, prop_oneof![Just(0_u64), 0_u64..30]).prop_map(move |(quota, window, burst)| Terms {
        algorithm,
        quota: NonZeroU64::new(quota).unwrap(),
        window: Duration::from_nanos(window),
        burst,
    })
}

/// Up to 200 arrivals, some at once, some after a part of the window, some after several; each of a cost of up to 3.
fn arrivals(terms: &Terms) -> impl Strategy<Value = Vec<(u64, u64)>> + use<> {
    let window = u64::try_from(terms.window.as_nanos()).unwrap();
    let gap = prop_oneof![Just(0), 0..=window / 8, 0..=window, 0..=window.saturating_mul(3)];
    prop::collection::vec((gap, 1_u64..=3), 1..200).prop_map(|gaps| {
        let arrive = |now: &mut u64, (gap, cost): (u64, u64)| {
            *now += gap;
            Some((*now, cost))
        };
        gaps.into_iter().scan(START, arrive).collect()
    })
}

fn scenario(algorithm: Algorithm) -> impl Strategy<Value = (Terms, Vec<(u64, u64)>)> {
    terms(algorithm).prop_flat_map(|terms| (Just(terms), arrivals(&terms)))
}

fn any_scenario() -> impl Strategy<Value = (Terms, Vec<(u64, u64)>)> {
    prop::sample::select(ALGORITHMS).prop_flat_map(scenario)
}

/// The algorithm as it is told elsewhere: by the theoretical arrival time of the next unit, in nanoseconds times `quota`.
struct VirtualScheduling {
    arrival: u128,
    quota: u128,
    window: u128,
    burst: u128,
}

impl VirtualScheduling {
    fn admits(&mut self, cost: u64, now: u64) -> bool {
        let now = u128::from(now) * self.quota;
        let next = self.arrival.max(now) + u128::from(cost) * self.window;
        let conforms = next - now <= (self.burst + 1) * self.window;
        if conforms {
            self.arrival = next;
        }
        conforms
    }
}

fn nanos(duration: Duration) -> u128 {
    duration.as_nanos()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn gcra_admits_at_most_the_burst_one_and_what_leaks((terms, arrivals) in scenario(Algorithm::Gcra)) {
        let admitted = admitted(&limit(&terms), &arrivals);
        for (span, units) in spans(&admitted) {
            let leaked = u128::from(terms.quota.get()) * u128::from(span) / nanos(terms.window);
            prop_assert!(u128::from(units) <= u128::from(terms.burst) + 1 + leaked, "{units} in {span} ns");
        }
    }

    #[test]
    fn gcra_admits_whatever_virtual_scheduling_does((terms, arrivals) in scenario(Algorithm::Gcra)) {
        let (window, quota, burst) = (nanos(terms.window), terms.quota.get().into(), terms.burst.into());
        let mut other = VirtualScheduling { arrival: 0, quota, window, burst };
        let theirs: Vec<_> = arrivals.iter().copied().filter(|(now, cost)| other.admits(*cost, *now)).collect();
        prop_assert_eq!(admitted(&limit(&terms), &arrivals), theirs);
    }

    #[test]
    fn a_sliding_window_admits_at_most_its_units_wherever_it_begins((terms, arrivals) in scenario(Algorithm::SlidingWindow)) {
        let admitted = admitted(&limit(&terms), &arrivals);
        for (_, units) in spans(&admitted).filter(|(span, _)| u128::from(*span) <= nanos(terms.window)) {
            prop_assert!(units <= terms.quota.get() + terms.burst);
        }
    }

    /// Whoever is refused has spent too much in a window and an eighth: nobody is refused for what lies further back.
    #[test]
    fn a_sliding_window_admits_what_was_promised((terms, arrivals) in scenario(Algorithm::SlidingWindow)) {
        let limit = limit(&terms);
        let eighth = nanos(terms.window).div_ceil(8);
        let (mut state, mut spent) = (State::default(), Vec::new());
        for (now, cost) in arrivals {
            match spend(&limit, state, cost, now) {
                Verdict::Admitted(admission) => {
                    state = admission.state;
                    spent.push((now, cost));
                }
                Verdict::Refused(_) => {
                    let recent = spent.iter().filter(|(then, _)| u128::from(now - then) < 9 * eighth);
                    let units: u64 = recent.map(|(_, cost)| cost).sum();
                    prop_assert!(units + cost > terms.quota.get() + terms.burst);
                }
            }
        }
    }

    #[test]
    fn a_fixed_window_admits_exactly_its_units((terms, arrivals) in scenario(Algorithm::FixedWindow)) {
        let limit = limit(&terms);
        let number = |now: u64| u128::from(now) / nanos(terms.window);
        let (mut state, mut spent) = (State::default(), (0, 0));
        for (now, cost) in arrivals {
            let before = if spent.0 == number(now) { spent.1 } else { 0 };
            let fits = before + cost <= terms.quota.get() + terms.burst;
            let verdict = spend(&limit, state, cost, now);
            prop_assert_eq!(matches!(verdict, Verdict::Admitted(_)), fits);
            if let Verdict::Admitted(admission) = verdict {
                state = admission.state;
                spent = (number(now), before + cost);
            }
        }
    }

    #[test]
    fn never_more_are_in_flight_than_the_units((terms, arrivals) in scenario(Algorithm::Concurrency), give_back in 0_usize..4) {
        let limit = limit(&terms);
        let (mut state, mut held): (State, Vec<(u64, Receipt, u64)>) = Default::default();
        for (now, cost) in arrivals {
            // A lease that is older has come back by itself.
            held.retain(|(since, _, _)| u128::from(now - since) <= nanos(terms.window));
            match spend(&limit, state, cost, now) {
                Verdict::Admitted(admission) => {
                    state = admission.state;
                    held.push((now, admission.receipt, cost));
                }
                Verdict::Refused(_) => {
                    for (_, receipt, _) in held.drain(..give_back.min(held.len())) {
                        state = limit.refund(state, &receipt, now);
                    }
                }
            }
            prop_assert!(held.iter().map(|(_, _, cost)| cost).sum::<u64>() <= terms.quota.get() + terms.burst);
        }
    }

    /// Whoever comes back when it was told to is admitted, and a nanosecond sooner it is not; the field says it in whole seconds,
    /// rounded up.
    #[test]
    fn the_time_to_come_back_is_exact((terms, arrivals) in any_scenario()) {
        let limit = limit(&terms);
        let mut state = State::default();
        for (now, cost) in arrivals {
            match spend(&limit, state, cost, now) {
                Verdict::Admitted(admission) => state = admission.state,
                Verdict::Refused(Refusal { retry_after: None, .. }) => prop_assert!(cost > limit.capacity()),
                Verdict::Refused(Refusal { retry_after: Some(wait), standing }) => {
                    let then = now + u64::try_from(nanos(wait)).unwrap();
                    prop_assert!(matches!(spend(&limit, state, cost, then), Verdict::Admitted(_)));
                    prop_assert!(matches!(spend(&limit, state, cost, then - 1), Verdict::Refused(_)));
                    prop_assert_eq!(u128::from(ceil_seconds(wait)), nanos(wait).div_ceil(1_000_000_000));
                    prop_assert!(standing.remaining < cost && standing.more_in.unwrap() <= wait);
                }
            }
        }
    }

    /// As many as remain are admitted, and not one more; a nanosecond before there are more, there are not.
    #[test]
    fn what_remains_is_exact((terms, arrivals) in any_scenario()) {
        let limit = limit(&terms);
        let mut state = State::default();
        for (now, cost) in arrivals {
            if let Verdict::Admitted(admission) = spend(&limit, state, cost, now) {
                state = admission.state;
                prop_assert_eq!(limit.standing(state, now), admission.standing);
            }
            let standing = limit.standing(state, now);
            if standing.remaining > 0 {
                let Verdict::Admitted(all) = spend(&limit, state, standing.remaining, now) else { panic!("{standing:?}") };
                prop_assert_eq!(all.standing.remaining, 0);
            }
            prop_assert!(matches!(spend(&limit, state, standing.remaining + 1, now), Verdict::Refused(_)));
            prop_assert_eq!(standing.more_in.is_none(), limit.is_idle(state, now));
            if let Some(more_in) = standing.more_in {
                let then = now + u64::try_from(nanos(more_in)).unwrap();
                prop_assert!(limit.standing(state, then).remaining > standing.remaining);
                prop_assert_eq!(limit.standing(state, then - 1).remaining, standing.remaining);
            }
        }
    }

    /// A refund never leaves a key better off than if it had not spent at all, whatever else was spent in between.
    #[test]
    fn nobody_gains_by_a_refund(
        (terms, arrivals) in any_scenario(),
        undone in prop::collection::vec(any::<bool>(), 200),
        later in 0_usize..4,
    ) {
        let limit = limit(&terms);
        let (mut with, mut without) = (State::default(), State::default());
        let mut pending: Vec<(usize, Receipt)> = Vec::new();
        for (index, (now, cost)) in arrivals.into_iter().enumerate() {
            for (_, receipt) in pending.extract_if(.., |(due, _)| *due <= index) {
                with = limit.refund(with, &receipt, now);
            }
            let Verdict::Admitted(Admission { state, receipt, .. }) = spend(&limit, with, cost, now) else { continue };
            with = state;
            if undone[index] {
                pending.push((index + later, receipt));
            } else {
                without = limit.charge(without, cost, now);
            }
            prop_assert!(limit.standing(with, now).remaining <= limit.standing(without, now).remaining);
        }
    }

    /// A refund at once leaves nothing behind.
    #[test]
    fn a_refund_at_once_undoes_a_spend((terms, arrivals) in any_scenario()) {
        let limit = limit(&terms);
        let mut state = State::default();
        for (now, cost) in arrivals {
            let before = limit.standing(state, now);
            let Verdict::Admitted(Admission { state: after, receipt, .. }) = spend(&limit, state, cost, now) else { continue };
            prop_assert_eq!(limit.standing(limit.refund(after, &receipt, now), now), before);
            state = after;
        }
    }

    /// A debt is paid back before anything is admitted.
    #[test]
    fn what_was_charged_beyond_the_quota_is_owed(terms in terms(Algorithm::Gcra), debt in 1_u64..1_000) {
        let limit = limit(&terms);
        let state = limit.charge(State::default(), limit.capacity() + debt, START);
        let Verdict::Refused(Refusal { retry_after: Some(wait), .. }) = spend(&limit, state, 1, START) else { panic!("admitted") };
        let owed = u128::from(debt + 1) * nanos(terms.window);
        prop_assert_eq!(nanos(wait), owed.div_ceil(terms.quota.get().into()));
    }

    /// Whoever would wait is admitted with the time that it has to, in the order of arrival, and at the rate.
    #[test]
    fn whoever_waits_is_admitted_at_the_rate(terms in terms(Algorithm::Gcra), count in 1_u64..100) {
        let limit = limit(&terms);
        let mut state = State::default();
        for number in 1..=count {
            let patience = Duration::from_nanos(u64::MAX);
            let Verdict::Admitted(admission) = limit.spend(state, Spend { cost: 1, now: START, patience }) else { panic!("refused") };
            state = admission.state;
            let waiting = u128::from(number.saturating_sub(limit.capacity())) * nanos(terms.window);
            prop_assert_eq!(nanos(admission.wait), waiting.div_ceil(terms.quota.get().into()));
        }
    }

    /// No state, time or cost makes anything overflow, and a clock that is set back gives nobody more.
    #[test]
    fn nothing_overflows_and_a_clock_that_is_set_back_gives_nothing(
        algorithm in prop::sample::select(ALGORITHMS),
        quota in prop_oneof![Just(1), Just(u64::from(u32::MAX)), 1..=u64::from(u32::MAX)],
        window in prop_oneof![Just(1), Just(u64::MAX), 1..=u64::MAX],
        costs in prop::collection::vec((any::<u64>(), any::<u64>()), 1..20),
    ) {
        let terms = Terms { algorithm, quota: NonZeroU64::new(quota).unwrap(), window: Duration::from_nanos(window), burst: 0 };
        let limit = limit(&terms);
        let mut state = State::default();
        for (now, cost) in costs {
            let earlier = now / 2;
            let charged = limit.charge(state, cost, now);
            prop_assert!(limit.standing(charged, earlier).remaining <= limit.standing(charged, now).remaining);
            if let Verdict::Admitted(admission) = spend(&limit, charged, cost, earlier) {
                let _ = limit.refund(admission.state, &admission.receipt, now);
            }
            state = charged;
        }
    }
}

#[test]
fn a_clock_that_is_set_back_does_not_lock_anybody_out() {
    for algorithm in ALGORITHMS.iter().copied() {
        let terms = Terms { algorithm, quota: NonZeroU64::MIN, window: Duration::from_secs(1), burst: 0 };
        let limit = limit(&terms);
        let Verdict::Admitted(admission) = spend(&limit, State::default(), 1, START) else { panic!("{algorithm:?}") };
        let hour_ago = START - 3_600_000_000_000;
        let Verdict::Refused(Refusal { retry_after: Some(wait), .. }) = spend(&limit, admission.state, 1, hour_ago) else {
            panic!("{algorithm:?}: a fresh quota")
        };
        assert!(wait <= Duration::from_millis(1_125), "{algorithm:?}: {wait:?}");
        let rebased = limit.rebased(admission.state, hour_ago).unwrap();
        let then = hour_ago + u64::try_from(nanos(wait)).unwrap();
        assert!(matches!(spend(&limit, rebased, 1, then), Verdict::Admitted(_)), "{algorithm:?}");
        assert!(matches!(spend(&limit, rebased, 1, then - 1), Verdict::Refused(_)), "{algorithm:?}");
        assert_eq!((limit.rebased(rebased, then), limit.rebased(admission.state, START - 1)), (None, None));
    }
}

#[test]
fn whoever_asks_for_nothing_asks_whether_anything_is_left() {
    for algorithm in ALGORITHMS.iter().copied() {
        let terms = Terms { algorithm, quota: NonZeroU64::MIN, window: Duration::from_secs(1), burst: 0 };
        let limit = limit(&terms);
        let Verdict::Admitted(admission) = spend(&limit, State::default(), 0, START) else { panic!("{algorithm:?}") };
        assert_eq!(limit.standing(admission.state, START).remaining, 1);
        let full = limit.charge(admission.state, 1, START);
        assert!(matches!(spend(&limit, full, 0, START), Verdict::Refused(Refusal { retry_after: Some(_), .. })));
    }
}
