//! Requests, as clients write them.

use std::fmt::Write as _;

use portcullis_host::Request;
use serde_json::Value;

use crate::document::{Document, Media, Operation, Parameter};

/// A request before it is written.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) method: String,
    /// The values of the parameters, in their order; nothing for one that is left out.
    pub(crate) values: Vec<Option<Value>>,
    /// A further part of the query.
    pub(crate) more: String,
    /// Which media type, and the value.
    pub(crate) body: Option<(usize, Value)>,
    pub(crate) content_type: Option<String>,
    /// In place of the body.
    pub(crate) bytes: Option<Vec<u8>>,
}

impl Draft {
    /// With the first example of each parameter and this body.
    pub(crate) fn new(operation: &Operation, body: Option<(usize, Value)>) -> Self {
        let values = operation.parameters.iter().map(|parameter| parameter.examples.first().cloned()).collect();
        Self { method: operation.method.clone(), values, more: String::new(), body, content_type: None, bytes: None }
    }

    /// One for each example, and one without what may be left out.
    pub(crate) fn of_examples(operation: &Operation) -> Vec<Self> {
        let bodies = operation.media.iter().enumerate();
        let mut bodies: Vec<Option<(usize, Value)>> =
            bodies.flat_map(|(at, media)| media.examples.iter().map(move |example| Some((at, example.clone())))).collect();
        if !operation.body_required {
            bodies.push(None);
        }
        let first = bodies.first().cloned().flatten();
        let mut drafts: Vec<Self> = bodies.into_iter().map(|body| Self::new(operation, body)).collect();
        let mut least = Self::new(operation, first.clone());
        for (at, parameter) in operation.parameters.iter().enumerate() {
            for example in &parameter.examples {
                let mut draft = Self::new(operation, first.clone());
                draft.values[at] = Some(example.clone());
                drafts.push(draft);
            }
            if !parameter.required {
                least.values[at] = None;
            }
        }
        drafts.push(least);
        drafts
    }

    pub(crate) fn request(&self, document: &Document, operation: &Operation) -> Request {
        let mut path = format!("{}{}", document.base, operation.path);
        let mut query = Vec::new();
        let mut headers = Vec::new();
        let mut cookies = Vec::new();
        for (parameter, value) in operation.parameters.iter().zip(&self.values) {
            let Some(value) = value else { continue };
            match parameter.place.as_str() {
                "path" => path = path.replace(&format!("{{{}}}", parameter.name), &encoded(&joined(value, ","))),
                "query" => query.extend(pairs(parameter, value)),
                "header" => headers.push((parameter.name.to_lowercase(), joined(value, ","))),
                _ => cookies.push(format!("{}={}", parameter.name, joined(value, ","))),
            }
        }
        let mut target = path;
        let separator = |target: &str| if target.contains('?') { '&' } else { '?' };
        for (name, value) in query {
            let before = separator(&target);
            write!(target, "{before}{}={}", encoded(&name), encoded(&value)).unwrap();
        }
        if !self.more.is_empty() {
            let before = separator(&target);
            write!(target, "{before}{}", self.more).unwrap();
        }
        if !cookies.is_empty() {
            headers.push(("cookie".to_owned(), cookies.join("; ")));
        }
        let (media_type, bytes) = self.written(document, operation);
        if let Some(media_type) = self.content_type.clone().or(media_type) {
            headers.push(("content-type".to_owned(), media_type));
        }
        let pseudo =
            [(":method", self.method.as_str()), (":path", &target), (":authority", "api.example.com"), (":scheme", "https")];
        let pseudo = pseudo.into_iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
        let headers = headers.into_iter().map(|(name, value)| (name.into_bytes(), value.into_bytes()));
        Request {
            headers: pseudo.chain(headers).collect(),
            body: self.bytes.clone().or(bytes).into_iter().collect(),
            ..Request::default()
        }
    }

    fn written(&self, document: &Document, operation: &Operation) -> (Option<String>, Option<Vec<u8>>) {
        let Some((at, value)) = &self.body else { return (None, None) };
        let media = &operation.media[*at];
        match media.name.as_str() {
            "application/x-www-form-urlencoded" => {
                let fields =
                    value.as_object().into_iter().flatten().flat_map(|(name, value)| texts(value).map(move |text| (name, text)));
                let fields: Vec<String> = fields.map(|(name, text)| format!("{}={}", encoded(name), encoded(&text))).collect();
                (Some(media.name.clone()), Some(fields.join("&").into_bytes()))
            }
            "multipart/form-data" => {
                (Some("multipart/form-data; boundary=b0undary".to_owned()), Some(parts(document, media, value)))
            }
            name if name.ends_with("json") => (Some(name.to_owned()), Some(value.to_string().into_bytes())),
            name => (Some(name.replace('*', "png")), Some(joined(value, ",").into_bytes())),
        }
    }
}

/// The first line and the body, for people.
pub(crate) fn shown(request: &Request) -> String {
    let headers = request
        .headers
        .iter()
        .skip(1)
        .map(|(name, value)| format!("{}: {}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)));
    let body = request.body.concat();
    let body: String = String::from_utf8_lossy(&body).chars().take(600).collect();
    format!("{} {} {body}", String::from_utf8_lossy(&request.headers[0].1), headers.collect::<Vec<_>>().join(", "))
}

fn pairs(parameter: &Parameter, value: &Value) -> Vec<(String, String)> {
    let name = &parameter.name;
    match (parameter.style.as_str(), value) {
        ("deepObject", Value::Object(members)) => {
            members.iter().map(|(member, value)| (format!("{name}[{member}]"), joined(value, ","))).collect()
        }
        ("form", Value::Object(members)) => members.iter().map(|(member, value)| (member.clone(), joined(value, ","))).collect(),
        (_, Value::Array(_)) if parameter.explode => texts(value).map(|text| (name.clone(), text)).collect(),
        ("pipeDelimited", value) => vec![(name.clone(), joined(value, "|"))],
        (_, value) => vec![(name.clone(), joined(value, ","))],
    }
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    let values = match value {
        Value::Array(elements) => elements.clone(),
        other => vec![other.clone()],
    };
    values.into_iter().map(|value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

fn joined(value: &Value, separator: &str) -> String {
    texts(value).collect::<Vec<_>>().join(separator)
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn parts(document: &Document, media: &Media, value: &Value) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let file = is_file(document, &format!("{}/schema", media.pointer), name);
        let types = media.encoding.get(name).and_then(|encoding| encoding["contentType"].as_str());
        let first = types.and_then(|types| types.split(',').next()).map(|media_type| media_type.trim().replace('*', "png"));
        let texts: Vec<String> = if value.is_object() { vec![value.to_string()] } else { texts(value).collect() };
        for text in texts {
            let file_name = if file { "; filename=\"a.bin\"" } else { "" };
            let media_type = first.as_ref().map(|it| format!("Content-Type: {it}\r\n")).unwrap_or_default();
            write!(
                body,
                "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n{media_type}\r\n{text}\r\n"
            )
            .unwrap();
        }
    }
    body.push_str("--b0undary--\r\n");
    body.into_bytes()
}

/// Whether the property, or each of its items, is bytes.
pub(crate) fn is_file(document: &Document, schema: &str, name: &str) -> bool {
    let schema = document.at(&document.resolved(schema)).clone();
    let own = schema.get("properties").and_then(|properties| properties.get(name)).cloned();
    match own {
        Some(own) => own.get("items").unwrap_or(&own).get("contentMediaType").is_some(),
        None => schema.get("allOf").and_then(Value::as_array).into_iter().flatten().any(|branch| {
            branch
                .get("properties")
                .and_then(|it| it.get(name))
                .is_some_and(|it| it.get("items").unwrap_or(it).get("contentMediaType").is_some())
        }),
    }
}
