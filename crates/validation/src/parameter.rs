//! Parameters: what a part of a path, a query, a header, a cookie or a field of a form may be, in the words of JSON Schema.

use portcullis_config::{ConfigError, NonEmpty, nearest};
use portcullis_json_schema::{FORMATS, Formats, JsonSchema};
use schemars::JsonSchema as Described;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};

/// How many characters a text has at most where nothing else is said.
const LENGTH_MAX: u32 = 1024;

/// How many items an array has at most where nothing else is said.
const ITEMS_MAX: u32 = 100;

/// What a parameter may be.
#[derive(Debug, Clone, Default, Deserialize, Described)]
#[serde(deny_unknown_fields, default)]
pub struct ParameterConfig {
    /// What a value is.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// Whether it must be there.
    pub required: bool,
    /// The only values that it may have. Absent: any that fits the rest.
    #[serde(rename = "enum")]
    pub values: Option<NonEmpty<Value>>,
    /// A format of JSON Schema: `uuid`, `date`, `date-time`, `email`, `ipv4`, … Absent: any.
    pub format: Option<String>,
    /// What must be found in it: a regular expression of JSON Schema, matched in linear time; `^` and `$` bind it to the ends.
    /// Absent: anything.
    pub pattern: Option<String>,
    /// How many characters it has at least. Absent: none.
    pub min_length: Option<u32>,
    /// How many characters it has at most. Default: 1024.
    pub max_length: Option<u32>,
    /// The least number that it may be. Absent: any.
    pub minimum: Option<f64>,
    /// The greatest number that it may be. Absent: any.
    pub maximum: Option<f64>,
    /// What each item of an array is; the fields above are then about each item.
    pub items: ItemType,
    /// How many items an array has at least. Absent: none.
    pub min_items: Option<u32>,
    /// How many items an array has at most. Default: 100.
    pub max_items: Option<u32>,
    /// How the items of an array are told apart.
    pub separator: Separator,
}

/// What a parameter's value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Described)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// A text in UTF-8.
    #[default]
    String,
    /// A whole number as JSON writes it, within 64 bits: no sign but `-`, no leading zero.
    Integer,
    /// A number as JSON writes it.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Several values, each of the type `items`.
    Array,
}

/// What an item of an array is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Described)]
#[serde(rename_all = "snake_case")]
pub enum ItemType {
    /// A text in UTF-8.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// How the items of an array are told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Described)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// Each comes by itself: `id=1&id=2`.
    #[default]
    Repeated,
    /// By commas, and the parameter comes once: `id=1,2`.
    Comma,
}

/// What a parameter may be, compiled.
#[derive(Debug)]
pub struct Parameter {
    required: bool,
    item: ItemType,
    /// For an array, how its items are told apart.
    array: Option<Separator>,
    items_max: usize,
    schema: JsonSchema,
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterProblem {
    /// It is not there.
    Missing,
    /// It comes several times and is no array.
    Repeated,
    /// It has another type.
    Type,
    /// A keyword of its schema does not hold.
    Keyword(String),
}

impl Parameter {
    /// Compiles what the configuration says.
    ///
    /// # Errors
    /// When a format is unknown, a pattern is none, a bound cannot hold for the type, or a value of `enum` is of another type.
    pub fn compile(config: ParameterConfig) -> Result<Self, ConfigError> {
        let array = (config.kind == ParameterType::Array).then_some(config.separator);
        let item = item(&config);
        check(&config, item, array.is_some())?;
        let items_max = config.max_items.unwrap_or(ITEMS_MAX);
        let one = one(&config, item);
        let schema = match array {
            None => one,
            Some(_) => json!({ "items": one, "minItems": config.min_items.unwrap_or_default(), "maxItems": items_max }),
        };
        let schema = JsonSchema::compile(&schema, Formats::Assert).map_err(|error| named(&error))?;
        let items_max = usize::try_from(items_max).unwrap_or(usize::MAX);
        Ok(Self { required: config.required, item, array, items_max, schema })
    }

    /// Whether `values`, all that came under its name, are what it may be.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check<'v>(&self, values: impl IntoIterator<Item = &'v [u8]>) -> Result<(), ParameterProblem> {
        let mut values = values.into_iter();
        let Some(first) = values.next() else {
            return if self.required { Err(ParameterProblem::Missing) } else { Ok(()) };
        };
        let value = match self.array {
            Some(Separator::Repeated) => self.list(std::iter::once(first).chain(values))?,
            _ if values.next().is_some() => return Err(ParameterProblem::Repeated),
            Some(Separator::Comma) if first.is_empty() => Value::Array(Vec::new()),
            Some(Separator::Comma) => self.list(first.split(|byte| *byte == b','))?,
            None => self.value(first)?,
        };
        match self.schema.violations(&value, 1).pop() {
            None => Ok(()),
            Some(violation) => Err(ParameterProblem::Keyword(violation.keyword)),
        }
    }

    /// One more than there may be are read, and then counted.
    fn list<'v>(&self, items: impl Iterator<Item = &'v [u8]>) -> Result<Value, ParameterProblem> {
        let items = items.take(self.items_max.saturating_add(1)).map(|item| self.value(item));
        items.collect::<Result<_, _>>().map(Value::Array)
    }

    fn value(&self, text: &[u8]) -> Result<Value, ParameterProblem> {
        let text = str::from_utf8(text).map_err(|_| ParameterProblem::Type)?;
        let value = match self.item {
            ItemType::String => Some(Value::from(text)),
            ItemType::Integer => integer(text).map(Value::from),
            ItemType::Number => number(text).map(Value::Number),
            ItemType::Boolean => match text {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
        };
        value.ok_or(ParameterProblem::Type)
    }
}

impl std::fmt::Display for ParameterProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("it is missing"),
            Self::Repeated => f.write_str("it comes several times"),
            Self::Type => f.write_str("it has another type"),
            Self::Keyword(keyword) => write!(f, "`{keyword}` does not hold"),
        }
    }
}

/// Whole, and without the spellings that some readers take and others do not: `+1`, `01`, `1.0`.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits == "0" || !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain && text != "-0" { text.parse().ok() } else { None }
}

fn number(text: &str) -> Option<Number> {
    let json = text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && text.len() <= 64;
    if json { serde_json::from_str(text).ok() } else { None }
}

fn item(config: &ParameterConfig) -> ItemType {
    match config.kind {
        ParameterType::String => ItemType::String,
        ParameterType::Integer => ItemType::Integer,
        ParameterType::Number => ItemType::Number,
        ParameterType::Boolean => ItemType::Boolean,
        ParameterType::Array => config.items,
    }
}

/// A field that could never hold is a mistake.
fn check(config: &ParameterConfig, item: ItemType, array: bool) -> Result<(), ConfigError> {
    let text = item == ItemType::String;
    let number = matches!(item, ItemType::Integer | ItemType::Number);
    let misplaced = [
        ("format", config.format.is_some() && !text, "a `string`"),
        ("pattern", config.pattern.is_some() && !text, "a `string`"),
        ("min_length", config.min_length.is_some() && !text, "a `string`"),
        ("max_length", config.max_length.is_some() && !text, "a `string`"),
        ("minimum", config.minimum.is_some() && !number, "an `integer` or a `number`"),
        ("maximum", config.maximum.is_some() && !number, "an `integer` or a `number`"),
        ("items", config.items != ItemType::String && !array, "an `array`"),
        ("min_items", config.min_items.is_some() && !array, "an `array`"),
        ("max_items", config.max_items.is_some() && !array, "an `array`"),
        ("separator", config.separator != Separator::Repeated && !array, "an `array`"),
    ];
    let misplaced = misplaced.into_iter().filter(|(_, misplaced, _)| *misplaced);
    let misplaced = misplaced.map(|(field, _, of)| Err(ConfigError::at(field, format!("only {of} has it"))));
    let values = config.values.iter().flat_map(NonEmpty::iter).enumerate().filter(|(_, value)| !is_a(value, item));
    let values = values
        .map(|(at, _)| Err(ConfigError::at("", "expected a value of the parameter's type").within_index(at).within("enum")));
    let ends = [
        ("minimum", config.minimum.zip(config.maximum).is_some_and(|(least, most)| least > most)),
        ("min_length", config.min_length.unwrap_or_default() > config.max_length.unwrap_or(LENGTH_MAX)),
        ("min_items", config.min_items.unwrap_or_default() > config.max_items.unwrap_or(ITEMS_MAX)),
    ];
    let ends = ends.into_iter().filter(|(_, crossed)| *crossed);
    let ends = ends.map(|(field, _)| Err(ConfigError::at(field, "it is above the upper bound: no value fits")));
    let format = config.format.as_deref().filter(|format| !FORMATS.contains(format)).map(unknown_format);
    ConfigError::gather(misplaced.chain(values).chain(ends).chain(format)).map(|_: Vec<()>| ())
}

fn unknown_format(format: &str) -> Result<(), ConfigError> {
    let hint = nearest(format, FORMATS).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(ConfigError::at("format", format!("unknown format{hint}")))
}

fn is_a(value: &Value, item: ItemType) -> bool {
    match item {
        ItemType::String => value.is_string(),
        ItemType::Integer => value.is_i64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        ItemType::Number => value.is_number(),
        ItemType::Boolean => value.is_boolean(),
    }
}

/// The schema of one value.
fn one(config: &ParameterConfig, item: ItemType) -> Value {
    let length_max = (item == ItemType::String).then(|| json!(config.max_length.unwrap_or(LENGTH_MAX)));
    let keywords = [
        ("enum", config.values.as_ref().map(|values| values.iter().cloned().collect())),
        ("format", config.format.as_ref().map(|format| json!(format))),
        ("pattern", config.pattern.as_ref().map(|pattern| json!(pattern))),
        ("minLength", config.min_length.map(|length| json!(length))),
        ("maxLength", length_max),
        ("minimum", config.minimum.map(|number| json!(number))),
        ("maximum", config.maximum.map(|number| json!(number))),
    ];
    keywords.into_iter().filter_map(|(keyword, value)| Some((keyword.to_owned(), value?))).collect::<Map<_, _>>().into()
}

/// The place in the schema is the field that it was made of.
fn named(error: &ConfigError) -> ConfigError {
    let found = error.findings().first();
    let path = found.map_or("", |finding| finding.path.trim_start_matches("items.")).to_owned();
    ConfigError::at(path, found.map_or("no valid parameter", |finding| finding.message.as_str()))
}

#[cfg(test)]
mod tests;
