//! The `${…}` of a case: tokens, key sets, dynamic metadata and bytes that YAML cannot spell.

use std::collections::BTreeMap;

use portcullis_config::nearest;
use serde_json::Value;

use crate::case::{Expectation, UpstreamExpectation};
use crate::keys;
use crate::metadata;
use crate::mint::{self, TokenSpec};
use crate::secrets::Secrets;

/// Expands what a case says at one instant, and remembers what of it is secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expander<'a> {
    /// Seconds since the epoch.
    pub(crate) now: u64,
    /// What was minted so far.
    pub(crate) secrets: &'a Secrets,
}

/// An expression, read.
enum Call<'e> {
    Token(&'e str, Box<TokenSpec>),
    Jwk(&'e str),
    Jwks(Vec<&'e str>),
    JwksText(Vec<&'e str>),
    Bytes(Vec<u8>),
}

/// What expressions may call.
const FUNCTIONS: [&str; 7] = ["bytes", "jwk", "jwks", "jwks_text", "metadata", "repeat", "token"];

/// The longest text that `repeat` makes.
const REPEATED_MAX: usize = 1 << 24;

/// That every `${…}` in `text` can be expanded.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some((_, expression, after)) = next_expression(rest)? {
        Call::parse(expression)?;
        rest = after;
    }
    Ok(())
}

impl<'e> Call<'e> {
    /// `expression` without its last parenthesis. The keys are those that there are; none is made.
    fn parse(expression: &'e str) -> Result<Self, String> {
        let (function, arguments) = expression.split_once('(').ok_or("expected `function(arguments)`")?;
        let (first, rest) = arguments.split_once(',').unwrap_or((arguments, ""));
        Ok(match function {
            "token" => Self::Token(keys::known(first.trim())?, Box::new(TokenSpec::parse(rest)?)),
            "jwk" => Self::Jwk(keys::known(first.trim())?),
            "jwks" => Self::Jwks(key_names(arguments)?),
            "jwks_text" => Self::JwksText(key_names(arguments)?),
            "metadata" => Self::Bytes(metadata::encoded(arguments)?),
            "bytes" => Self::Bytes(hex(arguments)?),
            "repeat" => Self::Bytes(repeated(first, rest.trim())?.into_bytes()),
            _ => return Err(unknown(function)),
        })
    }
}

fn unknown(function: &str) -> String {
    match nearest(function, FUNCTIONS) {
        Some(near) => format!("no function is called `{function}`; did you mean `{near}`?"),
        None => format!("no function is called `{function}`; there are {}", FUNCTIONS.join(", ")),
    }
}

fn key_names(names: &str) -> Result<Vec<&str>, String> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(keys::known).collect()
}

fn repeated(text: &str, times: &str) -> Result<String, String> {
    let times = times.parse().ok().filter(|times| text.len().saturating_mul(*times) <= REPEATED_MAX);
    times
        .map(|times: usize| text.repeat(times))
        .ok_or_else(|| format!("expected how often `{text}` comes, at most 16 MiB in all"))
}

/// What an expression yields.
enum Expansion {
    Bytes(Vec<u8>),
    Json(Value),
}

impl Expander<'_> {
    /// `text` with every `${…}` replaced.
    pub(crate) fn bytes(&self, text: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((before, expression, after)) = next_expression(rest)? {
            bytes.extend_from_slice(before.as_bytes());
            match self.evaluate(expression)? {
                Expansion::Bytes(expanded) => bytes.extend(expanded),
                Expansion::Json(value) => bytes.extend(value.to_string().into_bytes()),
            }
            rest = after;
        }
        bytes.extend_from_slice(rest.as_bytes());
        Ok(bytes)
    }

    /// `text` with every `${…}` replaced, where that is text.
    pub(crate) fn text(&self, text: &str) -> Result<String, String> {
        String::from_utf8(self.bytes(text)?).map_err(|error| error.to_string())
    }

    /// A document with every string in it expanded; a string that is nothing but one key or key set becomes that JSON.
    pub(crate) fn json(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => match next_expression(text)? {
                Some(("", expression, "")) => match self.evaluate(expression)? {
                    Expansion::Json(value) => value,
                    Expansion::Bytes(bytes) => Value::String(String::from_utf8(bytes).map_err(|error| error.to_string())?),
                },
                _ => Value::String(self.text(text)?),
            },
            Value::Array(items) => Value::Array(items.iter().map(|item| self.json(item)).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let expanded = members.iter().map(|(key, member)| Ok((key.clone(), self.json(member)?)));
                Value::Object(expanded.collect::<Result<_, String>>()?)
            }
            scalar => scalar.clone(),
        })
    }

    /// An expectation with the lines that it wants to see expanded.
    pub(crate) fn expectation(&self, expect: &Expectation) -> Result<Expectation, String> {
        let mut expect = expect.clone();
        self.expand_lines(&mut expect.headers)?;
        if let Some(UpstreamExpectation::Request(request)) = &mut expect.upstream {
            self.expand_lines(&mut request.headers)?;
            self.expand_lines(&mut request.trailers)?;
            request.path = request.path.as_deref().map(|path| self.text(path)).transpose()?;
        }
        Ok(expect)
    }

    fn expand_lines(&self, lines: &mut BTreeMap<String, Option<String>>) -> Result<(), String> {
        for value in lines.values_mut().flatten() {
            *value = self.text(value)?;
        }
        Ok(())
    }

    fn evaluate(&self, expression: &str) -> Result<Expansion, String> {
        Ok(match Call::parse(expression)? {
            Call::Token(key, spec) => Expansion::Bytes(self.token(key, &spec)?.into_bytes()),
            Call::Jwk(key) => Expansion::Json(self.keys(keys::named(key)?.jwk())),
            Call::Jwks(keys) => Expansion::Json(self.keys(mint::key_set(&keys)?)),
            Call::JwksText(keys) => Expansion::Bytes(self.keys(mint::key_set(&keys)?).to_string().into_bytes()),
            Call::Bytes(bytes) => Expansion::Bytes(bytes),
        })
    }

    fn token(&self, name: &str, spec: &TokenSpec) -> Result<String, String> {
        let token = mint::token(name, spec, self.now)?;
        self.secrets.remember_signing_key(keys::named(name)?);
        self.secrets.remember_token(&token);
        Ok(token)
    }

    fn keys(&self, keys: Value) -> Value {
        self.secrets.remember_shared_keys(&keys);
        keys
    }
}

/// The text before the next `${…}`, what is inside (without the closing parenthesis), and the text after it.
fn next_expression(text: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let Some((before, rest)) = text.split_once("${") else { return Ok(None) };
    let (expression, after) = rest.split_once(")}").ok_or_else(|| format!("`${{` without `)}}` in {text}"))?;
    Ok(Some((before, expression, after)))
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let byte = |digits: &str| u8::from_str_radix(digits, 16).map_err(|_| format!("`{digits}` is no byte"));
    text.split_whitespace().map(byte).collect()
}
