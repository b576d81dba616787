//! What is explained: a request, the policies that it meets, and the proxy around them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portcullis_cases::Case;
use portcullis_cases::case::{RequestSpec, Step};
use portcullis_cases::runner::{expanded, expanded_configs};
use portcullis_config::{ConfigError, from_value};
use portcullis_filter::Timestamp;
use portcullis_host::{CalloutAnswer, Options};
use serde_json::{Value as Json, json};

use super::Arguments;
use crate::check::document::Document;
use crate::plugin::Plugin;
use crate::policy_file::{PolicyFile, with_document};
use crate::test::file::TestFile;
use crate::test::find::END;

/// Everything that a request meets.
pub(crate) struct Scene {
    /// The policies, in the order in which the request passes them.
    pub(crate) chain: Vec<Link>,
    /// The requests; the last one is explained.
    pub(crate) requests: Vec<Sent>,
    surroundings: Surroundings,
}

/// A policy of the chain.
pub(crate) struct Link {
    pub(crate) path: PathBuf,
    pub(crate) plugin: Plugin,
    pub(crate) config: Json,
}

/// A request, and how long to wait before it.
pub(crate) struct Sent {
    pub(crate) request: RequestSpec,
    pub(crate) after: Duration,
}

/// The proxy around the policies.
enum Surroundings {
    /// A test's.
    Case(Box<Case>),
    /// This machine's.
    Here { now: u64, jwks: Option<String> },
}

impl Scene {
    /// What the command line says.
    pub(crate) fn of(arguments: &Arguments) -> Result<Self, String> {
        match &arguments.case {
            Some(name) => Self::of_test(arguments, name),
            None => Self::of_request(arguments),
        }
    }

    /// The proxy that one policy of the chain runs in.
    pub(crate) fn options(&self) -> Options {
        match &self.surroundings {
            Surroundings::Case(case) => portcullis_cases::options(case),
            Surroundings::Here { now, jwks } => Options {
                now: Timestamp::from_secs(*now),
                environment: std::env::vars_os()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                    .collect::<BTreeMap<String, String>>(),
                callouts: match jwks.clone() {
                    Some(keys) => Box::new(move |_| CalloutAnswer::respond(200, "application/json", keys.as_str())),
                    None => Options::default().callouts,
                },
                ..Options::default()
            },
        }
    }

    fn of_test(arguments: &Arguments, name: &str) -> Result<Self, String> {
        let TestFile { path, chain, mut cases } = TestFile::read(&tests_of(&arguments.policy))?;
        let names: Vec<&str> = cases.iter().map(|(_, case)| case.name.as_str()).collect();
        let place = names.iter().position(|known| *known == name).ok_or_else(|| no_case(&path, name, &names))?;
        let (_, mut case) = cases.swap_remove(place);
        case.now = arguments.options.now.unwrap_or(case.now);
        let configs = expanded_configs(&case, case.now.0)?;
        let configs = configs.before.into_iter().map(|(_, config)| config).chain([configs.own]);
        let link = |(link, config): (crate::test::file::Link, Json)| Link { path: link.path, plugin: link.plugin, config };
        let requests = sent(&mut case, arguments)?;
        let chain = chain.into_iter().zip(configs).map(link).collect();
        Ok(Self { chain, requests, surroundings: Surroundings::Case(Box::new(case)) })
    }

    fn of_request(arguments: &Arguments) -> Result<Self, String> {
        let here = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = arguments.options.now.map_or_else(here, |now| now.0);
        let request = arguments.options.applied(request(arguments.request.as_deref().unwrap_or("/"))?);
        let paths = arguments.before.iter().chain([&arguments.policy]);
        let chain = paths.map(|path| Link::read(path, arguments.plugin, now)).collect::<Result<_, _>>()?;
        let jwks = arguments.options.jwks.as_deref().map(|written| key_set(written, now)).transpose()?;
        let requests = vec![Sent { request, after: Duration::ZERO }];
        Ok(Self { chain, requests, surroundings: Surroundings::Here { now, jwks } })
    }
}

impl Link {
    /// The policy file, or bare configuration, at `path`.
    fn read(path: &Path, plugin: Option<Plugin>, now: u64) -> Result<Self, String> {
        let (plugin, config) = with_document(path, |document| {
            let document = &document.value;
            if !["plugin", "config"].iter().any(|field| document.get(field).is_some()) {
                let plugin = plugin.map_or_else(|| Plugin::of(document), Ok);
                return Ok((plugin.map_err(|error| ConfigError::at("", error))?, document.clone()));
            }
            let policy: PolicyFile = from_value(document)?;
            Ok((Plugin::named(&policy.plugin).map_err(|error| ConfigError::at("plugin", error))?, policy.config))
        })?;
        let config = expanded(&config, now).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path: path.to_owned(), plugin, config })
    }
}

/// The requests of `case` up to the one that is asked for.
fn sent(case: &mut Case, arguments: &Arguments) -> Result<Vec<Sent>, String> {
    let count = case.requests.len();
    let step = arguments.step.unwrap_or(count);
    if count == 0 {
        return Err("the test has no request: its configuration is refused".to_owned());
    }
    if !(1..=count).contains(&step) {
        return Err(format!("--step: the test has {count} request{}, no request {step}", if count == 1 { "" } else { "s" }));
    }
    let steps = std::mem::take(&mut case.requests).into_iter().take(step).enumerate();
    let sent = |(index, Step { request, after, times, .. }): (usize, Step)| {
        let again = (1..times.get()).map({
            let request = request.clone();
            move |_| Sent { request: request.clone(), after }
        });
        let last = if index + 1 == step { arguments.options.applied(request) } else { request };
        again.chain([Sent { request: last, after }]).collect::<Vec<_>>()
    };
    Ok(steps.flat_map(sent).collect())
}

/// A path, a URL, or a file.
fn request(written: &str) -> Result<RequestSpec, String> {
    let url = ["http", "https"].into_iter().find_map(|scheme| Some((scheme, written.strip_prefix(scheme)?.strip_prefix("://")?)));
    let json = match url {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len())).unwrap_or((rest, ""));
            let slash = if path.starts_with('/') { "" } else { "/" };
            json!({ "scheme": scheme, "host": host, "path": format!("{slash}{path}") })
        }
        None if is_path(written) => json!({ "path": written }),
        None => {
            let read = |document: &Document<'_>| match document.value.get("request") {
                Some(request) => from_value(request).map_err(|error| error.within("request")),
                None => from_value(&document.value),
            };
            return with_document(Path::new(written), read);
        }
    };
    from_value(&json).map_err(|error| format!("{written}: {error}"))
}

/// Files of requests have an ending, and paths that have the same are not there.
fn is_path(written: &str) -> bool {
    let file = Path::new(written);
    let is_document = file.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known));
    written == "*" || written.is_empty() || written.starts_with('/') && !(is_document && file.is_file())
}

fn key_set(written: &str, now: u64) -> Result<String, String> {
    if written.starts_with("${") {
        return expanded(&Json::from(written), now).map(|keys| keys.to_string());
    }
    std::fs::read_to_string(written).map_err(|error| format!("{written}: {error}"))
}

fn tests_of(policy: &Path) -> PathBuf {
    let is_test = policy.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(END));
    if is_test { policy.to_owned() } else { policy.with_extension("test.yaml") }
}

fn no_case(file: &Path, name: &str, names: &[&str]) -> String {
    let hint = match portcullis_config::nearest(name, names.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; it has {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    };
    format!("{}: no test is called `{name}`{hint}", file.display())
}
