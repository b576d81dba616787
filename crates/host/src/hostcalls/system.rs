//! Log, clock, timer and randomness.

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

    /// WASI's `random_get`, by SplitMix64: the same bytes in every run.
    pub(crate) fn random_bytes(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size + 8);
        while bytes.len() < size {
            self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.random;
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            bytes.extend((mixed ^ mixed >> 31).to_le_bytes());
        }
        bytes.truncate(size);
        bytes
    }
}
