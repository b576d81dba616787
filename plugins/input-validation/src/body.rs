//! A body on its way in.

use std::borrow::Cow;

use portcullis_policy::Value;
use portcullis_signatures::Place as SignaturePlace;
use portcullis_validation::json::{self, JsonCheck, JsonFault, JsonProblem};
use portcullis_validation::multipart::{MultipartCheck, MultipartFault, Refused};
use portcullis_validation::{FormCheck, FormFault, MediaType, Utf8Check};

use crate::body_rule::{BodyRule, Form, JsonRule};
use crate::parts::{PartsRule, PartsSeen, PartsTrial};
use crate::rule::Rule;
use crate::signatures::{Detected, Part};
use crate::violation::{Code, Place, Violation};

/// How many places a verbose reply names.
const PLACES_MAX: usize = 8;

/// What checks a body as it comes.
#[derive(Debug)]
pub(crate) enum Checker {
    /// There may be none.
    Nothing,
    Raw,
    /// With the text, where signatures are looked for.
    Text(Utf8Check, Option<Vec<u8>>),
    /// With the text, where a schema, a condition or signatures read the value.
    Json(Box<JsonCheck>, Option<Vec<u8>>),
    Form(FormCheck),
    Multipart(Box<MultipartCheck>, PartsSeen),
}

/// A body that has come, as a condition reads it.
#[derive(Debug)]
pub(crate) enum Body {
    Json(serde_json::Value),
    Fields(Vec<(String, Vec<u8>)>),
}

impl Checker {
    /// For a body of this form; `keep` says whether it is read once it is complete.
    pub(crate) fn new(rule: &BodyRule, form: Form, media_type: Option<&MediaType>, keep: bool) -> Result<Self, Violation> {
        Ok(match (form, rule) {
            (Form::Json, BodyRule { json: Some(json), .. }) => {
                let text = (keep || json.schema.is_some()).then(Vec::new);
                Self::Json(Box::new(JsonCheck::new(json.limits)), text)
            }
            (Form::Urlencoded, BodyRule { form: Some(form), .. }) => Self::Form(FormCheck::new(form.limits)),
            (Form::Multipart, BodyRule { multipart: Some(parts), .. }) => {
                let check = media_type.map(|media_type| MultipartCheck::of(media_type, parts.limits));
                let check = check.transpose().ok().flatten();
                let check = check.ok_or_else(|| Violation::new(Code::BodyMalformed, "a form without a boundary"))?;
                Self::Multipart(Box::new(check), PartsSeen::new(keep))
            }
            (Form::Text, _) => Self::Text(Utf8Check::default(), keep.then(Vec::new)),
            _ => Self::Raw,
        })
    }

    /// Reads the next piece.
    pub(crate) fn feed(&mut self, rule: &Rule, piece: &[u8], detected: &mut Detected) -> Result<(), Violation> {
        match self {
            Self::Nothing | Self::Raw => Ok(()),
            Self::Text(check, text) => {
                check.feed(piece).map_err(|_| not_utf8())?;
                if let Some(text) = text {
                    text.extend_from_slice(piece);
                }
                Ok(())
            }
            Self::Json(check, text) => {
                check.feed(piece).map_err(of_json)?;
                if let Some(text) = text {
                    text.extend_from_slice(piece);
                }
                Ok(())
            }
            Self::Form(check) => check.feed(piece).map_err(of_form),
            Self::Multipart(check, seen) => match rule.body.as_ref().and_then(|body| body.multipart.as_ref()) {
                Some(parts) => {
                    let mut trial = PartsTrial { rule: parts, seen, signatures: &rule.signatures, detected };
                    check.feed(piece, &mut trial).map_err(of_part)
                }
                None => Ok(()),
            },
        }
    }

    /// The body is over: what a condition reads of it, if it is what it may be.
    pub(crate) fn finish(
        &mut self,
        rule: &Rule,
        body: &BodyRule,
        detected: &mut Detected,
        verbose: bool,
    ) -> Result<Option<Body>, Violation> {
        let signatures = &rule.signatures;
        match self {
            Self::Nothing | Self::Raw => Ok(None),
            Self::Text(check, text) => {
                check.finish().map_err(|_| not_utf8())?;
                let text = text.take().unwrap_or_default();
                signatures.look(Part::Body, "", SignaturePlace::Value, &text, detected).map(|()| None)
            }
            Self::Json(check, text) => {
                check.finish().map_err(of_json)?;
                let Some((text, json)) = text.take().zip(body.json.as_ref()) else { return Ok(None) };
                let value = value(&text, json, verbose)?;
                if let (Body::Json(value), true) = (&value, signatures.reads_body()) {
                    signatures.json(value, "", detected)?;
                }
                Ok(Some(value))
            }
            Self::Form(check) => {
                let fields = check.finish().map_err(of_form)?;
                let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
                let checked = body.form.as_ref().map_or(Ok(()), |form| form.fields.check(pairs.clone()));
                checked.map_err(|problem| Violation::new(Code::BodyField, format!("field {problem}")))?;
                signatures.fields(Part::Body, pairs, detected)?;
                Ok(Some(Body::Fields(fields)))
            }
            Self::Multipart(check, seen) => {
                check.finish().map_err(of_multipart)?;
                body.multipart.as_ref().map_or(Ok(()), |parts: &PartsRule| parts.finish(seen))?;
                Ok(seen.fields().map(Body::Fields))
            }
        }
    }
}

impl Body {
    pub(crate) fn value(&self) -> Value<'_> {
        let field = |(name, value): &'_ (String, Vec<u8>)| -> (Cow<'_, str>, Cow<'_, [u8]>) {
            (Cow::Owned(name.clone()), Cow::Owned(value.clone()))
        };
        match self {
            Self::Json(value) => Value::Json(value),
            Self::Fields(fields) => Value::Fields(fields.iter().map(field).collect()),
        }
    }
}

fn value(text: &[u8], rule: &JsonRule, verbose: bool) -> Result<Body, Violation> {
    let value = json::parse(text).map_err(|problem| Violation::new(Code::BodyStructure, problem))?;
    let Some(schema) = &rule.schema else { return Ok(Body::Json(value)) };
    let found = schema.violations(&value, if verbose { PLACES_MAX } else { 1 });
    let Some(first) = found.first() else { return Ok(Body::Json(value)) };
    let place = if first.known_pointer.is_empty() { "/" } else { first.known_pointer.as_str() };
    let detail = format!("{place}: `{}` does not hold", first.keyword);
    let places = found.into_iter().map(|found| Place { pointer: found.pointer, keyword: found.keyword }).collect();
    Err(Violation { places, ..Violation::new(Code::BodySchema, detail) })
}

fn not_utf8() -> Violation {
    Violation::new(Code::BodyMalformed, "no UTF-8")
}

fn of_json(fault: JsonFault) -> Violation {
    let code = match fault.problem {
        JsonProblem::RepeatedKey => Code::BodyRepeatedKey,
        problem if problem.is_limit() => Code::BodyStructure,
        _ => Code::BodyMalformed,
    };
    Violation::new(code, fault.to_string())
}

fn of_form(fault: FormFault) -> Violation {
    let code = if fault.problem.is_limit() { Code::BodyStructure } else { Code::BodyMalformed };
    Violation::new(code, fault.to_string())
}

fn of_multipart(fault: MultipartFault) -> Violation {
    let code = if fault.problem.is_limit() { Code::BodyStructure } else { Code::BodyMalformed };
    Violation::new(code, fault.to_string())
}

fn of_part(refused: Refused<Violation>) -> Violation {
    match refused {
        Refused::Form(fault) => of_multipart(fault),
        Refused::Part(violation) => violation,
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use portcullis_attributes::{IdentitySources, RequestAttributes};
    use portcullis_config::OnAmbiguous;
    use portcullis_filter::{Attributes, Clock, HeaderBlock, HeaderMap, Headers, HostError, Timestamp};
    use portcullis_http::MatchRequest;
    use portcullis_policy::{Attribute, AttributeSource};
    use portcullis_validation::FormLimits;
    use proptest::prelude::*;

    use super::*;

    /// Knows nothing.
    struct Silent;

    impl Attributes for Silent {
        fn attribute(&self, _: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
            Ok(None)
        }
    }

    impl Clock for Silent {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(0)
        }
    }

    impl Headers for Silent {
        fn headers(&self, _: HeaderMap) -> Result<Rc<HeaderBlock>, HostError> {
            Err(HostError::NOT_FOUND)
        }

        fn set_header(&self, _: HeaderMap, _: &str, _: &[u8]) -> Result<(), HostError> {
            Ok(())
        }

        fn remove_header(&self, _: HeaderMap, _: &str) -> Result<(), HostError> {
            Ok(())
        }

        fn add_header(&self, _: HeaderMap, _: &str, _: &[u8]) -> Result<(), HostError> {
            Ok(())
        }
    }

    /// What other plugins read of it, as a query.
    fn as_query(text: &str) -> Option<Vec<(String, Vec<u8>)>> {
        let path = format!("/?{text}");
        let headers = HeaderBlock::from_pairs([(":method", "GET"), (":path", path.as_str())]);
        let request = MatchRequest::parse(b"GET", None, Some(path.as_bytes()), OnAmbiguous::Reject).unwrap();
        let identity = IdentitySources::default();
        let attributes = RequestAttributes::new(&Silent, &headers, &request, &identity);
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, [u8]>)| (name.into_owned(), value.into_owned());
        match attributes.read(Attribute::Query) {
            Ok(Some(Value::Fields(fields))) => Some(fields.into_iter().map(owned).collect()),
            _ => None,
        }
    }

    fn as_form(text: &str) -> Option<Vec<(String, Vec<u8>)>> {
        let mut check = FormCheck::new(FormLimits { max_fields: 1_000, max_name_bytes: 1_000, max_value_bytes: 1_000 });
        check.feed(text.as_bytes()).ok()?;
        check.finish().ok()
    }

    proptest! {
        #[test]
        fn a_form_is_read_as_a_query_is(text in "([a-c]|=|&|%[0-9A-Fa-f]{2}|%|;|[+]|é|\\u{7f}){0,12}") {
            prop_assert_eq!(as_form(&text), as_query(&text), "{}", text);
        }
    }
}
