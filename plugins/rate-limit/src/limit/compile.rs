//! A limit out of what the configuration says.

use portcullis_attributes::IdentitySources;
use portcullis_config::ConfigError;
use portcullis_gate::DenyResponse;
use portcullis_http::Match;
use portcullis_policy::Attribute;
use portcullis_quota::{Limit as Meter, Terms};

use super::expressions::Expressions;
use super::{Limit, digest};
use crate::cluster::{self, Cluster};
use crate::config::{Algorithm, LimitConfig, OverLimit, OverLimitConfig, Scope};
use crate::ledger::Ledger;
use crate::store::Store;
use crate::waiting::Room;

/// The longest name of a limit or of a unit, in bytes: they stand in metrics, in response code details and in fields.
const NAME_MAX: usize = 64;

/// How many keys there may be at least and at most.
const KEYS: [u32; 2] = [8, 4_194_304];

/// How many may wait in each worker by default, and at most.
const WAITING: [u32; 2] = [100, 10_000];

/// What all limits are compiled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) instance: &'a str,
    pub(crate) identity: &'a IdentitySources,
    /// How long a body is at most that an expression reads, in bytes.
    pub(crate) body_max: u64,
    pub(crate) stop_iteration: bool,
}

/// What is wrong, in the order in which it was found.
#[derive(Debug, Default)]
struct Findings(Option<ConfigError>);

impl Findings {
    fn keep<T>(&mut self, result: Result<T, ConfigError>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        self.0 = Some(match self.0.take() {
            Some(earlier) => earlier.and(error),
            None => error,
        });
        None
    }
}

/// Compiles what the configuration says.
pub(crate) fn compile(number: usize, config: LimitConfig, context: Context<'_>) -> Result<(Limit, Match), ConfigError> {
    let mut findings = Findings::default();
    findings.keep(name("name", &config.name));
    findings.keep(config.unit.as_deref().map_or(Ok(()), |unit| name("unit", unit)));
    findings.keep(keys(config.max_keys));
    let expressions = findings.keep(Expressions::new(&config, context));
    findings.keep(expressions.as_ref().map_or(Ok(()), |expressions| cluster::check(&config, &expressions.request)));
    let reads_body = expressions.as_ref().is_some_and(|expressions| expressions.read(Attribute::Body));
    findings.keep(body(&config, context, reads_body));
    let counted = findings.keep(counted(&config));
    let room = findings.keep(room(&config.over_limit, config.algorithm).map_err(|error| error.within("over_limit")));
    let store = store(&config, context.instance);
    let deny_response = config.deny_response.map(DenyResponse::new).transpose();
    let deny_response = findings.keep(deny_response.map_err(|error| error.within("deny_response")));
    let (Some(expressions), Some((terms, meter)), Some(room), Some(deny_response), None) =
        (expressions, counted, room, deny_response, &findings.0)
    else {
        return Err(findings.0.unwrap_or_else(|| ConfigError::at("", "no limit")));
    };
    let max_keys = if expressions.key.is_some() { config.max_keys } else { 1 };
    let limit = Limit {
        number,
        name: config.name,
        reads_params: expressions.read(Attribute::Params),
        reads: expressions.attributes().map(|(_, read)| read).collect(),
        condition: expressions.condition,
        key: expressions.key,
        terms,
        unit: config.unit,
        request: expressions.request,
        response: expressions.response,
        room,
        shadow: config.shadow,
        enforce: config.enforce,
        ledger: Ledger::new(meter, store, max_keys, config.on_full, config.on_contention),
        cluster: config
            .service
            .as_ref()
            .zip(expressions.descriptor)
            .map(|(service, descriptor)| Cluster::new(service, descriptor)),
        key_in_records: config.key_in_records,
        deny_response,
    };
    Ok((limit, config.matches))
}

/// What the proxy counts.
fn counted(config: &LimitConfig) -> Result<(Terms, Meter), ConfigError> {
    let missing = |field| ConfigError::at("", format_args!("missing field `{field}`"));
    let terms = if cluster::counts_here(config) {
        let quota = config.quota.ok_or_else(|| missing("quota"))?;
        let window = config.window.ok_or_else(|| missing("window"))?.get();
        Terms { algorithm: config.algorithm.into(), quota, window, burst: config.burst }
    } else {
        cluster::terms_elsewhere()
    };
    Ok((terms, Meter::new(&terms).map_err(|wrong| ConfigError::at("quota", wrong))?))
}

/// What a service adds to the request stands in the head, which is gone where the proxy does not hold it.
fn body(config: &LimitConfig, context: Context<'_>, reads_body: bool) -> Result<(), ConfigError> {
    if reads_body && config.scope == Scope::Cluster && !context.stop_iteration {
        return Err(ConfigError::at("scope", "a limit of scope `cluster` reads `body` only with `stop_iteration: true`"));
    }
    Ok(())
}

fn name(field: &str, name: &str) -> Result<(), ConfigError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(ConfigError::at(field, format_args!("expected up to {NAME_MAX} letters, digits, `_`, `-` and `.`")))
}

fn keys(keys: u32) -> Result<(), ConfigError> {
    let [least, most] = KEYS;
    if (least..=most).contains(&keys) {
        return Ok(());
    }
    Err(ConfigError::at("max_keys", format_args!("expected {least} to {most} keys, found {keys}")))
}

fn room(config: &OverLimitConfig, algorithm: Algorithm) -> Result<Option<Room>, ConfigError> {
    let OverLimitConfig { action, max_delay, max_waiting } = config;
    match (action, max_delay) {
        (OverLimit::Deny, None) if max_waiting.is_none() => Ok(None),
        (OverLimit::Deny, _) => Err(ConfigError::at("", "nobody waits: `max_delay` and `max_waiting` are for `delay`")),
        (OverLimit::Delay, _) if algorithm != Algorithm::Gcra => {
            Err(ConfigError::at("action", "only a `gcra` limit knows how long to delay"))
        }
        (OverLimit::Delay, None) => Err(ConfigError::at("max_delay", "`delay` needs to know how long at most")),
        (OverLimit::Delay, Some(longest)) if longest.get().is_zero() => {
            Err(ConfigError::at("max_delay", "expected a duration longer than no time at all"))
        }
        (OverLimit::Delay, Some(longest)) => {
            let [usual, most] = WAITING;
            match max_waiting.unwrap_or(usual) {
                seats if (1..=most).contains(&seats) => Ok(Some(Room::new(longest.get(), seats))),
                _ => Err(ConfigError::at("max_waiting", format_args!("expected 1 to {most}"))),
            }
        }
    }
}

fn store(config: &LimitConfig, instance: &str) -> Store {
    match config.scope {
        Scope::Worker => Store::Worker(Default::default()),
        Scope::Proxy | Scope::Cluster => Store::Proxy(digest::prefix(instance, config)),
    }
}
