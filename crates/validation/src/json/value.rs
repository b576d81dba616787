//! The value of a JSON text that was checked: what a schema or an expression judges.

use portcullis_config::json;
use serde_json::Value;

/// How deep it may nest; what was checked nests less.
const DEPTH_MAX: u32 = 100;

/// The value of `text`, built as it is written. Of a repeated key the last one counts, as for most parsers; no key has a meaning of its
/// own, as some have for `serde_json`'s own values.
///
/// # Errors
/// When the text is no JSON, or has a number that no `f64` can hold: in words that hold nothing of the text.
pub fn parse(text: &[u8]) -> Result<Value, &'static str> {
    json::parse_last_counts(text, DEPTH_MAX).map_err(|_| "a number out of range, or no JSON")
}
