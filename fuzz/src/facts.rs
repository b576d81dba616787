//! What is known of a request, as text:
//!
//! ```text
//! request.method=GET
//! request.headers=x-team: payments
//! jwt.claims={"sub":"ann"}
//! @roles=reader,editor
//! !source.ip
//! ```
//!
//! A header, a query parameter, a cookie or a path parameter is a line each; `!` makes an attribute unreadable; any bytes are facts.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use portcullis_policy::{Attribute, AttributeSource, Type, Unreadable, Value};
use serde_json::Value as Json;

/// What every unreadable attribute is called.
const UNREADABLE: Unreadable = Unreadable("the host refused it");

/// The facts, and which of them were read.
#[derive(Debug, Default)]
pub struct Known {
    values: BTreeMap<&'static str, Fact>,
    /// What the path template captured.
    pub params: Vec<(String, String)>,
    /// Each attribute that was read, once for each time.
    pub read: RefCell<Vec<Attribute>>,
}

#[derive(Debug)]
enum Fact {
    Unreadable,
    Value(Value<'static>),
    Json(Json),
    Fields(Vec<(String, Vec<u8>)>),
}

impl Known {
    pub fn parse(text: &[u8]) -> Self {
        let mut known = Self::default();
        for line in text.split(|byte| *byte == b'\n') {
            match line {
                [b'!', name @ ..] => {
                    if let Some(attribute) = named(name) {
                        known.values.insert(attribute.name(), Fact::Unreadable);
                    }
                }
                line => known.learn(line),
            }
        }
        known
    }

    /// No attribute can be read.
    pub fn nothing_readable() -> Self {
        let unreadable = |attribute: &Attribute| (attribute.name(), Fact::Unreadable);
        Self { values: Attribute::ALL.iter().map(unreadable).collect(), ..Self::default() }
    }

    fn learn(&mut self, line: &[u8]) {
        let Some((name, value)) = halves(line, b'=') else { return };
        let Some(attribute) = named(name) else { return };
        if attribute == Attribute::Params {
            let text = String::from_utf8_lossy(value);
            let (name, value) = text.split_once(": ").unwrap_or((&text, ""));
            self.params.push((name.to_owned(), value.to_owned()));
            return;
        }
        let fact = fact(&attribute.value_type(), value);
        match (self.values.get_mut(attribute.name()), fact) {
            (Some(Fact::Fields(known)), Fact::Fields(more)) => known.extend(more),
            (_, fact) => {
                self.values.insert(attribute.name(), fact);
            }
        }
    }
}

impl AttributeSource for Known {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        self.read.borrow_mut().push(attribute);
        Ok(Some(match self.values.get(attribute.name()) {
            None => return Ok(None),
            Some(Fact::Unreadable) => return Err(UNREADABLE),
            Some(Fact::Value(value)) => value.clone(),
            Some(Fact::Json(json)) => Value::Json(json),
            Some(Fact::Fields(fields)) => {
                let field = |(name, value): &'_ (String, Vec<u8>)| (Cow::Owned(name.clone()), Cow::Owned(value.clone()));
                Value::Fields(fields.iter().map(field).collect())
            }
        }))
    }
}

fn named(name: &[u8]) -> Option<Attribute> {
    Attribute::named(str::from_utf8(name).ok()?)
}

/// `value` as something of the type `of`, as a reader gives it.
fn fact(of: &Type, value: &[u8]) -> Fact {
    let text = str::from_utf8(value);
    let parsed = match of {
        Type::Map(_, element) if **element == Type::String => {
            let (name, value) = halves(value, b':').unwrap_or((value, b""));
            let value = value.strip_prefix(b" ").unwrap_or(value);
            return Fact::Fields(vec![(String::from_utf8_lossy(name).to_lowercase(), value.to_vec())]);
        }
        Type::Map(..) | Type::Dyn => return serde_json::from_slice(value).map_or(Fact::Unreadable, Fact::Json),
        Type::List(_) => text.ok().map(|text| Value::List(text.split(',').map(string).collect())),
        Type::Bool => Some(Value::Bool(value == b"true")),
        Type::Int => text.ok().and_then(|text| text.parse().ok()).map(Value::Int),
        Type::Ip => text.ok().and_then(|text| text.parse().ok()).map(|ip: std::net::IpAddr| Value::Ip(ip.to_canonical())),
        Type::Timestamp => {
            text.ok().and_then(|text| text.parse().ok()).map(|seconds: u32| Value::Timestamp(i128::from(seconds) * 1_000_000_000))
        }
        _ => text.ok().map(string),
    };
    parsed.map_or(Fact::Unreadable, Fact::Value)
}

fn string(text: &str) -> Value<'static> {
    Value::String(Cow::Owned(text.to_owned()))
}

/// `text` before and after the first `separator`.
pub fn halves(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == separator)?;
    Some((&text[..at], &text[at + 1..]))
}
