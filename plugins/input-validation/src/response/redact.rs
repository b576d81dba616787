//! What is taken out of the text of an answer.

use portcullis_config::ConfigError;
use portcullis_filter::{BodyKind, HeaderBlock, HeaderMap, Host, HostError, metric_segment};
use portcullis_redaction::{Kind, Pattern, Redaction, Redactor};
use portcullis_validation::MediaType;

use super::remove;
use crate::config::{RedactConfig, RedactPatternConfig};

/// What is taken out, compiled.
#[derive(Debug)]
pub(crate) struct RedactRule {
    redaction: Redaction,
    /// The names of the patterns.
    names: Vec<String>,
}

/// An answer that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoded;

/// How much of a body is read from the host at once.
const PIECE: usize = 64 << 10;

/// What describes a body as it was before.
const DIGESTS: [&str; 8] =
    ["accept-ranges", "content-digest", "content-length", "content-md5", "digest", "etag", "repr-digest", "want-digest"];

impl RedactRule {
    pub(crate) fn compile(config: RedactConfig) -> Result<Self, ConfigError> {
        let pattern = |(at, config): (usize, &RedactPatternConfig)| {
            let within = |error: ConfigError| error.within_index(at).within("patterns");
            let compiled = Pattern::new(&config.pattern, usize::from(config.max_length));
            compiled.map_err(|wrong| within(ConfigError::at("pattern", wrong.to_string())))
        };
        let patterns = ConfigError::gather(config.patterns.iter().enumerate().map(pattern))?;
        let names = config.patterns.iter().map(|pattern| metric_segment(&pattern.name)).collect();
        let redaction = Redaction { cards: config.cards, keys: config.keys, patterns };
        if redaction.is_empty() {
            return Err(ConfigError::at("", "expected one of `cards`, `keys` and `patterns`"));
        }
        Ok(Self { redaction, names })
    }

    /// Takes from the request what would make the answer unreadable.
    pub(crate) fn prepare(&self, host: &dyn Host, request: &HeaderBlock) -> Result<(), HostError> {
        let there = ["accept-encoding", "range", "if-range"].into_iter().filter(|name| request.all(name).next().is_some());
        there.into_iter().try_for_each(|name| host.remove_header(HeaderMap::RequestHeaders, name))
    }

    /// What takes out of the body; `None` where it is no text.
    pub(crate) fn begin(&self, host: &dyn Host, response: &HeaderBlock) -> Result<Option<Redactor>, Result<Encoded, HostError>> {
        let status = response.only(":status").unwrap_or_default();
        let media_type = response.all("content-type").next().map(MediaType::parse);
        let essence = match &media_type {
            Some(Ok(media_type)) => media_type.essence(),
            // What nobody has labelled may be text.
            _ => "text/plain",
        };
        let json = essence == "application/json" || essence.ends_with("+json");
        if !(json || is_text(essence)) || status == b"101" {
            return Ok(None);
        }
        let plain = response.all("content-encoding").all(|encoding| encoding.trim_ascii().eq_ignore_ascii_case(b"identity"));
        if !plain || status == b"206" {
            return Err(Ok(Encoded));
        }
        DIGESTS.iter().try_for_each(|name| remove(host, response, name)).map_err(Err)?;
        Ok(Some(Redactor::new(json)))
    }

    /// Takes out of what has come of the body.
    pub(crate) fn feed(&self, host: &dyn Host, redactor: &mut Redactor, size: usize, end: bool) -> Result<(), HostError> {
        let mut out = Vec::with_capacity(size);
        let mut at = 0;
        while at < size {
            let piece = host.body(BodyKind::Response, at, (size - at).min(PIECE))?;
            if piece.is_empty() {
                return Err(HostError::INTERNAL_FAILURE);
            }
            at += piece.len();
            out.extend(redactor.feed(&self.redaction, &piece, end && at >= size));
        }
        if size == 0 && end {
            out.extend(redactor.feed(&self.redaction, b"", true));
        }
        host.set_body(BodyKind::Response, &out)
    }

    /// The name of a kind in metrics.
    pub(crate) fn name(&self, kind: Kind) -> &str {
        match kind {
            Kind::Card => "card",
            Kind::Key => "key",
            Kind::Pattern(index) => self.names.get(index).map_or("pattern", String::as_str),
        }
    }
}

fn is_text(essence: &str) -> bool {
    let known = ["application/xml", "application/javascript", "application/x-ndjson", "application/x-www-form-urlencoded"];
    essence.starts_with("text/") || essence.ends_with("+xml") || known.contains(&essence)
}
