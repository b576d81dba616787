//! The head of a request, judged by a rule.

use portcullis_filter::HeaderBlock;
use portcullis_policy::{Attribute, Facts, Params, Value};
use portcullis_validation::{MediaType, NotAMediaType};

use crate::body::Checker;
use crate::body_rule::{BodyRule, Form};
use crate::parameters::Parameters;
use crate::rule::Rule;
use crate::signatures::Detected;
use crate::violation::{Code, Violation};
use crate::witness::Witness;

/// The head of a request.
pub(crate) struct Head<'a, 'f> {
    pub(crate) headers: &'a HeaderBlock,
    pub(crate) facts: &'a Facts<'f>,
    /// What the path template of the rule has captured.
    pub(crate) params: Params<'a>,
    /// Neither body nor trailers follow.
    pub(crate) end_of_stream: bool,
    /// The canonical path, where there is one.
    pub(crate) path: Option<&'a str>,
}

/// What is left to be judged.
#[derive(Debug)]
pub(crate) enum Rest {
    /// The body.
    Body(Checker),
    /// Nothing that a rule can read.
    Upgrade,
}

impl Rule {
    /// Whether the head is what it may be, and what follows it.
    pub(crate) fn judge(
        &self,
        head: &Head<'_, '_>,
        detected: &mut Detected,
        witness: &mut impl Witness,
    ) -> Result<Rest, Violation> {
        self.check_parameters(head)?;
        let rest = match upgrade(head.headers) {
            Some(protocol) => self.upgrade(&protocol)?,
            None => Rest::Body(self.body(head)?),
        };
        match &self.condition {
            Some(condition) if !self.condition_reads_body() => {
                witness.asked(self, head.facts, head.params);
                condition.check(head.facts, head.params)?;
            }
            _ => {}
        }
        self.signatures.head(head, detected)?;
        Ok(rest)
    }

    fn check_parameters(&self, head: &Head<'_, '_>) -> Result<(), Violation> {
        let params = head.params.iter().map(|(name, value)| (*name, value.as_bytes()));
        self.params.check(params).map_err(|problem| Violation::new(Code::Params, problem))?;
        let fields = |attribute| head.facts.read(attribute).map_err(|unreadable| unreadable.to_string());
        let check = |parameters: &Option<Parameters>, attribute, code| match parameters {
            Some(parameters) => {
                let checked = fields(attribute).and_then(|value| parameters.check(pairs(value)));
                checked.map_err(|problem| Violation::new(code, problem))
            }
            None => Ok(()),
        };
        check(&self.query, Attribute::Query, Code::Query)?;
        check(&self.cookies, Attribute::Cookies, Code::Cookie)?;
        let named = |(name, value)| Some((str::from_utf8(name).ok()?, value));
        let headers = head.headers.iter().filter_map(named);
        self.headers.check(headers).map_err(|problem| Violation::new(Code::Header, problem))
    }

    fn upgrade(&self, protocol: &str) -> Result<Rest, Violation> {
        if self.upgrades.iter().any(|allowed| allowed == protocol) {
            Ok(Rest::Upgrade)
        } else {
            Err(Violation::new(Code::Upgrade, "a protocol that the rule does not name"))
        }
    }

    /// What checks the body, if the head says nothing that a body may not be.
    fn body(&self, head: &Head<'_, '_>) -> Result<Checker, Violation> {
        let length = content_length(head.headers)?;
        let Some(body) = &self.body else {
            return if length > 0 { Err(Violation::bare(Code::BodyUnexpected)) } else { Ok(Checker::Nothing) };
        };
        if length > body.max_bytes {
            return Err(too_large(body));
        }
        if head.end_of_stream {
            return Ok(Checker::Raw);
        }
        check_encoding(head.headers)?;
        let media_type = content_type(head.headers)?;
        let form = self.form(body, media_type.as_ref())?;
        Checker::new(body, form, media_type.as_ref(), self.keeps_body())
    }

    fn form(&self, body: &BodyRule, media_type: Option<&MediaType>) -> Result<Form, Violation> {
        let refused = |why: &str| Violation::new(Code::ContentType, why);
        let Some(media_type) = media_type else {
            let any = self.content_types.is_none() && body.raw.is_some();
            return if any { Ok(Form::Raw) } else { Err(refused("it is missing")) };
        };
        let ranges = self.content_types.as_ref();
        if ranges.is_some_and(|ranges| !ranges.iter().any(|range| range.covers(media_type.essence()))) {
            return Err(refused("one that the rule does not name"));
        }
        let form = body.form_of(media_type, ranges.is_some()).ok_or_else(|| refused("one that `body` has no form for"))?;
        let is_text = matches!(form, Form::Json | Form::Urlencoded | Form::Text);
        if is_text && !media_type.is_utf8() { Err(refused("a charset that is not UTF-8")) } else { Ok(form) }
    }
}

/// A body that is longer than it may be.
pub(crate) fn too_large(body: &BodyRule) -> Violation {
    Violation::new(Code::BodyTooLarge, format!("more than {} bytes", body.max_bytes))
}

/// The protocol that the connection is to be upgraded to; a tunnel is one.
fn upgrade(headers: &HeaderBlock) -> Option<String> {
    if headers.only(":method") == Some(b"CONNECT") && headers.only("upgrade").is_none() {
        return Some("connect".to_owned());
    }
    let lines: Vec<&[u8]> = headers.all("upgrade").collect();
    (!lines.is_empty()).then(|| String::from_utf8_lossy(&lines.join(&b","[..])).trim().to_ascii_lowercase())
}

/// RFC 9110 section 8.6; 0 where it is not told. `5, 5` has two readings.
fn content_length(headers: &HeaderBlock) -> Result<u64, Violation> {
    let mut lines = headers.all("content-length");
    let Some(line) = lines.next() else { return Ok(0) };
    let digits = lines.next().is_none() && !line.is_empty() && line.iter().all(u8::is_ascii_digit);
    let length = str::from_utf8(line).ok().filter(|_| digits).and_then(|line| line.parse().ok());
    length.ok_or_else(|| Violation::bare(Code::ContentLength))
}

fn check_encoding(headers: &HeaderBlock) -> Result<(), Violation> {
    let plain = headers.all("content-encoding").all(|encoding| encoding.trim_ascii().eq_ignore_ascii_case(b"identity"));
    if plain { Ok(()) } else { Err(Violation::bare(Code::ContentEncoding)) }
}

fn content_type(headers: &HeaderBlock) -> Result<Option<MediaType>, Violation> {
    let mut lines = headers.all("content-type");
    let parsed = lines.next().map(MediaType::parse).transpose();
    let parsed = if lines.next().is_some() { Err(NotAMediaType) } else { parsed };
    parsed.map_err(|_| Violation::new(Code::ContentType, "no media type"))
}

/// Every field of a query or of cookies.
pub(crate) fn pairs<'v>(value: Option<&'v Value<'_>>) -> impl Iterator<Item = (&'v str, &'v [u8])> {
    let fields = match value {
        Some(Value::Fields(fields)) => fields.as_slice(),
        _ => &[],
    };
    fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
}
