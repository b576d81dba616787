//! A running Envoy: its process, its ports, its files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::bootstrap::ACCESS_LOG;
use crate::error::io;
use crate::{Client, EnvoySpec, Error, Request, Response, Result, eventually};

mod admin;
mod process;
mod usage;

use process::Process;

/// How long an Envoy may take to be ready, or to validate.
const READY_WITHIN: Duration = Duration::from_secs(300);

/// An Envoy that is ready; stops when dropped, or when this process ends in any other way.
#[derive(Debug)]
pub struct Envoy {
    process: Process,
    admin: SocketAddr,
    listeners: BTreeMap<String, SocketAddr>,
    directory: Directory,
}

impl Envoy {
    /// Starts one and waits until it is ready.
    ///
    /// # Errors
    /// When there is no binary, the configuration is refused, or it is not ready within five minutes: many modules take long on a busy machine.
    pub fn start(spec: &EnvoySpec) -> Result<Self> {
        Self::start_document(&spec.bootstrap(), spec)
    }

    /// The same with a bootstrap of the caller's, whose admin interface has port 0; of `spec`, the levels and the workers count.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_document(bootstrap: &Value, spec: &EnvoySpec) -> Result<Self> {
        let directory = Directory::create(bootstrap)?;
        let mut process = Process::spawn(&mut command(spec, &directory.0)?)?;
        let admin = wait_until_ready(&mut process, &directory)?;
        let listeners = admin::listeners(admin)?;
        Ok(Self { process, admin, listeners, directory })
    }

    /// Whether Envoy accepts `bootstrap`. Plugins are loaded and configured too, in a throw-away VM.
    ///
    /// # Errors
    /// `Refused`, with Envoy's words, when it does not.
    pub fn validate(bootstrap: &Value) -> Result<()> {
        let directory = Directory::create(bootstrap)?;
        let mut command = Command::new(binary()?);
        command.args(["--mode", "validate", "-l", "error", "-c", BOOTSTRAP]);
        let mut process = Process::spawn(redirect(&mut command, &directory.0)?)?;
        let status = process.wait(READY_WITHIN)?;
        let log = || directory.read_log().unwrap_or_default();
        match status {
            Some(status) if status.success() => Ok(()),
            Some(_) => Err(Error::Refused(log())),
            None => Err(Error::NotReady { after: READY_WITHIN, log: log() }),
        }
    }

    /// Where the listener called `name` listens.
    ///
    /// # Errors
    /// When there is none.
    pub fn listener_addr(&self, name: &str) -> Result<SocketAddr> {
        self.listeners.get(name).copied().ok_or_else(|| Error::Unexpected(format!("no listener `{name}`")))
    }

    /// Opens a connection to the listener called `name`.
    ///
    /// # Errors
    /// When there is none.
    pub fn connect(&self, name: &str) -> Result<Client> {
        Client::connect(self.listener_addr(name)?)
    }

    /// Sends one request to the listener called `name`, over a connection of its own.
    ///
    /// # Errors
    /// When there is no complete answer.
    pub fn send(&self, name: &str, request: &Request) -> Result<Response> {
        self.connect(name)?.send(request)
    }

    /// What Envoy has logged so far, plugins included.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn log_text(&self) -> Result<String> {
        self.log_since(0)
    }

    /// How long the log is now, for a later `log_since`.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn log_offset(&self) -> Result<u64> {
        fs::metadata(self.directory.0.join(LOG)).map(|file| file.len()).map_err(io("read the log"))
    }

    /// What Envoy has logged after the first `offset` bytes. Written at once, though maybe shortly after the answer.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn log_since(&self, offset: u64) -> Result<String> {
        self.directory.read(LOG, offset)
    }

    /// The lines of the access log of all listeners, written within some 20 ms after each answer.
    ///
    /// # Errors
    /// When no listener has one.
    pub fn access_log(&self) -> Result<String> {
        self.directory.read(ACCESS_LOG, 0)
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

/// Where Envoy's binary is, whether it exists or not: `PORTCULLIS_ENVOY`, else `.venv/bin/envoy` in the workspace.
#[must_use]
pub fn binary_path() -> PathBuf {
    std::env::var_os("PORTCULLIS_ENVOY").map_or_else(|| workspace().join(".venv/bin/envoy"), PathBuf::from)
}

/// Whether there is a binary. Without one, tests on Envoy say so and pass, but not in CI.
///
/// # Errors
/// When there is none, but the environment has `CI`.
pub fn is_installed() -> Result<bool> {
    match binary() {
        Ok(_) => Ok(true),
        Err(error) if std::env::var_os("CI").is_some() => Err(error),
        Err(error) => {
            // Past the test harness, which would swallow what `eprintln!` says in a test that passes.
            let _ = std::io::stderr().write_all(format!("skipped: {error}\n").as_bytes());
            Ok(false)
        }
    }
}

/// The workspace's root.
#[must_use]
pub fn workspace() -> &'static Path {
    let crate_directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_directory.parent().unwrap_or(crate_directory)
}

fn binary() -> Result<PathBuf> {
    // Envoy runs in another directory.
    let path = std::path::absolute(binary_path()).map_err(io("find Envoy"))?;
    if path.is_file() { Ok(path) } else { Err(Error::NoEnvoy(path)) }
}

const BOOTSTRAP: &str = "bootstrap.json";
const LOG: &str = "envoy.log";
const ADMIN: &str = "admin.txt";

fn command(spec: &EnvoySpec, directory: &Path) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.args(["-c", BOOTSTRAP, "--disable-hot-restart", "--admin-address-path", ADMIN]);
    command.args(["--concurrency", &spec.concurrency.to_string()]);
    command.args(["-l", &spec.log_level, "--component-log-level", &format!("wasm:{}", spec.wasm_log_level)]);
    command.args(["--file-flush-interval-msec", "20"]);
    command.args(spec.drain_time_s.iter().flat_map(|seconds| ["--drain-time-s".to_owned(), seconds.to_string()]));
    redirect(&mut command, directory)?;
    Ok(command)
}

fn redirect<'a>(command: &'a mut Command, directory: &Path) -> Result<&'a mut Command> {
    let log = fs::File::create(directory.join(LOG)).map_err(io("create the log"))?;
    Ok(command.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log))
}

fn wait_until_ready(process: &mut Process, directory: &Directory) -> Result<SocketAddr> {
    let ready = eventually(READY_WITHIN, || {
        if let Some(status) = process.wait(Duration::ZERO)? {
            return Err(Error::Stopped { status, log: directory.log_tail() });
        }
        let address = fs::read_to_string(directory.0.join(ADMIN)).ok().and_then(|text| text.trim().parse().ok());
        Ok(address.filter(|address| admin::is_ready(*address)))
    })?;
    ready.ok_or_else(|| Error::NotReady { after: READY_WITHIN, log: directory.log_tail() })
}

/// The files of one instance; removed in the end, but kept for the reader when a test fails, until the next run.
#[derive(Debug)]
struct Directory(PathBuf);

impl Directory {
    fn create(bootstrap: &Value) -> Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let all = workspace().join("target/e2e");
        remove_leftovers(&all);
        let directory = Self(all.join(name));
        fs::create_dir_all(&directory.0).map_err(io(format!("create `{}`", directory.0.display())))?;
        fs::write(directory.0.join(BOOTSTRAP), format!("{bootstrap:#}")).map_err(io("write the bootstrap"))?;
        Ok(directory)
    }

    fn read(&self, name: &str, offset: u64) -> Result<String> {
        let read = || {
            let mut file = fs::File::open(self.0.join(name))?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().map_err(io(format!("read `{name}`")))
    }

    fn read_log(&self) -> Result<String> {
        self.read(LOG, 0)
    }

    fn log_tail(&self) -> String {
        let log = self.read_log().unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// Removes the directories of processes that have ended.
fn remove_leftovers(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
