//! The configuration as people write it.

mod response;

use std::collections::BTreeMap;

use portcullis_config::{ByteSize, HeaderName, NonEmpty};
use portcullis_gate::{DenyResponseConfig, Override};
use portcullis_http::Match;
use portcullis_validation::ParameterConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use response::{
    Cache, CookieAttributesConfig, CorsConfig, Hardening, RedactConfig, RedactPatternConfig, ResponseConfig, SameSite,
};

/// Decides what may come in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputValidationConfig {
    /// Whether Envoy runs the plugin with `allow_on_headers_stop_iteration`. With it the upstream sees nothing of a request before
    /// all of it is judged. Without it (Istio's WasmPlugin) say `false`: the upstream then sees the head, and a refused body ends
    /// the connection. Saying `true` to a proxy that runs it without lets every request with a body hang.
    #[serde(default = "yes")]
    pub stop_iteration: bool,
    /// What holds for every request, whatever its rule. Default: the limits below.
    #[serde(default)]
    pub defaults: DefaultsConfig,
    /// What becomes of a request that no rule is for; nothing is open by omission.
    #[serde(default)]
    pub on_no_match: OnNoMatch,
    /// Whether replies say what was wrong and where; records always do. A precise reason helps who writes a client, and who probes.
    #[serde(default)]
    pub verbose: bool,
    /// What becomes of a request with a header that makes some servers take another method for the one in the request
    /// (`x-http-method-override` and the like).
    #[serde(default)]
    pub method_override: Override,
    /// What becomes of a request with a header that makes some servers take another path for the one in the request
    /// (`x-original-url`, `x-original-uri`, `x-rewrite-url`).
    #[serde(default)]
    pub path_override: Override,
    /// What requests must be. The first that is for a request judges it. Default: none.
    #[serde(default)]
    pub rules: Vec<RuleConfig>,
    /// What refusals look like whose rule says nothing else. Default: problem+json.
    pub deny_response: Option<DenyResponseConfig>,
}

/// What becomes of a request that no rule is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnNoMatch {
    /// It is refused.
    #[default]
    Reject,
    /// It passes, held to `defaults` alone.
    Pass,
}

/// What holds for every request.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DefaultsConfig {
    /// What its headers may be; its trailers too. Default: the limits below.
    pub headers: HeaderLimitsConfig,
    /// What becomes of signatures of injection where a rule says nothing else. Of a request without a rule, only the head is looked at.
    /// Default: none is looked for.
    pub signatures: SignaturesConfig,
    /// What becomes of answers where a rule says nothing else; of refusals and of answers of the proxy too. Absent: nothing.
    pub response: Option<ResponseConfig>,
}

/// What headers may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderLimitsConfig {
    /// How many lines there are at most, without pseudo-headers.
    pub max_count: u32,
    /// How many bytes their names and values have at most together, pseudo-headers and the path included.
    pub max_bytes: ByteSize,
    /// Headers that come once at most: servers disagree about which of two counts. `host` is the authority. Lines that Envoy has
    /// joined with a comma count as several (`authorization`, `content-type`, `expect`, `origin`, `x-request-id`).
    pub reject_duplicates_of: Vec<HeaderName>,
}

impl Default for HeaderLimitsConfig {
    fn default() -> Self {
        let once = [
            "host",
            "authorization",
            "content-length",
            "content-type",
            "content-encoding",
            "transfer-encoding",
            "expect",
            "origin",
            "x-request-id",
        ];
        Self {
            max_count: 100,
            max_bytes: ByteSize::new(32 << 10),
            reject_duplicates_of: once.into_iter().filter_map(|name| name.parse().ok()).collect(),
        }
    }
}

/// What a request must be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// Names it in records, metrics and response code details.
    pub name: String,
    /// The requests that it is for. Absent: all.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What the captures of its path templates may be, by name. Default: anything.
    #[serde(default)]
    pub params: BTreeMap<String, ParameterConfig>,
    /// What the query may be. Absent: anything.
    pub query: Option<ParametersConfig>,
    /// What headers may be, by name. A header of which nothing is said here may be anything. Default: anything.
    #[serde(default)]
    pub headers: BTreeMap<HeaderName, ParameterConfig>,
    /// What cookies may be. Absent: anything.
    pub cookies: Option<ParametersConfig>,
    /// The media types that a body may have: `application/json`, `image/*`, `application/*+json`. Absent: those that the forms of
    /// `body` have by nature.
    pub content_types: Option<NonEmpty<String>>,
    /// What the body may be. Absent: there is none.
    pub body: Option<BodyConfig>,
    /// What becomes of signatures of injection. Absent: as `defaults` say.
    pub signatures: Option<SignaturesConfig>,
    /// What becomes of the answer. Absent: as `defaults` say; else nothing of those counts here.
    pub response: Option<ResponseConfig>,
    /// The protocols that the connection may be upgraded to: `websocket`. What follows an upgrade is not judged. Absent: none.
    pub upgrades: Option<NonEmpty<String>>,
    /// What must hold besides, in CEL; it may read `body`, where the body is JSON or a form: of one in parts, what has a `value`. Where
    /// it cannot be told, the request is refused. Absent: nothing.
    pub condition: Option<String>,
    /// Whether the condition may read the path as the client spelt it (`request.path`, `request.url_path`), which others may read
    /// otherwise.
    #[serde(default)]
    pub raw_path: bool,
    /// Whether it is only tried out: the first such rule before the one that judges is evaluated, counted and recorded, and decides
    /// nothing.
    #[serde(default)]
    pub shadow: bool,
    /// What its refusals look like. Default: as the plugin's `deny_response`.
    pub deny_response: Option<DenyResponseConfig>,
}

/// Signatures of injection, looked for in decoded values: segments of the path, query, headers, cookies, fields, strings and keys of
/// JSON, text. They know known attacks; they are no proof that a value is harmless.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignaturesConfig {
    /// SQL that leaves the literal in which it was to stand, and operators of document databases as names. Absent: as `defaults` say,
    /// there `off`.
    pub sqli: Option<OnSignature>,
    /// Markup or script that a browser would run. Absent: as `defaults` say, there `off`.
    pub xss: Option<OnSignature>,
    /// Steps upwards, and files that everybody knows. Absent: as `defaults` say, there `off`.
    pub path_traversal: Option<OnSignature>,
    /// Commands of a shell. Text about computers has them, too. Absent: as `defaults` say, there `off`.
    pub command: Option<OnSignature>,
    /// Expressions that a template engine, a logger or an interpreter would evaluate. Absent: as `defaults` say, there `off`.
    pub template: Option<OnSignature>,
    /// Lines of their own in a header. Absent: as `defaults` say, there `off`.
    pub crlf: Option<OnSignature>,
    /// What is not looked at: `path`, `query.NAME`, `header.NAME`, `cookie.NAME`, `body.NAME` (a field of a form, or a key of JSON
    /// with all below it: `body.item.text`, in every element of an array), or all of one: `header`. In addition to those of
    /// `defaults`. Default: none.
    pub exclude: Vec<String>,
}

/// What becomes of a signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnSignature {
    /// It is not looked for.
    #[default]
    Off,
    /// It is counted and recorded; the request passes.
    Detect,
    /// The request is refused with 400.
    Block,
}

/// What parameters may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParametersConfig {
    /// What becomes of one that is not among `params`.
    #[serde(default)]
    pub additional: Additional,
    /// What they may be, by name. Default: none.
    #[serde(default)]
    pub params: BTreeMap<String, ParameterConfig>,
}

/// What becomes of what is not named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Additional {
    /// The request is refused.
    #[default]
    Reject,
    /// It may be anything.
    Pass,
}

/// What a body may be. Of several forms the media type chooses: `json` has `application/json` and `*+json`, `form`
/// `application/x-www-form-urlencoded`, `multipart` `multipart/form-data`, `text` `text/*`, and `raw` the rest. A form that is
/// alone judges every media type of `content_types`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyConfig {
    /// Whether there must be one.
    #[serde(default = "yes")]
    pub required: bool,
    /// How long it is at most. While it is judged, the proxy keeps it.
    #[serde(default = "body_max")]
    pub max_bytes: ByteSize,
    /// It is JSON (RFC 8259). Absent: it is not.
    pub json: Option<JsonConfig>,
    /// It is a form as `application/x-www-form-urlencoded`. Absent: it is not.
    pub form: Option<FormConfig>,
    /// It is a form as `multipart/form-data`. Absent: it is not.
    pub multipart: Option<MultipartConfig>,
    /// It is text in UTF-8. Absent: it is not.
    pub text: Option<TextConfig>,
    /// Only its size counts. Absent: it does not.
    pub raw: Option<RawConfig>,
}

/// What JSON may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JsonConfig {
    /// How deep objects and arrays nest, at most 64.
    #[schemars(range(max = 64))]
    pub max_depth: u32,
    /// How many entries an object has.
    pub max_entries: u32,
    /// How many elements an array has.
    pub max_array: u32,
    /// How many bytes a key has, escapes resolved.
    pub max_key_bytes: u32,
    /// How many bytes a string has, escapes resolved.
    pub max_string_bytes: ByteSize,
    /// How many bytes a number has as it is written.
    pub max_number_bytes: u32,
    /// How many values there are altogether.
    pub max_values: u32,
    /// What becomes of an object with the same key twice: parsers disagree about which of the two counts.
    pub duplicate_keys: DuplicateKeys,
    /// A JSON Schema, draft 2020-12 or (by `$schema`) draft 7, which refers to nothing outside of itself; patterns are matched in
    /// linear time. Absent: none.
    pub schema: Option<Value>,
    /// What `format` means in the schema.
    pub formats: FormatsConfig,
}

impl Default for JsonConfig {
    fn default() -> Self {
        Self {
            max_depth: 32,
            max_entries: 1_000,
            max_array: 10_000,
            max_key_bytes: 256,
            max_string_bytes: ByteSize::new(64 << 10),
            max_number_bytes: 128,
            max_values: 100_000,
            duplicate_keys: DuplicateKeys::Reject,
            schema: None,
            formats: FormatsConfig::Assert,
        }
    }
}

/// What becomes of an object with the same key twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateKeys {
    /// The request is refused.
    #[default]
    Reject,
    /// It passes; schema and condition see the last one.
    Allow,
}

/// What `format` means in a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormatsConfig {
    /// A value of another format is refused; an unknown format is a mistake of the configuration.
    #[default]
    Assert,
    /// It is a remark, as draft 2020-12 has it.
    Ignore,
}

/// What an urlencoded form may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FormConfig {
    /// What becomes of a field that is not among `fields`.
    pub additional: Additional,
    /// What fields may be, by name. Default: none.
    pub fields: BTreeMap<String, ParameterConfig>,
    /// How many fields there are at most.
    pub max_fields: u32,
    /// How many bytes a name has at most, decoded.
    pub max_name_bytes: u32,
    /// How many bytes a value has at most, decoded.
    pub max_value_bytes: ByteSize,
}

impl Default for FormConfig {
    fn default() -> Self {
        Self {
            additional: Additional::Reject,
            fields: BTreeMap::new(),
            max_fields: 100,
            max_name_bytes: 128,
            max_value_bytes: ByteSize::new(4 << 10),
        }
    }
}

/// What a form in parts may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MultipartConfig {
    /// What becomes of a part that is not among `parts`. One that passes has 64 KiB at most.
    pub additional: Additional,
    /// What parts may be, by the names of their fields. Default: none.
    pub parts: BTreeMap<String, PartConfig>,
    /// How many parts there are at most.
    pub max_parts: u32,
    /// How many bytes the head of a part has at most.
    pub max_head_bytes: u32,
}

impl Default for MultipartConfig {
    fn default() -> Self {
        Self { additional: Additional::Reject, parts: BTreeMap::new(), max_parts: 20, max_head_bytes: 1_024 }
    }
}

/// What a part may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PartConfig {
    /// Whether it must be there.
    pub required: bool,
    /// How many there are at most.
    pub max_count: u32,
    /// How many bytes it has at most.
    pub max_bytes: ByteSize,
    /// Whether it is a file: it has a file name. Otherwise it has none.
    pub file: bool,
    /// What the name of the file may be. Absent: anything without a path.
    pub file_name: Option<ParameterConfig>,
    /// The media types that it may have; one that says none is `text/plain`. Absent: any.
    pub content_types: Option<NonEmpty<String>>,
    /// What its text may be, where it is no file. Absent: any bytes.
    pub value: Option<ParameterConfig>,
}

impl Default for PartConfig {
    fn default() -> Self {
        Self {
            required: false,
            max_count: 1,
            max_bytes: ByteSize::new(64 << 10),
            file: false,
            file_name: None,
            content_types: None,
            value: None,
        }
    }
}

/// What text may be: UTF-8.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextConfig {}

/// What else a body may be: anything, within its size.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawConfig {
    /// Whether it passes piece by piece while it comes, as streams of gRPC need it. One that becomes too long breaks off then.
    pub stream: bool,
}

fn yes() -> bool {
    true
}

fn body_max() -> ByteSize {
    ByteSize::new(64 << 10)
}

/// The JSON Schema of the whole configuration.
#[must_use]
pub fn schema() -> Value {
    portcullis_config::schema::<InputValidationConfig>("Portcullis input-validation")
}
