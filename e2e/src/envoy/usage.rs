//! What an Envoy costs: processor time and memory, from `/proc`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::Envoy;
use crate::error::io;
use crate::{Error, Result};

impl Envoy {
    /// The processor time of all threads since the start. Exact for threads that wait; those that run are up to a tick behind.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu_time(&self) -> Result<Duration> {
        self.threads_time(|_| true)
    }

    /// The processor time of the worker threads alone: what requests cost, without compilation, statistics and timers.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn worker_time(&self) -> Result<Duration> {
        self.threads_time(|name| name.starts_with("wrk:worker_"))
    }

    /// The resident memory, in KiB.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn memory_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).map_err(io("read Envoy's memory"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kib.ok_or_else(|| Error::Unexpected("no VmRSS in /proc".to_owned()))
    }

    fn threads_time(&self, counts: impl Fn(&str) -> bool) -> Result<Duration> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).map_err(io("read Envoy's threads"))?;
        // A thread that ends meanwhile has no files.
        Ok(tasks.flatten().filter_map(|task| thread_time(&task.path(), &counts)).sum())
    }
}

fn thread_time(task: &Path, counts: impl Fn(&str) -> bool) -> Option<Duration> {
    let name = fs::read_to_string(task.join("comm")).ok()?;
    let schedule = fs::read_to_string(task.join("schedstat")).ok()?;
    let nanos = schedule.split(' ').next()?.parse().ok()?;
    counts(name.trim()).then(|| Duration::from_nanos(nanos))
}
