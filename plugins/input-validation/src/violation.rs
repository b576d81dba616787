//! What is wrong with a request.

use portcullis_filter::Reason;
use portcullis_signatures::Signature;

/// What is wrong, by its stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    NoRule,
    MethodOverride,
    PathOverride,
    HeadersTooMany,
    HeadersTooLarge,
    HeaderRepeated,
    Upgrade,
    Params,
    Query,
    Header,
    Cookie,
    ContentLength,
    ContentEncoding,
    ContentType,
    BodyMissing,
    BodyUnexpected,
    BodyTooLarge,
    BodyMalformed,
    BodyStructure,
    BodyRepeatedKey,
    BodyField,
    BodySchema,
    ConditionFalse,
    ConditionError,
    Signature(Signature),
}

/// What kind of refusal a client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    NotFound,
    Malformed,
    Invalid,
    TooLarge,
    HeadTooLarge,
    MediaType,
    Unprocessable,
}

/// One thing that is wrong with a request: the first that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) code: Code,
    /// More about it, in words of ours or of the configuration.
    pub(crate) detail: Option<String>,
    /// Where a schema does not hold, in the client's own words: for the client alone.
    pub(crate) places: Vec<Place>,
}

/// A place where a schema does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) pointer: String,
    pub(crate) keyword: String,
}

impl Violation {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: Some(detail.into()), places: Vec::new() }
    }

    pub(crate) const fn bare(code: Code) -> Self {
        Self { code, detail: None, places: Vec::new() }
    }
}

impl Code {
    /// The stable code.
    pub(crate) const fn reason(self) -> Reason {
        Reason(match self {
            Self::NoRule => "no_rule",
            Self::MethodOverride => "method_override",
            Self::PathOverride => "path_override",
            Self::HeadersTooMany => "headers_too_many",
            Self::HeadersTooLarge => "headers_too_large",
            Self::HeaderRepeated => "header_repeated",
            Self::Upgrade => "upgrade_refused",
            Self::Params => "param_invalid",
            Self::Query => "query_invalid",
            Self::Header => "header_invalid",
            Self::Cookie => "cookie_invalid",
            Self::ContentLength => "content_length_invalid",
            Self::ContentEncoding => "content_encoding_refused",
            Self::ContentType => "content_type_refused",
            Self::BodyMissing => "body_missing",
            Self::BodyUnexpected => "body_unexpected",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyMalformed => "body_malformed",
            Self::BodyStructure => "body_structure",
            Self::BodyRepeatedKey => "body_repeated_key",
            Self::BodyField => "body_field",
            Self::BodySchema => "body_schema",
            Self::ConditionFalse => "condition_false",
            Self::ConditionError => "condition_error",
            Self::Signature(Signature::Sqli) => "signature_sqli",
            Self::Signature(Signature::Xss) => "signature_xss",
            Self::Signature(Signature::PathTraversal) => "signature_path_traversal",
            Self::Signature(Signature::Command) => "signature_command",
            Self::Signature(Signature::Template) => "signature_template",
            Self::Signature(Signature::Crlf) => "signature_crlf",
        })
    }

    pub(crate) const fn class(self) -> Class {
        match self {
            Self::NoRule => Class::NotFound,
            Self::MethodOverride
            | Self::PathOverride
            | Self::HeaderRepeated
            | Self::Upgrade
            | Self::ContentLength
            | Self::BodyMalformed => Class::Malformed,
            Self::HeadersTooMany | Self::HeadersTooLarge => Class::HeadTooLarge,
            Self::Params
            | Self::Query
            | Self::Header
            | Self::Cookie
            | Self::BodyMissing
            | Self::BodyUnexpected
            | Self::BodyStructure
            | Self::BodyRepeatedKey
            | Self::Signature(_) => Class::Invalid,
            Self::ContentEncoding | Self::ContentType => Class::MediaType,
            Self::BodyTooLarge => Class::TooLarge,
            Self::BodyField | Self::BodySchema | Self::ConditionFalse | Self::ConditionError => Class::Unprocessable,
        }
    }
}
