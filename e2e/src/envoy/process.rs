//! A child process that cannot outlive its parent.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::error::io;
use crate::{Result, eventually};

/// Killed when dropped. A second process waits for the end of a pipe that only we hold open, and kills the first one when we
/// end without dropping anything: a signal, `exit`, a value in a `static`.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    watchdog: Child,
}

impl Process {
    pub(super) fn spawn(command: &mut Command) -> Result<Self> {
        let mut child = command.spawn().map_err(io(format!("run `{}`", command.get_program().display())))?;
        match watchdog(child.id()) {
            Ok(watchdog) => Ok(Self { child, watchdog }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the process ended, `None` when it still runs after `limit`.
    pub(super) fn wait(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        eventually(limit, || self.child.try_wait().map_err(io("wait for Envoy")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // INVARIANT: the watchdog ends first; once the child is reaped, its id may be another's.
        end(&mut self.watchdog);
        end(&mut self.child);
    }
}

fn watchdog(pid: u32) -> Result<Child> {
    let script = format!("read -r _; kill -9 {pid}");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(io("run `sh`"))
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
