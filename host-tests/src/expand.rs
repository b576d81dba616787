//! The `${…}` of a case: tokens, key sets and bytes that YAML cannot spell.

use serde_json::Value;

use crate::mint::{self, TokenSpec};

/// Expands what a case says at one instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expander {
    /// Seconds since the epoch.
    pub(crate) now: u64,
}

/// What an expression yields.
enum Expansion {
    Bytes(Vec<u8>),
    Json(Value),
}

impl Expander {
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

    /// A document with every string in it expanded; a string that is nothing but one key set becomes that JSON.
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

    fn evaluate(&self, expression: &str) -> Result<Expansion, String> {
        let (function, arguments) = expression.split_once('(').ok_or("expected `function(arguments)`")?;
        let (first, rest) = arguments.split_once(',').unwrap_or((arguments, ""));
        match function {
            "token" => Ok(Expansion::Bytes(mint::token(first.trim(), &TokenSpec::parse(rest)?, self.now)?.into_bytes())),
            "jwks" => Ok(Expansion::Json(key_set(arguments)?)),
            "jwks_text" => Ok(Expansion::Bytes(key_set(arguments)?.to_string().into_bytes())),
            "bytes" => Ok(Expansion::Bytes(hex(arguments)?)),
            "repeat" => {
                let times: usize = rest.trim().parse().map_err(|_| format!("{expression}: how often?"))?;
                Ok(Expansion::Bytes(first.repeat(times).into_bytes()))
            }
            _ => Err(format!("`{function}` is no function of the corpus")),
        }
    }
}

/// The text before the next `${…}`, what is inside (without the closing parenthesis), and the text after it.
fn next_expression(text: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let Some((before, rest)) = text.split_once("${") else { return Ok(None) };
    let (expression, after) = rest.split_once(")}").ok_or_else(|| format!("`${{` without `)}}` in {text}"))?;
    Ok(Some((before, expression, after)))
}

fn key_set(names: &str) -> Result<Value, String> {
    mint::key_set(&names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect::<Vec<_>>())
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let byte = |digits: &str| u8::from_str_radix(digits, 16).map_err(|_| format!("`{digits}` is no byte"));
    text.split_whitespace().map(byte).collect()
}
