//! A small body that expressions read: what of it is held until then, and what it says.

use std::borrow::Cow;
use std::rc::Rc;

use portcullis_filter::{BodyKind, HeaderBlock, Host, HostError};
use portcullis_policy::{Attribute, AttributeSource, Unreadable, Value};
use portcullis_validation::json::{self, JsonCheck, JsonLimits};
use portcullis_validation::{FormCheck, FormLimits, MediaRange, MediaType};

/// How deep JSON may nest.
const DEPTH_MAX: u32 = 32;

/// How many fields a form may have.
const FIELDS_MAX: usize = 256;

/// What expressions read of a request's body.
#[derive(Debug)]
pub(crate) enum Body {
    /// There is none.
    Absent,
    Json(serde_json::Value),
    Fields(Vec<(String, Vec<u8>)>),
    /// There is one that nobody can read, and why.
    Unreadable(&'static str),
}

/// How it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Json,
    Urlencoded,
}

/// A body that is still to come, or is not to be waited for.
#[derive(Debug)]
pub(crate) enum Announced {
    Known(Body),
    ToCome(Form),
}

/// A request whose body is on its way.
#[derive(Debug)]
pub(crate) struct Incoming {
    /// Kept: a proxy that has let the headers go does not show them again.
    pub(crate) headers: Rc<HeaderBlock>,
    form: Form,
    /// Whether the proxy keeps what has come; else each piece goes on.
    held: bool,
    /// What has come. INVARIANT: never longer than `max`.
    text: Vec<u8>,
    max: usize,
    too_large: bool,
}

impl Announced {
    /// What the head says of the body.
    pub(crate) fn of(headers: &HeaderBlock, max: usize, end_of_stream: bool) -> Self {
        if end_of_stream {
            return Self::Known(Body::Absent);
        }
        match form(headers, max) {
            Ok(form) => Self::ToCome(form),
            Err(why) => Self::Known(Body::Unreadable(why)),
        }
    }
}

impl Incoming {
    pub(crate) const fn new(headers: Rc<HeaderBlock>, form: Form, held: bool, max: usize) -> Self {
        Self { headers, form, held, text: Vec::new(), max, too_large: false }
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.held
    }

    pub(crate) const fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// Reads what is new of a body of which `size` bytes are there.
    pub(crate) fn read(&mut self, host: &dyn Host, size: usize) -> Result<(), HostError> {
        let before = if self.held { self.text.len() } else { 0 };
        let more = size.checked_sub(before).ok_or(HostError::BAD_ARGUMENT)?;
        if self.text.len().saturating_add(more) > self.max {
            self.too_large = true;
            return Ok(());
        }
        let piece = if more == 0 { Vec::new() } else { host.body(BodyKind::Request, before, more)? };
        self.text.extend_from_slice(&piece);
        if piece.len() == more { Ok(()) } else { Err(HostError::INTERNAL_FAILURE) }
    }

    /// What it says, if it has all come.
    pub(crate) fn finish(self) -> Body {
        let Self { form, text, too_large, .. } = self;
        if too_large {
            return Body::Unreadable(TOO_LARGE);
        }
        match form {
            Form::Json => of_json(&text),
            Form::Urlencoded => of_form(&text),
        }
    }
}

const TOO_LARGE: &str = "the body is longer than `body.max_bytes`";

/// How the body is written, where anybody can tell; why it cannot be read, where it cannot.
fn form(headers: &HeaderBlock, max: usize) -> Result<Form, &'static str> {
    if headers.only(":method") == Some(b"CONNECT") || headers.all("upgrade").next().is_some() {
        return Err("a body without end");
    }
    let length = headers.only("content-length").and_then(|length| str::from_utf8(length).ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > max) {
        return Err(TOO_LARGE);
    }
    if !headers.all("content-encoding").all(|encoding| encoding.trim_ascii().eq_ignore_ascii_case(b"identity")) {
        return Err("an encoded body");
    }
    let media_type = headers.only("content-type").and_then(|media_type| MediaType::parse(media_type).ok());
    let media_type = media_type.ok_or("a body without one media type")?;
    if !media_type.is_utf8() {
        return Err("a body in another charset than UTF-8");
    }
    match media_type.essence() {
        "application/x-www-form-urlencoded" => Ok(Form::Urlencoded),
        essence if is_json(essence) => Ok(Form::Json),
        _ => Err("a body that is neither JSON nor an urlencoded form"),
    }
}

fn is_json(essence: &str) -> bool {
    let ranges = ["application/json", "application/*+json"].into_iter().filter_map(MediaRange::parse);
    ranges.into_iter().any(|range| range.covers(essence))
}

fn of_json(text: &[u8]) -> Body {
    let mut check = JsonCheck::new(JsonLimits::unlimited(DEPTH_MAX));
    if check.feed(text).and_then(|()| check.finish()).is_err() {
        return Body::Unreadable("the body is no JSON that everybody reads alike");
    }
    json::parse(text).map_or(Body::Unreadable("the body has a number out of range"), Body::Json)
}

fn of_form(text: &[u8]) -> Body {
    let limits = FormLimits { max_fields: FIELDS_MAX, max_name_bytes: text.len(), max_value_bytes: text.len() };
    let mut check = FormCheck::new(limits);
    let fields = check.feed(text).and_then(|()| check.finish());
    fields.map_or(Body::Unreadable("the body is no form that everybody reads alike"), Body::Fields)
}

/// What expressions read of a request: its head by `head`, and its body.
pub(crate) struct WithBody<'r, S> {
    pub(crate) head: &'r S,
    pub(crate) body: &'r Body,
}

impl<S: AttributeSource> AttributeSource for WithBody<'_, S> {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        match (attribute, self.body) {
            (Attribute::Body, Body::Absent) => Ok(None),
            (Attribute::Body, Body::Json(value)) => Ok(Some(Value::Json(value))),
            (Attribute::Body, Body::Fields(fields)) => Ok(Some(Value::Fields(fields.iter().map(field).collect()))),
            (Attribute::Body, Body::Unreadable(why)) => Err(Unreadable(why)),
            (attribute, _) => self.head.read(attribute),
        }
    }
}

fn field((name, value): &(String, Vec<u8>)) -> (Cow<'_, str>, Cow<'_, [u8]>) {
    (Cow::Borrowed(name), Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(headers: &[(&str, &str)]) -> Result<Form, &'static str> {
        form(&HeaderBlock::from_pairs(headers.iter().copied()), 100)
    }

    #[test]
    fn only_json_and_forms_that_end_are_waited_for() {
        for media_type in ["application/json", "application/JSON; charset=utf-8", "application/vnd.login+json"] {
            assert!(matches!(announced(&[("content-type", media_type)]), Ok(Form::Json)), "{media_type}");
        }
        assert!(matches!(announced(&[("content-type", "application/x-www-form-urlencoded")]), Ok(Form::Urlencoded)));
        let json = ("content-type", "application/json");
        for headers in [
            &[][..],
            &[("content-type", "text/plain")],
            &[("content-type", "application/json; charset=utf-16")],
            &[("content-type", "application/json, text/plain")],
            &[json, json],
            &[json, ("content-encoding", "gzip")],
            &[json, ("content-length", "101")],
            &[json, ("upgrade", "websocket")],
            &[json, (":method", "CONNECT")],
        ] {
            assert!(announced(headers).is_err(), "{headers:?}");
        }
        assert!(announced(&[json, ("content-length", "100"), ("content-encoding", "identity")]).is_ok());
    }

    #[test]
    fn what_two_parties_could_read_differently_is_not_read() {
        for text in ["", "{", r#"{"a":1,"a":2}"#, r#"{"a":1} x"#, "{\"a\":\"\u{0}\"}", "\u{feff}{}", r#"{"a":1e999}"#] {
            assert!(matches!(of_json(text.as_bytes()), Body::Unreadable(_)), "{text}");
        }
        assert!(matches!(of_json(br#"{"a":"b"}"#), Body::Json(_)));
        for text in ["a=1;b=2", "a=%4", "%ff=1"] {
            assert!(matches!(of_form(text.as_bytes()), Body::Unreadable(_)), "{text}");
        }
        assert!(matches!(of_form(b"a=1&a=2"), Body::Fields(_)));
    }
}
