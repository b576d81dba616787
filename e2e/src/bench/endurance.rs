//! Minutes of good and hostile traffic at full speed, while configurations are replaced and the key server comes and goes.

mod configuration;
mod keys;
mod kinds;
mod lanes;
mod report;
mod tally;
mod tight;
mod upstream;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

pub use report::{Endurance, MAX_GROWTH_MIB};

use configuration::{LISTENER, Peers, realm, spec};
use keys::{Clock, Keys};
use kinds::{Kind, Pace};
use lanes::{Share, Traffic};
use tally::Tally;
use tight::Admitted;
use upstream::Upstream;

use crate::{Envoy, Error, Listeners, Request, Result};

/// How often a configuration is replaced, and how often memory is weighed.
const RELOAD: Duration = Duration::from_secs(20);
const WEIGH: Duration = Duration::from_secs(10);

/// The threads that send.
const SHARES: [Share; 4] = [
    Share { pace: Pace::Full, connections: 24, offset: 0 },
    Share { pace: Pace::Full, connections: 24, offset: 40 },
    Share { pace: Pace::Patient, connections: 16, offset: 0 },
    Share { pace: Pace::Loitering, connections: 24, offset: 0 },
];

/// Sends every kind of request to the bundle at `module`, with four workers, for `time`, and judges each answer.
///
/// # Errors
/// When something does not start, or Envoy does not tell; what goes wrong in the run is in the report.
pub fn endure(module: &Path, time: Duration) -> Result<Endurance> {
    let kinds = kinds::all()?;
    let clock = Clock::default();
    let upstream = Upstream::start()?;
    let mut keys = Keys::start(&clock)?;
    let peers = Peers { upstream: upstream.address(), keys: keys.address() };
    let (listeners, envoy) = Listeners::start(&spec(module, peers, 0)?)?;
    let mut course = Course { module, peers, listeners, envoy, reloads: 0, memory: Vec::new(), faults: Vec::new() };
    let address = course.envoy.listener_addr(LISTENER)?;
    let traffic = Traffic { address, kinds: &kinds, clock: &clock, begin: Instant::now(), time };
    let tally = thread::scope(|scope| {
        let threads = SHARES.map(|share| scope.spawn(move || traffic.run(share)));
        course.run(traffic.begin, time, &mut keys)?;
        let mut all = Tally::new(kinds.len());
        for thread in threads {
            all.add(thread.join().map_err(|_| Error::Unexpected("a thread of the load panicked".to_owned()))?);
        }
        Ok::<_, Error>(all)
    })?;
    course.report(&kinds, tally, &keys, &upstream, traffic.begin.elapsed())
}

/// What happens to the proxy.
struct Course<'a> {
    module: &'a Path,
    peers: Peers,
    listeners: Listeners,
    envoy: Envoy,
    reloads: usize,
    memory: Vec<(Duration, u64)>,
    faults: Vec<String>,
}

impl Course<'_> {
    fn run(&mut self, begin: Instant, time: Duration, keys: &mut Keys<'_>) -> Result<()> {
        let (mut reload, mut weigh) = (RELOAD, WEIGH);
        while begin.elapsed() < time {
            let now = begin.elapsed();
            keys.go_on(now)?;
            if now >= reload {
                self.reload()?;
                reload += RELOAD;
            }
            if now >= weigh {
                self.memory.push((now, self.envoy.memory_kib()?));
                weigh += WEIGH;
            }
            thread::sleep(Duration::from_millis(100));
        }
        self.memory.push((begin.elapsed(), self.envoy.memory_kib()?));
        Ok(())
    }

    /// By now the last configuration has to be in use; the next one follows.
    fn reload(&mut self) -> Result<()> {
        self.look_for_last()?;
        self.reloads += 1;
        self.listeners.serve(&spec(self.module, self.peers, self.reloads)?)
    }

    fn look_for_last(&mut self) -> Result<()> {
        let refused = self.envoy.send(LISTENER, &Request::get("/orders"))?;
        let (told, realm) = (refused.header("www-authenticate").unwrap_or_default(), realm(self.reloads));
        if !told.contains(&format!("\"{realm}\"")) {
            self.faults.push(format!("`{realm}` is not in use {} s after it was served: {told}", RELOAD.as_secs()));
        }
        Ok(())
    }

    fn report(
        mut self,
        kinds: &[Kind],
        mut tally: Tally,
        keys: &Keys<'_>,
        upstream: &Upstream,
        elapsed: Duration,
    ) -> Result<Endurance> {
        self.faults.extend(self.envoy.wasm_failures()?.into_iter().map(|failure| format!("a VM failed: {failure}")));
        self.faults.extend(upstream.strays().into_iter().map(|stray| format!("the upstream got {stray}")));
        let stats = self.envoy.stats()?;
        let of = |name: &str| stats.get(name).copied().unwrap_or_default();
        let rejected = of("listener_manager.lds.update_rejected");
        if rejected > 0 {
            self.faults.push(format!("{rejected} configurations were rejected"));
        }
        let fetches = ["ok", "failed"].map(|end| of(&format!("wasmcustom.portcullis.jwks.jwt_auth.main.fetch_{end}")));
        Ok(Endurance {
            elapsed,
            names: kinds.iter().map(|kind| kind.name).collect(),
            admitted: Admitted::of(std::mem::take(&mut tally.admitted), configuration::TIGHT),
            tally,
            memory: self.memory,
            reloads: self.reloads,
            outages: keys.outages,
            rotations: keys.rotations,
            fetches,
            failures: of(&format!("http.{LISTENER}.downstream_rq_5xx")),
            unavailable: of("wasmcustom.portcullis.decisions.jwt_auth.denied.jwks_unavailable"),
            faults: self.faults,
        })
    }
}
