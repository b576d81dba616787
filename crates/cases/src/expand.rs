//! The `${…}` of a case: tokens, key sets, dynamic metadata and bytes that YAML cannot spell.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::{Expectation, UpstreamExpectation};
use crate::keys::{self, TestKey};
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
        let (function, arguments) = expression.split_once('(').ok_or("expected `function(arguments)`")?;
        let (first, rest) = arguments.split_once(',').unwrap_or((arguments, ""));
        match function {
            "token" => Ok(Expansion::Bytes(self.token(first.trim(), &TokenSpec::parse(rest)?)?.into_bytes())),
            "jwk" => Ok(Expansion::Json(self.keys(key(first.trim())?.jwk()))),
            "jwks" => Ok(Expansion::Json(self.keys(key_set(arguments)?))),
            "jwks_text" => Ok(Expansion::Bytes(self.keys(key_set(arguments)?).to_string().into_bytes())),
            "metadata" => metadata::encoded(arguments).map(Expansion::Bytes),
            "bytes" => Ok(Expansion::Bytes(hex(arguments)?)),
            "repeat" => {
                let times: usize = rest.trim().parse().map_err(|_| format!("{expression}: how often?"))?;
                Ok(Expansion::Bytes(first.repeat(times).into_bytes()))
            }
            _ => Err(format!("`{function}` is no function of the corpus")),
        }
    }

    fn token(&self, name: &str, spec: &TokenSpec) -> Result<String, String> {
        let token = mint::token(name, spec, self.now)?;
        self.secrets.remember_signing_key(key(name)?);
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

fn key(name: &str) -> Result<&'static TestKey, String> {
    keys::find(name).ok_or_else(|| format!("no test key is called `{name}`"))
}

fn key_set(names: &str) -> Result<Value, String> {
    mint::key_set(&names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect::<Vec<_>>())
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let byte = |digits: &str| u8::from_str_radix(digits, 16).map_err(|_| format!("`{digits}` is no byte"));
    text.split_whitespace().map(byte).collect()
}
