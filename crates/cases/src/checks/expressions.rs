//! Every `${…}` of a request and of what must follow it can be expanded.

use std::collections::BTreeMap;

use portcullis_config::ConfigError;

use crate::case::{AttributeValue, Expectation, OneOrMany, RequestSpec, Step, UpstreamExpectation};
use crate::expand;

/// What cannot be expanded, each with its place.
pub(super) fn check(step: &Step) -> Result<(), ConfigError> {
    let request = request(&step.request).map(|result| result.map_err(|error| error.within("request")));
    let expect = expectation(&step.expect).map(|result| result.map_err(|error| error.within("expect")));
    ConfigError::gather(request.chain(expect)).map(drop)
}

type Checked = Result<(), ConfigError>;

fn request(spec: &RequestSpec) -> impl Iterator<Item = Checked> {
    let alone = [("path", &spec.path), ("host", &spec.host)].map(|(name, text)| at(text, |error| error.within(name)));
    let body = spec.body.iter().enumerate();
    let body = body.map(|(index, chunk)| at(chunk, |error| error.within_index(index).within("body")));
    let texts = spec.attributes.iter().filter_map(|(name, value)| match value {
        AttributeValue::Text(text) => Some((name, text)),
        _ => None,
    });
    let attributes = texts.map(|(name, text)| at(text, |error| error.within_key(name).within("attributes")));
    let lines = repeated(&spec.headers, "headers").chain(repeated(&spec.trailers, "trailers"));
    alone.into_iter().chain(body).chain(attributes).chain(lines)
}

fn expectation(expect: &Expectation) -> impl Iterator<Item = Checked> {
    let upstream = match &expect.upstream {
        Some(UpstreamExpectation::Request(request)) => Some(request),
        _ => None,
    };
    let upstream = upstream.into_iter().flat_map(|request| {
        let path = request.path.iter().map(|path| at(path, |error| error.within("path")));
        let lines = path.chain(lines(&request.headers, "headers")).chain(lines(&request.trailers, "trailers"));
        lines.map(|result| result.map_err(|error| error.within("upstream.request")))
    });
    lines(&expect.headers, "headers").chain(upstream)
}

fn lines(lines: &BTreeMap<String, Option<String>>, field: &str) -> impl Iterator<Item = Checked> {
    let texts = lines.iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    texts.map(move |(name, text)| at(text, |error| error.within_key(name).within(field)))
}

fn repeated(lines: &BTreeMap<String, OneOrMany>, field: &str) -> impl Iterator<Item = Checked> {
    let lines = lines.iter().flat_map(|(name, values)| {
        let several = values.values().iter().enumerate();
        several.map(move |(index, text)| match values {
            OneOrMany::One(_) => at(text, |error| error.within_key(name)),
            OneOrMany::Many(_) => at(text, |error| error.within_index(index).within_key(name)),
        })
    });
    lines.map(move |result| result.map_err(|error| error.within(field)))
}

fn at(text: &str, place: impl FnOnce(ConfigError) -> ConfigError) -> Checked {
    expand::check(text).map_err(|error| place(ConfigError::at("", error)))
}
