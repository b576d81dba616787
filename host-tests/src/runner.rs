//! Holds one host to one case.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::{Case, OneOrMany, RequestSpec, Step};
use crate::expand::Expander;
use crate::expect;

/// Header lines, as bytes.
pub type HeaderLines = Vec<(String, Vec<u8>)>;

/// A host with a case's plugin and configuration in it.
pub trait Host {
    /// Seconds since the epoch.
    fn now(&self) -> u64;

    /// Lets time pass.
    fn wait(&mut self, seconds: u64);

    /// Sends a request and waits for its end.
    ///
    /// # Errors
    /// When the host itself fails: a trap, a lost connection.
    fn send(&mut self, request: &Prepared) -> Result<Observed, String>;

    /// The plugin's counters and gauges by name.
    ///
    /// # Errors
    /// When the host itself fails.
    fn metrics(&mut self) -> Result<BTreeMap<String, i64>, String>;
}

/// Why there is no host to run a case on.
#[derive(Debug)]
pub enum StartError {
    /// The plugin refused the configuration, with this message.
    Refused(String),
    /// Something else is wrong.
    Broken(String),
}

/// A request with everything expanded.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The method.
    pub method: String,
    /// The path and query, as they stand on the wire.
    pub path: Vec<u8>,
    /// The authority.
    pub host: String,
    /// Further header lines.
    pub headers: HeaderLines,
    /// The body's chunks.
    pub body: Vec<Vec<u8>>,
    /// The trailers.
    pub trailers: HeaderLines,
    /// Attributes by their paths.
    pub attributes: BTreeMap<Vec<String>, Vec<u8>>,
}

/// What came of a request.
#[derive(Debug, Default)]
pub struct Observed {
    /// The status that the client got.
    pub status: u16,
    /// The response's headers.
    pub headers: HeaderLines,
    /// The response's body.
    pub body: Vec<u8>,
    /// What the upstream saw; `None` for nothing.
    pub upstream: Option<UpstreamSaw>,
    /// `%RESPONSE_CODE_DETAILS%`, where the host knows it.
    pub details: Option<String>,
    /// Log lines that are JSON: decision records.
    pub decisions: Vec<Value>,
    /// Filter state by name; `None` where the host cannot see it.
    pub filter_state: BTreeMap<String, Option<Vec<u8>>>,
}

/// A request as it reached the upstream.
#[derive(Debug, Default)]
pub struct UpstreamSaw {
    /// The path and query.
    pub path: Vec<u8>,
    /// The headers.
    pub headers: HeaderLines,
    /// The trailers.
    pub trailers: HeaderLines,
}

/// The case's configuration with everything expanded.
///
/// # Errors
/// When an expression in it is wrong.
pub fn expanded_config(case: &Case, now: u64) -> Result<Value, String> {
    Expander { now }.json(&case.config)
}

/// Runs `case` on the host that `start` makes from its expanded configuration.
///
/// # Errors
/// What differs from the expectations, or why the host failed.
pub fn run_case<'h>(
    case: &Case,
    now: u64,
    start: impl FnOnce(&Value) -> Result<Box<dyn Host + 'h>, StartError>,
) -> Result<(), String> {
    let config = expanded_config(case, now)?;
    let host = match (start(&config), &case.refused) {
        (Ok(host), None) => host,
        (Ok(_), Some(expected)) => return Err(format!("the configuration was accepted; expected: {expected}")),
        (Err(StartError::Refused(message)), Some(expected)) if message.contains(expected.as_str()) => return Ok(()),
        (Err(StartError::Refused(message)), Some(expected)) => {
            return Err(format!("refused with another message\n  expected: {expected}\n  found:    {message}"));
        }
        (Err(StartError::Refused(message)), None) => return Err(format!("the configuration was refused: {message}")),
        (Err(StartError::Broken(message)), _) => return Err(message),
    };
    run_steps(host, &case.requests)
}

fn run_steps(mut host: Box<dyn Host + '_>, steps: &[Step]) -> Result<(), String> {
    for (number, step) in steps.iter().enumerate() {
        let differences = run_step(&mut *host, step).map_err(|error| format!("  request {}: {error}", number + 1))?;
        if !differences.is_empty() {
            let path = &step.request.path;
            return Err(format!("  request {} ({path}):\n    {}", number + 1, differences.join("\n    ")));
        }
    }
    Ok(())
}

fn run_step(host: &mut dyn Host, step: &Step) -> Result<Vec<String>, String> {
    if step.after > 0 {
        host.wait(step.after);
    }
    let expander = Expander { now: host.now() };
    let before = host.metrics()?;
    let seen = host.send(&prepare(&step.request, &expander)?)?;
    let after = host.metrics()?;
    Ok(expect::differences(&step.expect, &seen, &expect::growth(&before, &after)))
}

fn prepare(spec: &RequestSpec, expander: &Expander) -> Result<Prepared, String> {
    Ok(Prepared {
        method: spec.method.clone(),
        path: expander.bytes(&spec.path)?,
        host: expander.text(&spec.host)?,
        headers: lines(&spec.headers, expander)?,
        body: spec.body.iter().map(|chunk| expander.bytes(chunk)).collect::<Result<_, _>>()?,
        trailers: lines(&spec.trailers, expander)?,
        attributes: spec.attributes.iter().map(|(path, value)| (attribute_path(path), value.clone().into_bytes())).collect(),
    })
}

fn attribute_path(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

fn lines(headers: &BTreeMap<String, OneOrMany>, expander: &Expander) -> Result<HeaderLines, String> {
    headers
        .iter()
        .flat_map(|(name, values)| values.values().iter().map(move |value| (name, value)))
        .map(|(name, value)| Ok((expander.text(name)?, expander.bytes(value)?)))
        .collect()
}
