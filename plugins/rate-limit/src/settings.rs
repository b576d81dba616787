//! The configuration, checked and compiled: what every stream shares.

use std::cell::Cell;
use std::rc::Rc;

use portcullis_attributes::IdentitySources;
use portcullis_config::{Common, ConfigError, Loaded, NonEmpty};
use portcullis_filter::{Host, Recorder};
use portcullis_gate::{DenyResponse, Once, Override, recorder};
use portcullis_http::{Match, RuleIndex};
use portcullis_policy::Attribute;

use crate::cluster::Inquiries;
use crate::config::{LimitConfig, RateLimitConfig, ResponseHeaders};
use crate::counters::Counters;
use crate::hash_key::SharedHashKey;
use crate::limit::{Context, Limit, compile};
use crate::percent::Percent;
use crate::waiting::Waiting;
use crate::witness::Witness;

/// The longest body that can be read, in bytes: less than what a proxy buffers.
const BODY_MAX: u64 = 64 << 10;

/// Everything that a request needs to be judged.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) common: Common,
    pub(crate) identity: IdentitySources,
    pub(crate) limits: Vec<Rc<Limit>>,
    pub(crate) index: RuleIndex,
    /// What a request's headers may not name a second time.
    pub(crate) once: Once,
    pub(crate) stop_iteration: bool,
    /// Whether a limit reads the body.
    pub(crate) reads_body: bool,
    /// How long a body is at most that an expression reads, in bytes.
    pub(crate) body_max: usize,
    pub(crate) response_headers: ResponseHeaders,
    pub(crate) deny_response: DenyResponse,
    pub(crate) recorder: Recorder,
    pub(crate) counters: Counters,
    pub(crate) hash_key: SharedHashKey,
    pub(crate) waiting: Waiting,
    pub(crate) inquiries: Inquiries,
    /// Who looks on; nobody in a proxy.
    pub(crate) witness: Option<Box<dyn Witness>>,
    /// How many shares were drawn.
    drawn: Cell<u64>,
}

/// What says where a request goes.
const PATHS: [Attribute; 3] = [Attribute::RequestCanonicalPath, Attribute::RequestPath, Attribute::RequestUrlPath];

impl Settings {
    pub(crate) fn new(loaded: Loaded<RateLimitConfig>) -> Result<Self, ConfigError> {
        let Loaded { common, plugin } = loaded;
        let identity = plugin.identity_from.map(IdentitySources::try_from).transpose()?.unwrap_or_default();
        let body_max = plugin.body.max_bytes.get();
        if !(1..=BODY_MAX).contains(&body_max) {
            return Err(ConfigError::at("body.max_bytes", "expected up to `64KiB`"));
        }
        let stop_iteration = plugin.stop_iteration;
        let context = Context { instance: common.instance.as_str(), identity: &identity, body_max, stop_iteration };
        let (limits, matches) = limits(plugin.limits, context)?;
        let deny_response = DenyResponse::new(plugin.deny_response.unwrap_or_default());
        let reads = |attribute: Attribute| limits.iter().any(|limit| limit.reads(attribute));
        // What reads a body is judged when the upstream may have answered already: too late to hold anybody for a service.
        if !stop_iteration && reads(Attribute::Body) && limits.iter().any(|limit| limit.cluster.is_some()) {
            let apart =
                "with `stop_iteration: false` limits of scope `cluster` and limits that read `body` need filters of their own";
            return Err(ConfigError::at("limits", apart));
        }
        let looks_at_methods = matches.iter().any(|rule| rule.methods.is_some()) || reads(Attribute::RequestMethod);
        let looks_at_paths = matches.iter().any(|rule| rule.paths.is_some()) || PATHS.into_iter().any(reads);
        let looks_at_hosts = reads(Attribute::RequestHost);
        Ok(Self {
            counters: Counters::new(common.instance.as_str(), &limits)?,
            recorder: recorder(&common),
            once: Once {
                method: looks_at_methods && plugin.method_override == Override::Refuse,
                path: looks_at_paths && plugin.path_override == Override::Refuse,
            },
            index: RuleIndex::new(matches).looking_at_hosts(looks_at_hosts),
            stop_iteration,
            reads_body: limits.iter().any(|limit| limit.reads(Attribute::Body)),
            body_max: usize::try_from(body_max).unwrap_or(usize::MAX),
            response_headers: plugin.response_headers,
            deny_response: deny_response.map_err(|error| error.within("deny_response"))?,
            hash_key: SharedHashKey::default(),
            waiting: Waiting::default(),
            inquiries: Inquiries::default(),
            witness: None,
            drawn: Cell::default(),
            common,
            identity,
            limits,
        })
    }

    /// A number of [`Percent::PARTS`], that no client can foresee. Without a secret to make it of, one that falls into every share.
    pub(crate) fn draw(&self, host: &dyn Host) -> u32 {
        let number = self.drawn.get().wrapping_add(1);
        self.drawn.set(number);
        let texts = [number, host.now().as_nanos()].map(|number| number.to_string());
        let drawn = self.hash_key.get(host).map(|key| key.place(texts.iter().map(String::as_str), Percent::PARTS).slot);
        drawn.unwrap_or(0)
    }
}

fn limits(configured: NonEmpty<LimitConfig>, context: Context<'_>) -> Result<(Vec<Rc<Limit>>, Vec<Match>), ConfigError> {
    let compile = |(number, config)| {
        let within = |error: ConfigError| error.within_index(number).within("limits");
        compile(number, config, context).map(|(limit, matches)| (Rc::new(limit), matches)).map_err(within)
    };
    let compiled = ConfigError::gather(configured.into_vec().into_iter().enumerate().map(compile))?;
    Ok(compiled.into_iter().unzip())
}
