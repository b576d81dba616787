//! What becomes of an answer, as people write it.

use std::collections::BTreeMap;

use portcullis_config::{HeaderName, NonEmpty};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What becomes of the answer, whoever gives it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseConfig {
    /// Whether it gets the headers that make browsers careful, and loses those that tell what the service is made of.
    pub hardening: Hardening,
    /// Headers that it has, whatever the service and `hardening` say. Default: none.
    pub headers: BTreeMap<HeaderName, String>,
    /// Headers that it does not have, whatever the service and `hardening` say. Default: none.
    pub remove: Vec<HeaderName>,
    /// Whether anybody may keep it.
    pub cache: Cache,
    /// What its cookies are at least. Absent: as the service says.
    pub cookies: Option<CookieAttributesConfig>,
    /// Pages of which origins may read it. Absent: as the service says.
    pub cors: Option<CorsConfig>,
    /// What is taken out of its text. The service is not asked for compressed or partial answers then, and one that is so all the same is
    /// refused. Absent: nothing.
    pub redact: Option<RedactConfig>,
}

/// Whether an answer gets the headers of the preset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hardening {
    /// As the service says.
    #[default]
    Off,
    /// `strict-transport-security` for a year (over https), `x-content-type-options: nosniff`, `frame-ancestors 'none'` where no policy
    /// of the service says otherwise, `x-frame-options: DENY`, `referrer-policy: no-referrer` and `cross-origin-opener-policy:
    /// same-origin` where the service has none; `server`, `x-powered-by` and the like are removed.
    Strict,
}

/// Whether anybody may keep an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cache {
    /// As the service says.
    #[default]
    AsSent,
    /// Nobody: `cache-control: no-store`.
    NoStore,
}

/// What cookies are at least. An attribute that the service has set is never weakened.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CookieAttributesConfig {
    /// Whether they go over https alone.
    pub secure: bool,
    /// Whether scripts cannot read them.
    pub http_only: bool,
    /// Whether requests from other sites carry them.
    pub same_site: SameSite,
    /// Cookies of which this is not demanded. Default: none.
    pub exclude: Vec<String>,
}

impl Default for CookieAttributesConfig {
    fn default() -> Self {
        Self { secure: true, http_only: true, same_site: SameSite::Lax, exclude: Vec::new() }
    }
}

/// Which requests from other sites carry a cookie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SameSite {
    /// As the service says.
    AsSent,
    /// Those that lead to the site.
    #[default]
    Lax,
    /// None.
    Strict,
}

/// Pages of which origins may read an answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorsConfig {
    /// The origins: `https://app.example`. An answer to a page of another one loses every `access-control-*` header.
    pub origins: NonEmpty<String>,
    /// Whether they may read what the service tells one user.
    #[serde(default)]
    pub credentials: bool,
}

/// What is taken out of JSON and text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RedactConfig {
    /// Numbers of payment cards: digits of an issuer's range with the right check digit, perhaps in groups.
    pub cards: bool,
    /// Keys and tokens that are known by how they begin, JSON Web Tokens and private keys in PEM among them.
    pub keys: bool,
    /// What else. Default: nothing.
    pub patterns: Vec<RedactPatternConfig>,
}

impl Default for RedactConfig {
    fn default() -> Self {
        Self { cards: true, keys: true, patterns: Vec::new() }
    }
}

/// What a pattern finds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactPatternConfig {
    /// Names it in metrics.
    pub name: String,
    /// A regular expression, matched in linear time.
    pub pattern: String,
    /// How many bytes it matches at most, at most 1024. So many are held back while a body comes.
    #[serde(default = "length_max")]
    pub max_length: u16,
}

fn length_max() -> u16 {
    128
}
