//! The request, as it was read.

use portcullis_filter::{HeaderBlock, RequestSummary};
use portcullis_http::{CanonicalHost, MatchRequest};
use serde::{Deserialize, Serialize};

/// What rules look at; as the client spelt it where it has no one reading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The canonical host; absent where the request has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The canonical path; absent where the request has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The `:path` that the upstream gets in place of the client's, without its query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewritten: Option<String>,
}

impl Request {
    /// One that was understood.
    #[must_use]
    pub fn of(request: &MatchRequest<'_>) -> Self {
        let without_query = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
        Self {
            method: text(request.method),
            host: request.host.as_ref().map(CanonicalHost::as_str).map(str::to_owned),
            path: request.path().map(str::to_owned),
            rewritten: request.target.rewritten().map(without_query),
        }
    }

    /// One that was not.
    #[must_use]
    pub fn unread(headers: &HeaderBlock) -> Self {
        let summary = RequestSummary::of(headers, None);
        let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| text(bytes));
        Self { method: text(summary.method), host: some(summary.host), path: some(summary.path), rewritten: None }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
