//! A request on the command line.

use std::net::IpAddr;

use portcullis_cases::case::{AttributeValue, Instant, OneOrMany, RequestSpec};
use portcullis_config::from_value;
use serde_json::{Map, Value as Json};

/// What the request is; each wins over what a file or a test says.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// The method
    #[arg(short = 'X', long)]
    method: Option<String>,
    /// A header, `name: value`; may be repeated. A value may hold `${token(…)}`, as in tests
    #[arg(short = 'H', long = "header", value_name = "LINE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The body
    #[arg(short = 'd', long, value_name = "TEXT")]
    data: Option<String>,
    /// The host that is asked for
    #[arg(long)]
    host: Option<String>,
    /// `http` or `https`
    #[arg(long)]
    scheme: Option<String>,
    /// The claims of the caller, as a verified token has them: `{"sub": "ann"}`
    #[arg(long, value_name = "JSON", value_parser = claims)]
    jwt: Option<Map<String, Json>>,
    /// The SPIFFE id of the caller's validated certificate
    #[arg(long, value_name = "ID")]
    peer: Option<String>,
    /// The caller's address
    #[arg(long, value_name = "ADDRESS")]
    source_ip: Option<IpAddr>,
    /// What the proxy knows besides: `xds.route_name=api`; may be repeated
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, AttributeValue)>,
    /// When the request comes: `2026-01-01T12:00:00Z`, or seconds since 1970. Default: now, or when the test says
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(super) now: Option<Instant>,
    /// The key set that the issuer publishes, where keys are fetched: a JSON file, or `${jwks(…)}` as in tests
    #[arg(long, value_name = "FILE")]
    pub(super) jwks: Option<String>,
}

impl RequestOptions {
    /// `spec`, with what was said besides.
    pub(super) fn applied(&self, mut spec: RequestSpec) -> RequestSpec {
        let replace = |field: &mut String, with: &Option<String>| *field = with.clone().unwrap_or_else(|| std::mem::take(field));
        replace(&mut spec.method, &self.method);
        replace(&mut spec.host, &self.host);
        replace(&mut spec.scheme, &self.scheme);
        spec.jwt = self.jwt.clone().or(spec.jwt);
        spec.peer = self.peer.clone().or(spec.peer);
        spec.source_ip = self.source_ip.or(spec.source_ip);
        spec.attributes.extend(self.attributes.iter().cloned());
        if let Some(data) = &self.data {
            spec.body = vec![data.clone()];
        }
        self.add_headers(&mut spec);
        spec
    }

    /// A name that is said here replaces every line of it; said twice, it has two lines.
    fn add_headers(&self, spec: &mut RequestSpec) {
        for (name, _) in &self.headers {
            let lines = self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.clone());
            spec.headers.insert(name.clone(), OneOrMany::Many(lines.collect()));
        }
    }
}

fn header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or("expected a header such as `accept: text/html`")?;
    match name.trim().to_ascii_lowercase() {
        name if name.is_empty() => {
            Err("a header without a name; the path, the method and the host have options of their own".to_owned())
        }
        name => Ok((name, value.trim().to_owned())),
    }
}

fn claims(json: &str) -> Result<Map<String, Json>, String> {
    match serde_json::from_str(json) {
        Ok(Json::Object(claims)) => Ok(claims),
        Ok(_) => Err("expected an object of claims such as `{\"sub\": \"ann\"}`".to_owned()),
        Err(error) => Err(format!("expected JSON such as `{{\"sub\": \"ann\"}}`: {error}")),
    }
}

fn attribute(written: &str) -> Result<(String, AttributeValue), String> {
    let (name, value) = written.split_once('=').ok_or("expected NAME=VALUE such as `xds.route_name=api`")?;
    let value = match (value, value.parse()) {
        ("true", _) => AttributeValue::Truth(true),
        ("false", _) => AttributeValue::Truth(false),
        (_, Ok(integer)) => AttributeValue::Integer(integer),
        (text, Err(_)) => AttributeValue::Text(text.to_owned()),
    };
    Ok((name.to_owned(), value))
}

fn instant(written: &str) -> Result<Instant, String> {
    let written = written.parse().map_or_else(|_| Json::from(written), |seconds: u64| Json::from(seconds));
    from_value(&written).map_err(|error| error.to_string())
}
