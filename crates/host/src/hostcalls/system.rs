//! Log, clock and timer.

use portcullis_filter::LogLevel;

use crate::model::{Instant, Status, Timer, Worker};

impl Worker {
    /// `proxy_set_tick_period_milliseconds`; 0 stops the timer.
    pub(crate) fn set_tick_period(&mut self, period: Instant) -> Result<(), Status> {
        self.admit("proxy_set_tick_period_milliseconds")?;
        let due = self.shared.clock.get().elapsed() + period;
        self.timer = (!period.is_zero()).then_some(Timer { period, due });
        Ok(())
    }

    /// `proxy_log`
    pub(crate) fn log(&mut self, level: LogLevel, text: String) -> Result<(), Status> {
        self.admit("proxy_log")?;
        self.shared.log(self.place, level, text);
        Ok(())
    }

    /// `proxy_get_current_time_nanoseconds`
    pub(crate) fn current_time(&mut self) -> Result<u64, Status> {
        self.admit("proxy_get_current_time_nanoseconds")?;
        Ok(self.shared.clock.get().now().as_nanos())
    }
}
