//! Sends the requests of a scene, and listens.

use portcullis_cases::runner::{Host as _, prepared};
use portcullis_cases::{Observed, Prepared, Simulated};
use portcullis_host::{Options, Proxy, StartError};
use serde_json::Value as Json;

use super::scene::{Link, Scene};

/// What came of a request.
pub(crate) struct Run {
    pub(crate) request: Prepared,
    pub(crate) seen: Observed,
    /// What each policy of the chain told, if it was asked and tells.
    pub(crate) told: Vec<Option<Json>>,
    /// When it was sent, in seconds since 1970.
    pub(crate) now: u64,
}

/// Sends the requests of `scene` to the proxies that `start` starts; what came of the last one.
pub(crate) fn run(scene: &Scene, start: impl Fn(&Link, Options) -> Result<Proxy, StartError>) -> Result<Run, String> {
    let proxies = scene.chain.iter().map(|link| start(link, scene.options()).map_err(|error| refused(link, &error)));
    let mut host = Simulated::new(proxies.collect::<Result<_, _>>()?);
    let mut last = None;
    for sent in &scene.requests {
        if !sent.after.is_zero() {
            host.wait(sent.after);
        }
        let heard: Vec<usize> = host.logs().iter().map(Vec::len).collect();
        let now = host.now();
        let request = prepared(&sent.request, now)?;
        let seen = host.send(&request)?;
        let told = host.logs().iter().zip(heard).map(|(lines, heard)| told(lines.get(heard..).unwrap_or_default())).collect();
        last = Some(Run { request, seen, told, now });
    }
    last.ok_or_else(|| "no request".to_owned())
}

/// The last explanation among the lines: a request that was held is judged several times.
fn told(lines: &[String]) -> Option<Json> {
    lines.iter().rev().find_map(|line| portcullis_explain::read(line))
}

fn refused(link: &Link, error: &StartError) -> String {
    match error {
        StartError::Refused(message) => {
            let lines: Vec<String> = message.lines().map(|line| format!("{}: {line}", link.path.display())).collect();
            lines.join("\n")
        }
        error => format!("{}: {error}", link.path.display()),
    }
}
