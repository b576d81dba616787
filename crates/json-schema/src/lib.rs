//! JSON Schema 2020-12 and draft 7. Everything is compiled beforehand, nothing is fetched, and patterns take linear time. A crate by
//! itself, so that all that `jsonschema` is generic over is compiled here, once and for size.

use std::collections::BTreeSet;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use portcullis_config::ConfigError;
use serde_json::Value;

/// How long a schema may be, as compact JSON.
const LENGTH_MAX: usize = 256 << 10;

/// How large a pattern may become when it is compiled, in bytes.
const PATTERN_MAX: usize = 1 << 20;

/// The formats that are known.
pub const FORMATS: [&str; 17] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// A schema, compiled.
#[derive(Debug)]
pub struct JsonSchema {
    validator: Validator,
    /// Every key within the schema: what a report may name without repeating what a client made up.
    keys: BTreeSet<String>,
}

/// Where a value is not what its schema says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaViolation {
    /// The place in the value, as a JSON pointer; for whoever has sent the value.
    pub pointer: String,
    /// The same, with `*` for every key that the schema does not name; for records.
    pub known_pointer: String,
    /// The keyword that does not hold.
    pub keyword: String,
}

/// Whether `format` is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    /// A value of another format is refused.
    Assert,
    /// Formats are remarks.
    Ignore,
}

impl JsonSchema {
    /// Compiles `document`: draft 2020-12 unless its `$schema` names draft 7.
    ///
    /// # Errors
    /// When it is no schema, names another draft, leads outside of itself, has a pattern that cannot be matched in linear time, or
    /// is longer than 256 KiB.
    pub fn compile(document: &Value, formats: Formats) -> Result<Self, ConfigError> {
        if document.to_string().len() > LENGTH_MAX {
            return Err(ConfigError::at("", "expected a schema of at most 256KiB"));
        }
        let patterns = PatternOptions::regex().size_limit(PATTERN_MAX).dfa_size_limit(PATTERN_MAX);
        let options = jsonschema::options().with_draft(draft(document)?).offline().with_pattern_options(patterns);
        let asserted = formats == Formats::Assert;
        // A format that nobody checks would be a misspelt word that lets everything pass.
        let options = options.should_validate_formats(asserted).should_ignore_unknown_formats(!asserted);
        let validator = options.build(document).map_err(|error| wrong(&error))?;
        let mut keys = BTreeSet::new();
        collect_keys(document, &mut keys);
        Ok(Self { validator, keys })
    }

    /// Whether `value` is what the schema says.
    #[must_use]
    pub fn is_valid(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// Where `value` is not what the schema says, at most `most` places; none if it is.
    #[must_use]
    pub fn violations(&self, value: &Value, most: usize) -> Vec<SchemaViolation> {
        if self.is_valid(value) {
            return Vec::new();
        }
        if most == 1 {
            // Does not look for others.
            return self.validator.validate(value).err().iter().map(|error| self.violation(error)).collect();
        }
        self.validator.iter_errors(value).take(most).map(|error| self.violation(&error)).collect()
    }

    fn violation(&self, error: &ValidationError<'_>) -> SchemaViolation {
        let pointer = error.instance_path().as_str().to_owned();
        let known = |segment: &str| if self.is_known(segment) { segment.to_owned() } else { "*".to_owned() };
        let known_pointer = pointer.split('/').map(known).collect::<Vec<_>>().join("/");
        SchemaViolation { pointer, known_pointer, keyword: error.kind().keyword().to_owned() }
    }

    /// A segment of a pointer (RFC 6901) that the schema has, or an index.
    fn is_known(&self, segment: &str) -> bool {
        let key = segment.replace("~1", "/").replace("~0", "~");
        self.keys.contains(&key) || key.len() < 10 && key.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// The draft that the document is written in.
fn draft(document: &Value) -> Result<Draft, ConfigError> {
    match document.get("$schema").map(Value::as_str) {
        None => Ok(Draft::Draft202012),
        Some(Some("https://json-schema.org/draft/2020-12/schema" | "https://json-schema.org/draft/2020-12/schema#")) => {
            Ok(Draft::Draft202012)
        }
        Some(Some("http://json-schema.org/draft-07/schema" | "http://json-schema.org/draft-07/schema#")) => Ok(Draft::Draft7),
        Some(_) => {
            let expected = "expected `https://json-schema.org/draft/2020-12/schema` or `http://json-schema.org/draft-07/schema#`";
            Err(ConfigError::at("[\"$schema\"]", expected))
        }
    }
}

/// What is wrong with a schema: the place in it and what was expected, in words that hold nothing of it.
fn wrong(error: &ValidationError<'_>) -> ConfigError {
    let keyword = error.kind().keyword();
    let message = match error.kind() {
        ValidationErrorKind::Referencing(_) => "a `$ref` leads nowhere: a schema refers only to itself".to_owned(),
        ValidationErrorKind::Format { format } if format == "regex" => {
            "expected a pattern that is matched in linear time: no look-around, no back-reference".to_owned()
        }
        _ if error.to_string().starts_with("Unknown format") => {
            format!("unknown `format`; expected one of {}, or formats that are only remarks", FORMATS.join(", "))
        }
        _ => format!("no valid JSON Schema: `{keyword}` of its draft's own schema does not hold here"),
    };
    let segments = error.instance_path().as_str().rsplit('/').filter(|segment| !segment.is_empty());
    segments.fold(ConfigError::at("", message), |error, segment| {
        let key = segment.replace("~1", "/").replace("~0", "~");
        match key.parse::<usize>() {
            Ok(index) => error.within_index(index),
            Err(_) => error.within_key(&key),
        }
    })
}

/// A schema nests no deeper than the configuration that it came in.
fn collect_keys(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            collect_keys(value, keys);
        }),
        Value::Array(elements) => elements.iter().for_each(|element| collect_keys(element, keys)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(document: Value) -> String {
        JsonSchema::compile(&document, Formats::Assert).unwrap_err().to_string()
    }

    #[test]
    fn a_violation_has_its_place_and_records_repeat_nothing_of_a_client() {
        let schema = json!({ "properties": { "items": { "items": { "additionalProperties": { "type": "integer" } } } } });
        let schema = JsonSchema::compile(&schema, Formats::Assert).unwrap();
        let found = schema.violations(&json!({ "items": [{ "a": 1 }, { "secret": "x" }] }), 1);
        let expected = SchemaViolation {
            pointer: "/items/1/secret".to_owned(),
            known_pointer: "/items/1/*".to_owned(),
            keyword: "type".to_owned(),
        };
        assert_eq!(found, [expected]);
        assert_eq!(schema.violations(&json!({ "items": [{ "a": 1 }] }), 1), []);
    }

    #[test]
    fn so_many_violations_are_told_and_no_more() {
        let schema = JsonSchema::compile(&json!({ "items": { "type": "integer" } }), Formats::Assert).unwrap();
        assert_eq!(schema.violations(&json!(["a", "b", "c", "d"]), 3).len(), 3);
    }

    #[test]
    fn a_wrong_schema_is_told_by_its_place() {
        assert!(
            error(json!({ "properties": { "a": { "type": "text" } } })).starts_with("properties.a.type: no valid JSON Schema")
        );
        assert!(error(json!({ "$ref": "https://example.com/schema" })).contains("leads nowhere"));
        assert!(error(json!({ "$ref": "file:///etc/passwd" })).contains("leads nowhere"));
        assert!(error(json!({ "$ref": "#/$defs/missing" })).contains("leads nowhere"));
        assert!(error(json!({ "$schema": "http://json-schema.org/draft-04/schema#" })).starts_with("[\"$schema\"]: expected"));
        assert!(error(json!({ "$defs": { "a": { "enum": ["x".repeat(LENGTH_MAX)] } } })).contains("256KiB"));
    }

    #[test]
    fn a_pattern_that_backtracks_is_a_mistake() {
        let error = error(json!({ "properties": { "a": { "pattern": "(?=a)b" } } }));
        assert!(error.starts_with("properties.a.pattern: "), "{error}");
        assert!(!error.contains("(?=a)b"), "{error}");
    }

    #[test]
    fn draft_7_reads_as_draft_7() {
        let tuple = |schema: &str| json!({ "$schema": schema, "items": [{ "type": "integer" }] });
        let seven = JsonSchema::compile(&tuple("http://json-schema.org/draft-07/schema#"), Formats::Assert).unwrap();
        assert!(!seven.is_valid(&json!(["a"])));
        assert!(JsonSchema::compile(&tuple("https://json-schema.org/draft/2020-12/schema"), Formats::Assert).is_err());
    }

    #[test]
    fn formats_count_only_where_they_are_asserted() {
        let document = json!({ "format": "date" });
        for (formats, valid) in [(Formats::Assert, false), (Formats::Ignore, true)] {
            assert_eq!(JsonSchema::compile(&document, formats).unwrap().is_valid(&json!("today")), valid);
        }
        let unknown = error(json!({ "properties": { "a": { "format": "dat" } } }));
        assert!(unknown.contains("unknown `format`; expected one of date, "), "{unknown}");
        assert!(JsonSchema::compile(&json!({ "format": "dat" }), Formats::Ignore).is_ok());
    }

    #[test]
    fn every_format_is_known() {
        for format in FORMATS {
            assert!(JsonSchema::compile(&json!({ "format": format }), Formats::Assert).is_ok(), "{format}");
        }
    }
}
