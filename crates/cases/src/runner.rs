//! Holds one host to one case.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::caller;
use crate::case::{AttributeValue, Case, OneOrMany, RequestSpec, ResponseSpec, Step};
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
    fn wait(&mut self, time: Duration);

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
    /// What the upstream answers.
    pub response: PreparedResponse,
}

/// An answer of the upstream with everything expanded.
#[derive(Debug, Clone)]
pub struct PreparedResponse {
    /// The status.
    pub status: u16,
    /// Further header lines.
    pub headers: HeaderLines,
    /// The body's chunks.
    pub body: Vec<Vec<u8>>,
    /// That it never comes.
    pub unanswered: bool,
}

/// 200, and nothing more.
impl Default for PreparedResponse {
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: Vec::new(), unanswered: false }
    }
}

/// A request and what came of it.
#[derive(Debug)]
pub struct Answer {
    /// What was sent.
    pub request: Prepared,
    /// What was seen.
    pub seen: Observed,
    /// By how much metrics grew.
    pub growth: BTreeMap<String, i64>,
}

/// What came of a case.
#[derive(Debug, Default)]
pub struct Run {
    /// Every request that was answered, in order.
    pub answers: Vec<Answer>,
    /// What failed, in order.
    pub failures: Vec<Failure>,
}

/// Why a case failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The configuration was refused, with this message.
    Refused(String),
    /// An answer is not what it should be.
    Request {
        /// Its place, from 0.
        number: usize,
        /// The request: `GET /orders/7`.
        request: String,
        /// What differs, or why there is no answer; a line each.
        differences: Vec<String>,
    },
    /// Something else is wrong.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(message) => write!(f, "the configuration was refused: {message}"),
            Self::Request { number, request, differences } => {
                write!(f, "request {}, {request}", number + 1)?;
                differences.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            Self::Other(message) => f.write_str(message),
        }
    }
}

/// What came of a request.
#[derive(Debug, Default)]
pub struct Observed {
    /// The status that the client got; 0 while there is no answer.
    pub status: u16,
    /// The response's headers.
    pub headers: HeaderLines,
    /// The response's body.
    pub body: Vec<u8>,
    /// What the upstream saw; `None` where it did not say.
    pub upstream: Option<UpstreamSaw>,
    /// How many requests the upstream has counted.
    pub upstream_requests: usize,
    /// The place in the chain of the plugin that answered in the upstream's place, where the host can tell.
    pub answered_by: Option<usize>,
    /// `%RESPONSE_CODE_DETAILS%` of a local reply.
    pub details: Option<String>,
    /// The decision records that were logged.
    pub decisions: Vec<Value>,
    /// What rate limit services were asked, as cases write it.
    pub asked: Vec<Value>,
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

/// `spec` with everything expanded, as it is sent at `now`.
///
/// # Errors
/// When an expression in it is wrong.
pub fn prepared(spec: &RequestSpec, now: u64) -> Result<Prepared, String> {
    prepare(spec, &Expander { now, secrets: &Secrets::default() })
}

/// `value` with everything expanded at `now`.
///
/// # Errors
/// When an expression in it is wrong.
pub fn expanded(value: &Value, now: u64) -> Result<Value, String> {
    Expander { now, secrets: &Secrets::default() }.json(value)
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
    let Run { answers, failures } = run(case, now, start);
    if failures.is_empty() { Ok(answers) } else { Err(failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")) }
}

/// The same, to its end: an answer that is not what it should be does not stop the requests after it.
pub fn run<'h>(case: &Case, now: u64, start: impl FnOnce(&Configs) -> Result<Box<dyn Host + 'h>, StartError>) -> Run {
    let secrets = case.secrets.clone();
    let failed = |failure| Run { answers: Vec::new(), failures: vec![failure] };
    let configs = match configs(case, &Expander { now, secrets: &secrets }) {
        Ok(configs) => configs,
        Err(message) => return failed(Failure::Other(message)),
    };
    match (start(&configs), &case.refused) {
        (Ok(host), None) => run_steps(host, &case.requests, &secrets),
        (Ok(_), Some(expected)) => failed(Failure::Other(format!("the configuration was accepted; expected: {expected}"))),
        (Err(StartError::Refused(message)), None) => failed(Failure::Refused(message)),
        (Err(StartError::Refused(message)), Some(expected)) => match refused_as(expected, &message, &secrets) {
            Ok(()) => Run::default(),
            Err(error) => failed(Failure::Other(error)),
        },
        (Err(StartError::Broken(message)), _) => failed(Failure::Other(message)),
    }
}

fn refused_as(expected: &str, message: &str, secrets: &Secrets) -> Result<(), String> {
    if !message.contains(expected) {
        return Err(format!("the configuration was refused with another message\n  expected: {expected}\n  found:    {message}"));
    }
    secrets.absent_from("the refusal of the configuration", message)
}

fn run_steps(mut host: Box<dyn Host + '_>, steps: &[Step], secrets: &Secrets) -> Run {
    let mut run = Run::default();
    let sent = steps.iter().enumerate().flat_map(|(number, step)| (1..=step.times.get()).map(move |time| (number, step, time)));
    for (number, step, time) in sent {
        let (answer, differences) = match run_step(&mut *host, step, secrets) {
            Ok((answer, differences)) => (Some(answer), differences),
            Err(error) => (None, vec![error]),
        };
        if !differences.is_empty() {
            let again = if time > 1 { format!(", time {time}") } else { String::new() };
            let request = format!("{} {}{again}", step.request.method, step.request.path);
            run.failures.push(Failure::Request { number, request, differences });
        }
        match answer {
            Some(answer) => run.answers.push(answer),
            // The host has failed, or never got the request.
            None => return run,
        }
    }
    if let Err(error) = ended(&mut *host, &run.answers, secrets) {
        run.failures.push(Failure::Other(error));
    }
    run
}

fn run_step(host: &mut dyn Host, step: &Step, secrets: &Secrets) -> Result<(Answer, Vec<String>), String> {
    if !step.after.is_zero() {
        host.wait(step.after);
    }
    let expander = Expander { now: host.now(), secrets };
    let expect = expander.expectation(&step.expect)?;
    let before = host.metrics()?;
    let request = Prepared { response: response(&step.response, &expander)?, ..prepare(&step.request, &expander)? };
    let seen = host.send(&request)?;
    let growth = expect::growth(&before, &host.metrics()?);
    let mut differences = expect::differences(&expect, &seen, &growth);
    differences.extend(answer_keeps(secrets, &seen).err());
    Ok((Answer { request, seen, growth }, differences))
}

/// What follows an answer belongs to no request that a case could ask about.
fn ended(host: &mut dyn Host, answers: &[Answer], secrets: &Secrets) -> Result<(), String> {
    let ending = host.end()?;
    secrets.absent_from("the log", &ending.log)?;
    let records = answers.iter().map(|answer| answer.seen.decisions.len()).sum();
    let upstream_requests = answers.iter().map(|answer| answer.seen.upstream_requests).sum();
    let Tally { records: all_records, upstream_requests: all_requests } = ending.tally;
    if (all_records, all_requests) == (records, upstream_requests) {
        return Ok(());
    }
    Err(format!(
        "after the answers there were {records} decision records and {upstream_requests} requests upstream, in the end \
         {all_records} and {all_requests}"
    ))
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
        response: PreparedResponse::default(),
    })
}

fn response(spec: &ResponseSpec, expander: &Expander<'_>) -> Result<PreparedResponse, String> {
    Ok(PreparedResponse {
        status: spec.status,
        headers: lines(&spec.headers, expander)?,
        body: spec.body.iter().map(|chunk| expander.bytes(chunk)).collect::<Result<_, _>>()?,
        unanswered: spec.unanswered,
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
