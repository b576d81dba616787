//! What others that read OpenAPI say of a document. They drop keywords of schemas (`openapiv3` what 3.0 does not list for a type, `oas3`
//! `not`, `if`, `patternProperties` and more), so nothing that is enforced is read through them.

use portcullis_config::from_value;
use serde_json::Value;

use crate::document::Version;
use crate::report::Report;

/// Tells where the document is not what its version's types have.
pub(crate) fn judge(document: &Value, version: Version, report: &Report) {
    let judged = match version {
        Version::V30 => from_value::<openapiv3::OpenAPI>(document).map(drop),
        Version::V31 => from_value::<oas3::Spec>(document).map(drop),
    };
    let version = if version == Version::V30 { "3.0" } else { "3.1" };
    let Err(error) = judged else { return };
    for finding in error.findings() {
        let place = if finding.path.is_empty() { String::new() } else { format!("{}: ", finding.path) };
        report.note("", format!("not quite OpenAPI {version}, and read all the same: {place}{}", finding.message));
    }
}
