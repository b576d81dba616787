//! What a client is told.

use portcullis_filter::{GrpcStatus, LocalReply};
use serde_json::{Value, json};

use crate::violation::{Class, Violation};

/// Nothing answers to that name.
const UNIMPLEMENTED: GrpcStatus = GrpcStatus(12);

/// It is too large.
const RESOURCE_EXHAUSTED: GrpcStatus = GrpcStatus(8);

impl Violation {
    /// The refusal: its class, and if `verbose` what was wrong and where.
    pub(crate) fn reply(&self, rule: Option<&str>, verbose: bool) -> LocalReply {
        let (status, kind, title) = self.code.class().problem();
        let reply = LocalReply::problem(status, kind, title, self.code.reason()).grpc(self.code.class().grpc());
        let details = rule.map_or_else(|| reply.details.clone(), |rule| format!("{}{{{rule}}}", reply.details));
        let body = if verbose { self.verbose(&reply.body) } else { None };
        LocalReply { details, body: body.unwrap_or(reply.body), ..reply }
    }

    /// The problem with more members (RFC 9457 section 3.2).
    fn verbose(&self, problem: &[u8]) -> Option<Vec<u8>> {
        let mut problem: Value = serde_json::from_slice(problem).ok()?;
        let members = problem.as_object_mut()?;
        members.insert("reason".to_owned(), json!(self.code.reason().0));
        if let Some(detail) = &self.detail {
            members.insert("detail".to_owned(), json!(detail));
        }
        if !self.places.is_empty() {
            let places = self.places.iter().map(|place| json!({ "pointer": place.pointer, "keyword": place.keyword }));
            members.insert("errors".to_owned(), places.collect());
        }
        Some(problem.to_string().into_bytes())
    }
}

impl Class {
    /// Status, type and title.
    const fn problem(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NotFound => (404, "not-found", "Not found"),
            Self::Malformed => (400, "malformed-request", "Malformed request"),
            Self::Invalid => (400, "invalid-request", "Invalid request"),
            Self::TooLarge => (413, "content-too-large", "Content too large"),
            Self::HeadTooLarge => (431, "headers-too-large", "Request header fields too large"),
            Self::MediaType => (415, "unsupported-media-type", "Unsupported media type"),
            Self::Unprocessable => (422, "unprocessable-content", "Unprocessable content"),
        }
    }

    const fn grpc(self) -> GrpcStatus {
        match self {
            Self::NotFound => UNIMPLEMENTED,
            Self::TooLarge | Self::HeadTooLarge => RESOURCE_EXHAUSTED,
            _ => GrpcStatus::INVALID_ARGUMENT,
        }
    }
}
