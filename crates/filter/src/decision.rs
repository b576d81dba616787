//! What a plugin decided about a request, and the line that says so.

use std::fmt;

use crate::json::Object;
use crate::{HeaderBlock, LogLevel, Timestamp};

/// The stable code of a decision's cause: `jwt_expired`. It names the metric, the log line and the response code details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason(pub &'static str);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What happens to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It goes on.
    Allowed,
    /// It is refused.
    Denied,
    /// It would have been refused, but only the record says so.
    Shadow,
}

impl Outcome {
    /// The name in metrics and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Shadow => "shadow",
        }
    }
}

/// What a record says about the request itself: client strings, escaped and cut when written.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestSummary<'a> {
    /// `:method`
    pub method: &'a [u8],
    /// `:authority`
    pub host: &'a [u8],
    /// The canonical path; without one, the raw path up to its query.
    pub path: &'a [u8],
    /// `x-request-id`
    pub request_id: Option<&'a [u8]>,
}

impl<'a> RequestSummary<'a> {
    /// From the request's headers, with the canonical path where there is one.
    #[must_use]
    pub fn of(headers: &'a HeaderBlock, canonical_path: Option<&'a str>) -> Self {
        let raw = || headers.only(":path").unwrap_or_default().split(|byte| matches!(byte, b'?' | b'#')).next();
        Self {
            method: headers.only(":method").unwrap_or_default(),
            host: without_user(headers.only(":authority").unwrap_or_default()),
            path: canonical_path.map(str::as_bytes).or_else(raw).unwrap_or_default(),
            request_id: headers.only("x-request-id"),
        }
    }
}

/// `user:password@host` is no valid authority, and what stands before the `@` is nobody's business.
fn without_user(authority: &[u8]) -> &[u8] {
    authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default()
}

/// One decision, with all that its record may hold.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// What happens.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The rule that decided.
    pub rule: Option<&'a str>,
    /// The verified subject.
    pub subject: Option<&'a str>,
    /// The claims that the configuration lets out, as text; escaped and cut when written.
    pub claims: &'a [(String, String)],
    /// More about the cause, in words of ours or of the configuration; never from the client. Cut when written.
    pub detail: Option<&'a str>,
    /// The request.
    pub request: RequestSummary<'a>,
}

impl Decision<'_> {
    /// How loudly the record speaks.
    #[must_use]
    pub const fn level(&self) -> LogLevel {
        match self.outcome {
            Outcome::Allowed => LogLevel::Info,
            Outcome::Denied | Outcome::Shadow => LogLevel::Warn,
        }
    }

    /// The record: one line of JSON.
    #[must_use]
    pub fn to_json(&self, instance: &str, now: Timestamp) -> String {
        let mut object = Object::new()
            .text("time", &now.to_string())
            .text("level", self.level().name())
            .text("plugin", instance)
            .text("outcome", self.outcome.name())
            .text("reason", self.reason.0);
        if let Some(detail) = self.detail {
            object = object.client_text("detail", detail.as_bytes());
        }
        if let Some(rule) = self.rule {
            object = object.text("rule", rule);
        }
        object = object
            .raw("shadow", if self.outcome == Outcome::Shadow { "true" } else { "false" })
            .client_text("method", self.request.method)
            .client_text("host", self.request.host)
            .client_text("path", self.request.path);
        if let Some(subject) = self.subject {
            object = object.client_text("subject", subject.as_bytes());
        }
        if !self.claims.is_empty() {
            let claims =
                self.claims.iter().fold(Object::new(), |claims, (name, value)| claims.client_text(name, value.as_bytes()));
            object = object.raw("claims", &claims.finish());
        }
        if let Some(id) = self.request.request_id {
            object = object.client_text("request_id", id);
        }
        object.finish()
    }
}
