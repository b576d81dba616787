//! One timer for several members, each of which asks for a period of its own.

use std::cell::RefCell;
use std::time::Duration;

/// What each member has asked for.
#[derive(Debug)]
pub(crate) struct Periods(RefCell<Vec<Option<Duration>>>);

impl Periods {
    pub(crate) fn new(periods: impl Iterator<Item = Option<Duration>>) -> Self {
        Self(RefCell::new(periods.collect()))
    }

    /// The shortest: members are called more often than they asked, never less.
    pub(crate) fn shortest(&self) -> Option<Duration> {
        self.0.borrow().iter().flatten().min().copied()
    }

    /// The shortest, now that this `member` has asked for another one.
    pub(crate) fn change(&self, member: usize, period: Duration) -> Option<Duration> {
        if let Some(asked) = self.0.borrow_mut().get_mut(member) {
            *asked = (!period.is_zero()).then_some(period);
        }
        self.shortest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_as_often_as_the_most_impatient_member_asks() {
        let seconds = Duration::from_secs;
        let periods = Periods::new([Some(seconds(5)), None, Some(seconds(3))].into_iter());
        assert_eq!(periods.shortest(), Some(seconds(3)));
        assert_eq!(periods.change(1, seconds(1)), Some(seconds(1)));
        assert_eq!(periods.change(1, seconds(0)), Some(seconds(3)));
        assert_eq!(periods.change(2, seconds(9)), Some(seconds(5)));
        assert_eq!(periods.change(7, seconds(1)), Some(seconds(5)));
    }
}
