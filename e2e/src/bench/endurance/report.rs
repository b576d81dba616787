//! What the run came to.

use std::fmt;
use std::time::Duration;

use super::tally::Tally;
use super::tight::Admitted;

/// What Envoy's memory may grow by after the first minute, in MiB: allocator and collector keep what they had at their busiest, and some
/// minutes are busier. Six bytes of each request of ten minutes would be more.
pub const MAX_GROWTH_MIB: f64 = 8.0;

/// From when on memory has to be flat.
const WARM: Duration = Duration::from_secs(60);

/// The figures of a run.
#[derive(Debug)]
pub struct Endurance {
    pub(super) elapsed: Duration,
    pub(super) names: Vec<&'static str>,
    pub(super) tally: Tally,
    pub(super) admitted: Admitted,
    /// Resident memory in KiB, by time.
    pub(super) memory: Vec<(Duration, u64)>,
    pub(super) reloads: usize,
    pub(super) outages: usize,
    pub(super) rotations: usize,
    /// Fetches of keys that Envoy counted: good ones and failed ones.
    pub(super) fetches: [i64; 2],
    /// Answers of 500 and above that Envoy counted, those to clients that had gone included.
    pub(super) failures: i64,
    /// Requests that the plugin refused because their keys could not be had, by its own count: what `failures` may be made of.
    pub(super) unavailable: i64,
    /// What is wrong besides answers: failed VMs, requests that the upstream should not have got, configurations that were not used.
    pub(super) faults: Vec<String>,
}

impl Endurance {
    /// What should not be, a line each; nothing when all is well.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.faults.clone();
        let wrong = self.tally.all_wrong();
        if wrong > 0 {
            problems.push(format!("{wrong} wrong answers"));
            problems.extend(self.tally.told.iter().cloned());
        }
        if self.failures > self.unavailable {
            problems
                .push(format!("Envoy answered {} times with 5xx, {} of them for want of keys", self.failures, self.unavailable));
        }
        if self.admitted.excess > 0.0 {
            problems.push(format!("the tight limit: {}", self.admitted));
        }
        if self.growth().is_some_and(|growth| growth > MAX_GROWTH_MIB) {
            problems.push(format!("memory grew by more than {MAX_GROWTH_MIB} MiB after the first minute"));
        }
        problems
    }

    /// MiB between the first minute and the end; `None` for a run that is too short to tell.
    fn growth(&self) -> Option<f64> {
        let warm = self.memory.iter().find(|(at, _)| *at >= WARM)?;
        let last = self.memory.last().filter(|(at, _)| *at > warm.0)?;
        Some(mebibytes(last.1) - mebibytes(warm.1))
    }

    /// MiB in a minute: the slope of the straight line through what was weighed after the first minute.
    fn slope(&self) -> Option<f64> {
        let warm: Vec<(f64, f64)> = self
            .memory
            .iter()
            .filter(|(at, _)| *at >= WARM)
            .map(|(at, kib)| (at.as_secs_f64() / 60.0, mebibytes(*kib)))
            .collect();
        let count = warm.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| warm.iter().map(of).sum::<f64>() / count;
        let (mean_time, mean_size) = (mean(|(time, _)| *time), mean(|(_, size)| *size));
        let spread: f64 = warm.iter().map(|(time, _)| (time - mean_time).powi(2)).sum();
        let slope = warm.iter().map(|(time, size)| (time - mean_time) * (size - mean_size)).sum::<f64>() / spread;
        slope.is_finite().then_some(slope)
    }

    fn write_kinds(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| requests | sent | again | wrong | answers |\n|---|---:|---:|---:|---|")?;
        for (name, counts) in self.names.iter().zip(&self.tally.kinds) {
            let answers = counts.answers.iter().map(|((status, details), count)| format!("{count} × {status} {details}"));
            let answers = answers.map(|answer| answer.trim_end().to_owned()).collect::<Vec<_>>().join(", ");
            writeln!(f, "| {name} | {} | {} | {} | {answers} |", counts.sent, counts.again, counts.wrong)?;
        }
        Ok(())
    }

    fn write_memory(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.memory.iter().map(|(at, kib)| format!("{:.1} at {} s", mebibytes(*kib), at.as_secs()));
        writeln!(f, "memory in MiB: {}", sizes.collect::<Vec<_>>().join(", "))?;
        match (self.growth(), self.slope()) {
            (Some(growth), Some(slope)) => {
                writeln!(
                    f,
                    "memory after the first minute: {growth:+.1} MiB (at most {MAX_GROWTH_MIB}), {slope:+.2} MiB a minute"
                )
            }
            _ => writeln!(f, "memory after the first minute: too short a run"),
        }
    }
}

impl fmt::Display for Endurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { elapsed, tally, admitted, reloads, outages, rotations, fetches: [good, failed], failures, .. } = self;
        self.write_kinds(f)?;
        let (answers, seconds) = (tally.answers(), elapsed.as_secs_f64());
        writeln!(f, "\n{answers} answers in {seconds:.0} s: {:.0}/s", answers as f64 / seconds)?;
        writeln!(f, "wrong answers: {}", tally.all_wrong())?;
        writeln!(f, "5xx: {failures} by Envoy's count")?;
        for ((status, details), count) in tally.failures() {
            writeln!(f, "  {status} {details}: {count}")?;
        }
        writeln!(f, "tight limit: {admitted}")?;
        let again: usize = tally.kinds.iter().map(|counts| counts.again).sum();
        writeln!(f, "connections that ended without an answer, the request sent again: {again}")?;
        writeln!(
            f,
            "{reloads} reloads; {outages} outages of the key server, {rotations} rotations, {good} fetches of keys, {failed} failed"
        )?;
        self.write_memory(f)
    }
}

fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
