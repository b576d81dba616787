//! One rule, compiled.

use portcullis_config::{ConfigError, NonEmpty, nearest};
use portcullis_gate::DenyResponse;
use portcullis_http::Match;
use portcullis_policy::Attribute;
use portcullis_validation::MediaRange;

use crate::body_rule::{BodyRule, Form};
use crate::condition::{Condition, Context};
use crate::config::{Additional, ParametersConfig, RuleConfig, SignaturesConfig};
use crate::parameters::Parameters;
use crate::parts::media_ranges;
use crate::response::ResponseRule;
use crate::signatures::SignatureRule;

/// The longest name of a rule, in bytes: it stands in metrics and in response code details.
const NAME_MAX: usize = 128;

/// A rule without its match, which is in the index.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its place in the configured order.
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) shadow: bool,
    pub(crate) params: Parameters,
    pub(crate) query: Option<Parameters>,
    pub(crate) headers: Parameters,
    pub(crate) cookies: Option<Parameters>,
    pub(crate) content_types: Option<Vec<MediaRange>>,
    pub(crate) body: Option<BodyRule>,
    pub(crate) upgrades: Vec<String>,
    pub(crate) condition: Option<Condition>,
    pub(crate) deny_response: Option<DenyResponse>,
    pub(crate) signatures: SignatureRule,
    /// `None`: as the defaults say.
    pub(crate) response: Option<ResponseRule>,
}

impl Rule {
    /// Compiles what the configuration says.
    pub(crate) fn compile(number: usize, config: RuleConfig, defaults: &SignaturesConfig) -> Result<(Self, Match), ConfigError> {
        check_name(&config.name)?;
        let captured = config.matches.capture_names();
        let params = Parameters::compile(Additional::Pass, config.params).map_err(|error| error.within("params"))?;
        check_params(&params, &captured)?;
        let headers = config.headers.into_iter().map(|(name, parameter)| (name.as_str().to_owned(), parameter));
        let headers = Parameters::compile(Additional::Pass, headers).map_err(|error| error.within("headers"))?;
        let body = config.body.map(BodyRule::compile).transpose().map_err(|error| error.within("body"))?;
        if config.content_types.is_some() && body.is_none() {
            return Err(ConfigError::at("content_types", "a rule without `body` lets none through"));
        }
        let body_max = body.as_ref().filter(|body| body.forms().any(is_readable)).map(|body| body.max_bytes);
        let context = Context { params: &captured, raw_path: config.raw_path, body_max };
        let signatures = SignatureRule::compile(&config.signatures.unwrap_or_default(), defaults);
        let signatures = signatures.map_err(|error| error.within("signatures"))?;
        if signatures.reads_body() && body.as_ref().is_some_and(BodyRule::has_two_readings) {
            let wrong = ConfigError::at("duplicate_keys", "`allow` would hide a value from `signatures`: expected `reject`");
            return Err(wrong.within("json").within("body"));
        }
        let deny_response = config.deny_response.map(DenyResponse::new).transpose();
        let rule = Self {
            number,
            shadow: config.shadow,
            params,
            query: parameters(config.query).map_err(|error| error.within("query"))?,
            headers,
            cookies: parameters(config.cookies).map_err(|error| error.within("cookies"))?,
            content_types: config.content_types.as_ref().map(media_ranges).transpose()?,
            body,
            upgrades: config.upgrades.iter().flat_map(NonEmpty::iter).map(|name| name.to_ascii_lowercase()).collect(),
            condition: config.condition.as_deref().map(|source| Condition::compile(source, context)).transpose()?,
            deny_response: deny_response.map_err(|error| error.within("deny_response"))?,
            signatures,
            response: config.response.map(ResponseRule::compile).transpose().map_err(|error| error.within("response"))?,
            name: config.name,
        };
        Ok((rule, config.matches))
    }

    /// Whether its condition names `attribute`.
    pub(crate) fn reads(&self, attribute: Attribute) -> bool {
        self.condition.as_ref().is_some_and(|condition| condition.reads(attribute))
    }

    /// Whether a body is kept until it is complete.
    pub(crate) fn keeps_body(&self) -> bool {
        self.condition_reads_body() || self.signatures.reads_body()
    }

    /// Whether its condition waits for the body.
    pub(crate) fn condition_reads_body(&self) -> bool {
        self.reads(Attribute::Body)
    }
}

/// Whether a condition can read a body of this form.
const fn is_readable(form: Form) -> bool {
    matches!(form, Form::Json | Form::Urlencoded | Form::Multipart)
}

fn parameters(config: Option<ParametersConfig>) -> Result<Option<Parameters>, ConfigError> {
    let compile = |config: ParametersConfig| Parameters::compile(config.additional, config.params);
    config.map(compile).transpose().map_err(|error| error.within("params"))
}

/// What no path has, nobody can judge.
fn check_params(params: &Parameters, captured: &[String]) -> Result<(), ConfigError> {
    let unknown = params.names().filter(|name| !captured.iter().any(|captured| captured == name)).map(|name| {
        let hint = nearest(name, captured.iter().map(String::as_str));
        let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(ConfigError::at("", format!("not every path of the rule captures it{hint}")).within_key(name).within("params"))
    });
    ConfigError::gather(unknown).map(|_: Vec<()>| ())
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let wrong = if name.is_empty() {
        "a rule without a name"
    } else if name.len() > NAME_MAX {
        "expected at most 128 bytes"
    } else if name.chars().any(char::is_control) {
        "expected a name without control characters"
    } else {
        return Ok(());
    };
    Err(ConfigError::at("name", wrong))
}
