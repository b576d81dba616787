//! Holds one host to one case.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::caller;
use crate::case::{AttributeValue, Case, OneOrMany, RequestSpec, Step};
use crate::expand::Expander;
use crate::expect;
use crate::secrets::Secrets;

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

    /// Waits until nothing more is under way, then tells what the case has caused from its start to its end.
    ///
    /// # Errors
    /// When the host itself fails.
    fn end(&mut self) -> Result<Ending, String>;
}

/// What a case has caused in all.
#[derive(Debug, Default)]
pub struct Ending {
    /// All that was logged since the host started, whoever wrote it.
    pub log: String,
    /// What the requests have caused.
    pub tally: Tally,
}

/// How often what leaves a trace has happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Decision records.
    pub records: usize,
    /// Requests that the upstream has counted.
    pub upstream_requests: usize,
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
    /// `http` or `https`.
    pub scheme: String,
    /// What filters before the chain have left.
    pub filter_state: BTreeMap<String, Vec<u8>>,
}

/// A request and what came of it.
#[derive(Debug)]
pub struct Answer {
    /// What was sent.
    pub request: Prepared,
    /// What was seen.
    pub seen: Observed,
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
    /// What the upstream saw; `None` where it did not say.
    pub upstream: Option<UpstreamSaw>,
    /// How many requests the upstream has counted.
    pub upstream_requests: usize,
    /// `%RESPONSE_CODE_DETAILS%` of a local reply.
    pub details: Option<String>,
    /// The decision records that were logged.
    pub decisions: Vec<Value>,
    /// Filter state by name, the absent too.
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

/// The decision record that `line` is, if it is one.
#[must_use]
pub fn decision(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok().filter(Value::is_object)
}

/// The configurations of a case with everything expanded.
#[derive(Debug, Clone)]
pub struct Configs {
    /// Of the plugin that the case is about.
    pub own: Value,
    /// The plugins before it, each by its folder.
    pub before: Vec<(String, Value)>,
}

/// The case's configurations with everything expanded.
///
/// # Errors
/// When an expression in one is wrong.
pub fn expanded_configs(case: &Case, now: u64) -> Result<Configs, String> {
    configs(case, &Expander { now, secrets: &Secrets::default() })
}

fn configs(case: &Case, expander: &Expander<'_>) -> Result<Configs, String> {
    let before = case.before.iter().map(|before| Ok((before.plugin.clone(), expander.json(&before.config)?)));
    Ok(Configs { own: expander.json(&case.config)?, before: before.collect::<Result<_, String>>()? })
}

/// Runs `case` on the host that `start` makes from its expanded configurations: every request and what came of it, none where the
/// configuration is refused as it must be.
///
/// # Errors
/// What differs from the expectations, which secret was told, or why the host failed.
pub fn run_case<'h>(
    case: &Case,
    now: u64,
    start: impl FnOnce(&Configs) -> Result<Box<dyn Host + 'h>, StartError>,
) -> Result<Vec<Answer>, String> {
    let secrets = case.secrets.clone();
    let configs = configs(case, &Expander { now, secrets: &secrets })?;
    let host = match (start(&configs), &case.refused) {
        (Ok(host), None) => host,
        (Ok(_), Some(expected)) => return Err(format!("the configuration was accepted; expected: {expected}")),
        (Err(StartError::Refused(message)), Some(expected)) if message.contains(expected.as_str()) => {
            return secrets.absent_from("the refusal of the configuration", &message).map(|()| Vec::new());
        }
        (Err(StartError::Refused(message)), Some(expected)) => {
            return Err(format!("refused with another message\n  expected: {expected}\n  found:    {message}"));
        }
        (Err(StartError::Refused(message)), None) => return Err(format!("the configuration was refused: {message}")),
        (Err(StartError::Broken(message)), _) => return Err(message),
    };
    run_steps(host, &case.requests, &secrets)
}

fn run_steps(mut host: Box<dyn Host + '_>, steps: &[Step], secrets: &Secrets) -> Result<Vec<Answer>, String> {
    let mut tally = Tally::default();
    let mut answers = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let at = |error| format!("  request {} ({}):\n    {error}", number + 1, step.request.path);
        let answer = run_step(&mut *host, step, secrets).map_err(at)?;
        answer_keeps(secrets, &answer.seen).map_err(at)?;
        tally.records += answer.seen.decisions.len();
        tally.upstream_requests += answer.seen.upstream_requests;
        answers.push(answer);
    }
    let ending = host.end()?;
    secrets.absent_from("the log", &ending.log)?;
    // What follows an answer belongs to no request that a case could ask about.
    if ending.tally == tally {
        Ok(answers)
    } else {
        Err(format!("after the answers it was {:?}, in the end {:?}", tally, ending.tally))
    }
}

fn run_step(host: &mut dyn Host, step: &Step, secrets: &Secrets) -> Result<Answer, String> {
    if step.after > 0 {
        host.wait(step.after);
    }
    let expander = Expander { now: host.now(), secrets };
    let expect = expander.expectation(&step.expect)?;
    let before = host.metrics()?;
    let request = prepare(&step.request, &expander)?;
    let seen = host.send(&request)?;
    let after = host.metrics()?;
    let differences = expect::differences(&expect, &seen, &expect::growth(&before, &after));
    if differences.is_empty() { Ok(Answer { request, seen }) } else { Err(differences.join("\n    ")) }
}

/// An upstream may answer with the token that it was sent; the plugin may not.
fn answer_keeps(secrets: &Secrets, seen: &Observed) -> Result<(), String> {
    secrets.absent_from("the response code details", seen.details.as_deref().unwrap_or_default())?;
    if seen.upstream_requests > 0 {
        return Ok(());
    }
    for (name, value) in &seen.headers {
        secrets.absent_from(&format!("the response header {name}"), &String::from_utf8_lossy(value))?;
    }
    secrets.absent_from("the body", &String::from_utf8_lossy(&seen.body))
}

fn prepare(spec: &RequestSpec, expander: &Expander<'_>) -> Result<Prepared, String> {
    let mut attributes = caller::attributes(spec);
    for (path, value) in &spec.attributes {
        attributes.insert(caller::attribute_path(path), attribute(value, expander)?);
    }
    Ok(Prepared {
        method: spec.method.clone(),
        path: expander.bytes(&spec.path)?,
        host: expander.text(&spec.host)?,
        headers: lines(&spec.headers, expander)?,
        body: spec.body.iter().map(|chunk| expander.bytes(chunk)).collect::<Result<_, _>>()?,
        trailers: lines(&spec.trailers, expander)?,
        attributes,
        scheme: spec.scheme.clone(),
        filter_state: caller::filter_state(spec),
    })
}

fn attribute(value: &AttributeValue, expander: &Expander<'_>) -> Result<Vec<u8>, String> {
    match value {
        AttributeValue::Truth(truth) => Ok(vec![u8::from(*truth)]),
        AttributeValue::Integer(integer) => Ok(integer.to_le_bytes().to_vec()),
        AttributeValue::Text(text) => expander.bytes(text),
    }
}

fn lines(headers: &BTreeMap<String, OneOrMany>, expander: &Expander<'_>) -> Result<HeaderLines, String> {
    headers
        .iter()
        .flat_map(|(name, values)| values.values().iter().map(move |value| (name, value)))
        .map(|(name, value)| Ok((expander.text(name)?, expander.bytes(value)?)))
        .collect()
}

#[cfg(test)]
mod tests;
