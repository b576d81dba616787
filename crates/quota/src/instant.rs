//! Instants: nanoseconds since any fixed point.

/// How far two readings of one clock may lie apart, in nanoseconds: workers read it one after the other and are told later. Further
/// back, somebody has set it.
pub(crate) const JITTER: u64 = 1_000_000_000;

/// The instant of a state that was last changed at `last`, now that the clock says `now`. Where the clock is a little behind, time
/// stands still until it has caught up; where it was set back, time goes on from there.
pub(crate) const fn follow(last: u64, now: u64) -> u64 {
    if now < last && last - now <= JITTER { last } else { now }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_for_a_little_and_goes_on_from_a_clock_that_was_set() {
        let last = 10 * JITTER;
        assert_eq!(follow(last, last + 1), last + 1);
        assert_eq!(follow(last, last - JITTER), last);
        assert_eq!(follow(last, last - JITTER - 1), last - JITTER - 1);
        assert_eq!(follow(0, u64::MAX), u64::MAX);
    }
}
