//! What is told of a request: the shape of `--format json`.

use std::collections::BTreeMap;

use portcullis_cases::runner::HeaderLines;
use portcullis_cases::{Observed, Prepared};
use portcullis_explain::Credentials;
use portcullis_filter::{HeaderBlock, Timestamp};
use portcullis_host::{Proxy, StartError};
use serde::Serialize;
use serde_json::Value as Json;

use super::run::{Run, run};
use super::scene::{Link, Scene};
use crate::modules::Modules as Loaded;
use crate::plugin::Plugin;

/// A request, and all that was made of it.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) request: Request,
    /// Each policy that the request came to, in order.
    pub(crate) plugins: Vec<Told>,
    /// What became of the request.
    pub(crate) answer: Answer,
    /// What the modules that a proxy loads make of it.
    pub(crate) modules: Modules,
}

/// The request, as it was sent; of its query nothing is said.
#[derive(Debug, Serialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) scheme: String,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) time: String,
}

/// What a policy tells.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    #[serde(serialize_with = "name")]
    pub(crate) plugin: Plugin,
    pub(crate) policy: String,
    /// Absent where the plugin does not explain itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<Json>,
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Answer {
    /// Whether the upstream gets it.
    pub(crate) passes: bool,
    /// The status that the client gets; the upstream answers 200.
    pub(crate) status: u16,
    /// `%RESPONSE_CODE_DETAILS%` of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<String>,
    /// What the upstream gets that the client did not send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream: Option<Upstream>,
}

/// How the upstream's request differs from the client's.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Upstream {
    /// The path, where it is another one; without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// Headers that were set.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) set: BTreeMap<String, String>,
    /// Headers that were removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) removed: Vec<String>,
}

/// What the modules make of the request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Modules {
    /// The same.
    Agree,
    /// Something else.
    Disagree(Answer),
    /// Nobody asked them.
    NotAsked,
    /// They cannot be had.
    Missing(String),
}

impl Report {
    /// Explains the last request of `scene`, and holds it against the modules, if they are wanted.
    pub(crate) fn of(scene: &Scene, loaded: Option<&Loaded>) -> Result<Self, String> {
        let explained = run(scene, |link, options| link.plugin.explained(link.config.to_string().as_bytes(), options))?;
        let answer = Answer::of(&explained.request, &explained.seen);
        let modules = loaded.map_or(Ok(Modules::NotAsked), |loaded| Modules::of(scene, loaded, &answer))?;
        let told = |(link, told): (&Link, &Option<Json>)| Told {
            plugin: link.plugin,
            policy: link.path.display().to_string(),
            explanation: told.clone(),
        };
        let reached = explained.seen.answered_by.map_or(scene.chain.len(), |place| place + 1);
        Ok(Self {
            request: Request::of(&explained),
            plugins: scene.chain.iter().zip(&explained.told).take(reached).map(told).collect(),
            answer,
            modules,
        })
    }

    /// Whether a proxy would decide otherwise.
    pub(crate) fn disagrees(&self) -> bool {
        matches!(self.modules, Modules::Disagree(_))
    }
}

impl Request {
    fn of(run: &Run) -> Self {
        let Prepared { method, scheme, host, path, .. } = &run.request;
        let hide = credentials(&run.request);
        let hidden = |text: String| hide.hidden_in(&text).unwrap_or(text);
        Self {
            method: method.clone(),
            scheme: scheme.clone(),
            host: hidden(host.clone()),
            path: hidden(without_query(path)),
            time: Timestamp::from_secs(run.now).to_string(),
        }
    }
}

impl Modules {
    fn of(scene: &Scene, loaded: &Loaded, answer: &Answer) -> Result<Self, String> {
        if let Some(error) = scene.chain.iter().find_map(|link| loaded.module(link.plugin).err()) {
            return Ok(Self::Missing(error));
        }
        let run = run(scene, |link, options| {
            let module = loaded.module(link.plugin).map_err(StartError::Refused)?;
            Proxy::wasm(module, link.config.to_string().as_bytes(), options)
        })?;
        let theirs = Answer::of(&run.request, &run.seen);
        Ok(if theirs == *answer { Self::Agree } else { Self::Disagree(theirs) })
    }
}

impl Answer {
    pub(crate) fn of(request: &Prepared, seen: &Observed) -> Self {
        let upstream = seen.upstream.as_ref().map(|saw| {
            let path = without_query(&saw.path);
            Upstream {
                path: (path != without_query(&request.path)).then_some(path),
                set: set(request, &saw.headers),
                removed: removed(request, &saw.headers),
            }
        });
        Self {
            passes: seen.upstream_requests > 0,
            status: seen.status,
            details: seen.details.clone(),
            upstream: upstream.filter(|it| it.path.is_some() || !it.set.is_empty() || !it.removed.is_empty()),
        }
    }
}

/// The headers that are there, or are otherwise, and were not sent so.
fn set(request: &Prepared, upstream: &HeaderLines) -> BTreeMap<String, String> {
    let hide = credentials(request);
    let hidden = |value: &[u8]| {
        let text = String::from_utf8_lossy(value).into_owned();
        hide.hidden_in(&text).unwrap_or(text)
    };
    let new = upstream.iter().filter(|line| !line.0.starts_with(':') && !request.headers.contains(line));
    new.map(|(name, value)| (name.clone(), hidden(value))).collect()
}

fn removed(request: &Prepared, upstream: &HeaderLines) -> Vec<String> {
    let gone = request.headers.iter().filter(|(name, _)| upstream.iter().all(|(other, _)| !other.eq_ignore_ascii_case(name)));
    let mut names: Vec<String> = gone.map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names
}

fn credentials(request: &Prepared) -> Credentials {
    let lines = request.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_slice()));
    Credentials::of(&HeaderBlock::from_pairs(lines.chain([(b":path".as_slice(), request.path.as_slice())])))
}

fn without_query(path: &[u8]) -> String {
    String::from_utf8_lossy(path.split(|byte| *byte == b'?').next().unwrap_or_default()).into_owned()
}

fn name<S: serde::Serializer>(plugin: &Plugin, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(plugin.name())
}
