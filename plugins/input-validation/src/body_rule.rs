//! What a body may be, compiled.

use portcullis_config::ConfigError;
use portcullis_validation::json::{DuplicateKeys, JsonLimits};
use portcullis_validation::multipart::MultipartLimits;
use portcullis_validation::{FormLimits, Formats, JsonSchema, MediaType};

use crate::config::{self, BodyConfig, FormConfig, FormatsConfig, JsonConfig, RawConfig};
use crate::parameters::Parameters;
use crate::parts::PartsRule;

/// How deep JSON may nest at most: far less than the stack of the module.
const DEPTH_MAX: u32 = 64;

/// What a body may be.
#[derive(Debug)]
pub(crate) struct BodyRule {
    pub(crate) required: bool,
    pub(crate) max_bytes: u64,
    pub(crate) json: Option<JsonRule>,
    pub(crate) form: Option<FormRule>,
    pub(crate) multipart: Option<PartsRule>,
    text: bool,
    pub(crate) raw: Option<RawConfig>,
}

/// What JSON may be.
#[derive(Debug)]
pub(crate) struct JsonRule {
    pub(crate) limits: JsonLimits,
    pub(crate) schema: Option<JsonSchema>,
}

/// What a form may be.
#[derive(Debug)]
pub(crate) struct FormRule {
    pub(crate) limits: FormLimits,
    pub(crate) fields: Parameters,
}

/// The forms of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Urlencoded,
    Multipart,
    Text,
    Raw,
}

impl BodyRule {
    pub(crate) fn compile(config: BodyConfig) -> Result<Self, ConfigError> {
        let rule = Self {
            required: config.required,
            max_bytes: config.max_bytes.get(),
            json: config.json.map(JsonRule::compile).transpose().map_err(|error| error.within("json"))?,
            form: config.form.map(FormRule::compile).transpose().map_err(|error| error.within("form"))?,
            multipart: config.multipart.map(PartsRule::compile).transpose().map_err(|error| error.within("multipart"))?,
            text: config.text.is_some(),
            raw: config.raw,
        };
        if rule.forms().next().is_none() {
            return Err(ConfigError::at("", "expected one of `json`, `form`, `multipart`, `text` and `raw`"));
        }
        if rule.max_bytes == 0 {
            return Err(ConfigError::at("max_bytes", "a rule without `body` lets none through"));
        }
        Ok(rule)
    }

    /// The forms that it may have.
    pub(crate) fn forms(&self) -> impl Iterator<Item = Form> {
        let forms = [
            (Form::Json, self.json.is_some()),
            (Form::Urlencoded, self.form.is_some()),
            (Form::Multipart, self.multipart.is_some()),
            (Form::Text, self.text),
            (Form::Raw, self.raw.is_some()),
        ];
        forms.into_iter().filter(|(_, has)| *has).map(|(form, _)| form)
    }

    /// The form that a body of this media type has; any, where `chosen` by the rule's `content_types` and it has only one.
    pub(crate) fn form_of(&self, media_type: &MediaType, chosen: bool) -> Option<Form> {
        let mut forms = self.forms();
        if let (Some(only), None, true) = (forms.next(), forms.next(), chosen) {
            return Some(only);
        }
        let natural = natural(media_type.essence());
        let has = |form: Form| self.forms().any(|it| it == form);
        [natural, Form::Raw].into_iter().find(|form| has(*form))
    }

    /// Whether a key may come twice, of which one is not seen again.
    pub(crate) fn has_two_readings(&self) -> bool {
        self.json.as_ref().is_some_and(|json| json.limits.duplicate_keys == DuplicateKeys::Allow)
    }

    /// Whether a body that is read passes piece by piece.
    pub(crate) fn streams(&self) -> bool {
        self.raw.as_ref().is_some_and(|raw| raw.stream)
    }
}

/// The form that bodies of this media type have by nature.
fn natural(essence: &str) -> Form {
    match essence {
        "application/json" => Form::Json,
        "application/x-www-form-urlencoded" => Form::Urlencoded,
        "multipart/form-data" => Form::Multipart,
        essence if essence.ends_with("+json") => Form::Json,
        essence if essence.starts_with("text/") => Form::Text,
        _ => Form::Raw,
    }
}

impl JsonRule {
    fn compile(config: JsonConfig) -> Result<Self, ConfigError> {
        if config.max_depth > DEPTH_MAX {
            return Err(ConfigError::at("max_depth", format!("expected at most {DEPTH_MAX}")));
        }
        let formats = match config.formats {
            FormatsConfig::Assert => Formats::Assert,
            FormatsConfig::Ignore => Formats::Ignore,
        };
        let schema = config.schema.map(|document| JsonSchema::compile(&document, formats));
        let limits = JsonLimits {
            max_depth: config.max_depth,
            max_entries: config.max_entries.into(),
            max_array: config.max_array.into(),
            max_key_bytes: config.max_key_bytes.into(),
            max_string_bytes: config.max_string_bytes.get(),
            max_number_bytes: config.max_number_bytes.into(),
            max_values: config.max_values.into(),
            duplicate_keys: match config.duplicate_keys {
                config::DuplicateKeys::Reject => DuplicateKeys::Reject,
                config::DuplicateKeys::Allow => DuplicateKeys::Allow,
            },
        };
        Ok(Self { limits, schema: schema.transpose().map_err(|error| error.within("schema"))? })
    }
}

impl FormRule {
    fn compile(config: FormConfig) -> Result<Self, ConfigError> {
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let limits = FormLimits {
            max_fields: size(config.max_fields),
            max_name_bytes: size(config.max_name_bytes),
            max_value_bytes: config.max_value_bytes.as_usize(),
        };
        let fields = Parameters::compile(config.additional, config.fields).map_err(|error| error.within("fields"))?;
        Ok(Self { limits, fields })
    }
}

/// The limits of a form in parts.
pub(crate) fn multipart_limits(max_parts: u32, max_head_bytes: u32) -> MultipartLimits {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    MultipartLimits { max_parts: size(max_parts), max_head_bytes: size(max_head_bytes) }
}
