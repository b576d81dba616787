//! `hosts`: the authority, in any case.

use portcullis_config::Scalar;
use portcullis_http::HostPattern;

use super::cel::Cel;
use super::context::{Context, placed};
use super::pattern::{Pattern, matching};
use super::resource::At;

const HOST: &str = "request.host";

/// What is told wherever a policy looks at hosts.
const ONE_SPELLING: &str = "a request whose host has a port, a trailing dot or characters that no host has is refused with 400 \
    before any policy is asked; Istio compares the text. `strip_any_host_port: true` in the connection manager takes ports away";

/// That the host is one of `values`.
pub(super) fn condition(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    let hosts: Vec<Pattern<'_>> = known(values, at);
    let lower: Vec<String> = hosts.iter().map(|pattern| pattern.literal().to_ascii_lowercase()).collect();
    let patterns: Vec<Pattern<'_>> = hosts.iter().zip(&lower).map(|(pattern, text)| with_text(*pattern, text)).collect();
    matching(HOST, &patterns, &Cel::Always)
}

/// The same as `match.hosts`, where it can be said there.
pub(super) fn templates(values: &[String], at: &At<'_>) -> Option<Vec<String>> {
    known(values, at).into_iter().map(template).collect::<Option<Vec<_>>>().filter(|hosts| !hosts.is_empty())
}

fn template(pattern: Pattern<'_>) -> Option<String> {
    let text = match pattern {
        Pattern::Present => "*".to_owned(),
        Pattern::Exact(name) => name.to_ascii_lowercase(),
        Pattern::Suffix(domain) if domain.starts_with('.') => format!("*{}", domain.to_ascii_lowercase()),
        Pattern::Suffix(_) | Pattern::Prefix(_) => return None,
    };
    HostPattern::parse(&text).is_ok().then_some(text)
}

/// The patterns that some host which passes can have.
fn known<'v>(values: &'v [String], at: &At<'_>) -> Vec<Pattern<'v>> {
    at.differs_everywhere(ONE_SPELLING);
    placed(values, at).filter_map(|(value, at)| one(value, values, &at)).collect()
}

fn one<'v>(value: &'v str, values: &[String], at: &At<'_>) -> Option<Pattern<'v>> {
    let pattern = Pattern::of(value, at);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*');
    if let Some((name, _)) = value.split_once(':').filter(|(_, port)| is_port(port)) {
        match values.iter().any(|other| other == name) {
            true => {
                at.note(format!("left out: no request that passes has a port in its host, and `{}` is there too", shown(name)))
            }
            false => at.refuse(format!("no request that passes has a port in its host: write `{}`", shown(name))),
        }
        return None;
    }
    let literal = pattern.literal();
    let possible = match pattern {
        Pattern::Present => true,
        Pattern::Exact(_) => template(pattern).is_some(),
        Pattern::Prefix(_) | Pattern::Suffix(_) => {
            !literal.contains("..")
                && literal.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        }
    };
    if !possible {
        at.refuse("no host is like this");
    }
    possible.then_some(pattern)
}

fn with_text<'t>(pattern: Pattern<'_>, text: &'t str) -> Pattern<'t> {
    match pattern {
        Pattern::Present => Pattern::Present,
        Pattern::Suffix(_) => Pattern::Suffix(text),
        Pattern::Prefix(_) => Pattern::Prefix(text),
        Pattern::Exact(_) => Pattern::Exact(text),
    }
}

fn shown(text: &str) -> impl std::fmt::Display {
    text.escape_debug()
}
