//! What becomes of an answer.

mod cookies;
mod cors;
mod hardening;
mod redact;

use std::collections::BTreeSet;

use portcullis_config::ConfigError;
use portcullis_filter::{HeaderBlock, HeaderMap, Host, HostError};

use crate::config::{Cache, CookieAttributesConfig, CorsConfig, Hardening, ResponseConfig};

pub(crate) use redact::{Encoded, RedactRule};

/// What becomes of answers, compiled.
#[derive(Debug)]
pub(crate) struct ResponseRule {
    hardening: Hardening,
    headers: Vec<(String, String)>,
    remove: Vec<String>,
    cache: Cache,
    cookies: Option<CookieAttributesConfig>,
    cors: Option<BTreeSet<String>>,
    credentials: bool,
    pub(crate) redact: Option<RedactRule>,
}

/// What the request says that matters to its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a HeaderBlock,
}

/// Headers that say how the message is framed or are several lines: no text of a configuration takes their place.
const FIXED: [&str; 7] =
    ["connection", "content-encoding", "content-length", "set-cookie", "trailer", "transfer-encoding", "upgrade"];

const MAP: HeaderMap = HeaderMap::ResponseHeaders;

impl ResponseRule {
    pub(crate) fn compile(config: ResponseConfig) -> Result<Self, ConfigError> {
        let headers = config.headers.into_iter().map(|(name, value)| {
            let name = name.as_str().to_owned();
            let wrong = if FIXED.contains(&name.as_str()) {
                "it is not for a configuration to say"
            } else if value.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
                "expected no control character"
            } else {
                return Ok((name, value));
            };
            Err(ConfigError::at("", wrong).within_key(&name).within("headers"))
        });
        let cors = config.cors.map(|cors| origins(&cors).map(|origins| (origins, cors.credentials))).transpose();
        let (cors, credentials) = cors.map_err(|error| error.within("cors"))?.unzip();
        Ok(Self {
            hardening: config.hardening,
            headers: ConfigError::gather(headers)?,
            remove: config.remove.iter().map(|name| name.as_str().to_owned()).collect(),
            cache: config.cache,
            cookies: config.cookies,
            cors,
            credentials: credentials.unwrap_or_default(),
            redact: config.redact.map(RedactRule::compile).transpose().map_err(|error| error.within("redact"))?,
        })
    }

    /// Changes the headers of the answer.
    pub(crate) fn apply(&self, host: &dyn Host, response: &HeaderBlock, asked: Asked<'_>) -> Result<(), HostError> {
        if self.hardening == Hardening::Strict {
            hardening::apply(host, response, asked)?;
        }
        if self.cache == Cache::NoStore {
            host.set_header(MAP, "cache-control", b"no-store")?;
            host.remove_header(MAP, "expires")?;
        }
        if let Some(cookies) = &self.cookies {
            cookies::apply(host, response, cookies)?;
        }
        if let Some(origins) = &self.cors {
            cors::apply(host, response, asked, origins, self.credentials)?;
        }
        self.headers.iter().try_for_each(|(name, value)| host.set_header(MAP, name, value.as_bytes()))?;
        self.remove.iter().try_for_each(|name| host.remove_header(MAP, name))
    }
}

/// Takes a header away, if it is there.
fn remove(host: &dyn Host, response: &HeaderBlock, name: &str) -> Result<(), HostError> {
    if response.all(name).next().is_some() { host.remove_header(MAP, name) } else { Ok(()) }
}

fn origins(config: &CorsConfig) -> Result<BTreeSet<String>, ConfigError> {
    let origin = |(at, origin): (usize, &String)| {
        let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
        let right = authority.is_some_and(|authority| !authority.is_empty() && authority.bytes().all(plain));
        let wrong = || ConfigError::at("", "expected an origin such as `https://app.example`, in lower case, without a path");
        right.then(|| origin.clone()).ok_or_else(|| wrong().within_index(at).within("origins"))
    };
    ConfigError::gather(config.origins.iter().enumerate().map(origin)).map(|origins: Vec<_>| origins.into_iter().collect())
}
