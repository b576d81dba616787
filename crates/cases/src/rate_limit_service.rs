//! Rate limit services that a case has (`envoy.service.ratelimit.v3`): what they answer, and what they are asked.

use std::collections::BTreeMap;

use portcullis_config::ConfigError;
use portcullis_host::{GrpcAnswer, GrpcRequest, GrpcScript};
use portcullis_protobuf::{Fields, Malformed, Message, Wire};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::expand::Expander;
use crate::secrets::Secrets;

/// What services answer, by their clusters: one question after the other, and the last answer to all that follow.
pub type RateLimitServices = BTreeMap<String, Vec<ServiceAnswer>>;

/// What a service answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceAnswer {
    /// The request may pass.
    Ok(Told),
    /// It may not.
    OverLimit(Told),
    /// The call fails with this gRPC status.
    Failure(u32),
    /// This is the message; may hold `${…}`.
    Message(String),
    /// Nothing, as long as anybody waits.
    Timeout,
    /// Nothing, and the proxy does not tell when the time is over.
    Lost,
}

/// What an answer tells besides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Told {
    /// What is said of each descriptor, in order.
    pub statuses: Vec<StatusSpec>,
    /// Headers for the client.
    pub response_headers: BTreeMap<String, String>,
    /// Headers for the upstream.
    pub request_headers: BTreeMap<String, String>,
}

/// What is said of a descriptor.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatusSpec {
    /// Whether it is over its limit.
    pub over_limit: bool,
    /// How many requests there are per unit. Absent: no limit is told.
    pub requests_per_unit: Option<u32>,
    /// The unit, as the protocol numbers it: 1 is a second, 2 a minute, 3 an hour, 4 a day.
    pub unit: u64,
    /// What is left.
    pub remaining: u32,
    /// The seconds until there is more.
    pub reset: Option<u64>,
}

impl ServiceAnswer {
    /// That it can be given.
    pub(crate) fn check(&self, expander: &Expander<'_>) -> Result<(), ConfigError> {
        match self {
            Self::Message(text) => expander.bytes(text).map(drop).map_err(|error| ConfigError::at("message", error)),
            _ => Ok(()),
        }
    }

    fn to_grpc(&self) -> GrpcAnswer {
        // No message of a case depends on the time.
        let expander = Expander { now: 0, secrets: &Secrets::default() };
        match self {
            Self::Ok(told) => GrpcAnswer::respond(told.message(1)),
            Self::OverLimit(told) => GrpcAnswer::respond(told.message(2)),
            Self::Failure(status) => GrpcAnswer::fail(*status, "as the case wants it"),
            Self::Message(text) => GrpcAnswer::respond(expander.bytes(text).unwrap_or_default()),
            Self::Timeout => GrpcAnswer::Timeout,
            Self::Lost => GrpcAnswer::Lost,
        }
    }
}

/// Plays the services of a case.
pub(crate) fn script(services: RateLimitServices) -> GrpcScript {
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    Box::new(move |request: &GrpcRequest| {
        let Some(answers) = services.get(&request.cluster) else { return GrpcAnswer::UnknownCluster };
        let number = asked.entry(request.cluster.clone()).or_default();
        let answer = answers.get(*number).or(answers.last());
        *number += 1;
        answer.map_or(GrpcAnswer::UnknownCluster, ServiceAnswer::to_grpc)
    })
}

impl Told {
    /// `RateLimitResponse`
    fn message(&self, code: u64) -> Vec<u8> {
        let mut message = Message::default().varint(1, code);
        for status in &self.statuses {
            message = message.bytes(2, &status.message());
        }
        for (field, headers) in [(3, &self.response_headers), (4, &self.request_headers)] {
            for (name, value) in headers {
                let header = Message::default().bytes(1, name.as_bytes()).bytes(2, value.as_bytes());
                message = message.bytes(field, &header.finish());
            }
        }
        message.finish()
    }
}

impl StatusSpec {
    /// `DescriptorStatus`
    fn message(&self) -> Vec<u8> {
        let mut message = Message::default().varint(1, if self.over_limit { 2 } else { 1 });
        if let Some(requests) = self.requests_per_unit {
            message = message.bytes(2, &Message::default().varint(1, requests.into()).varint(2, self.unit).finish());
        }
        message = message.varint(3, self.remaining.into());
        if let Some(seconds) = self.reset {
            message = message.bytes(4, &Message::default().varint(1, seconds).finish());
        }
        message.finish()
    }
}

/// What a service was asked, as cases write it: `{cluster: limits, domain: shop, descriptors: [[api_key=k1]], hits: 1}`.
pub(crate) fn asked(request: &GrpcRequest) -> Value {
    question(&request.cluster, &request.message)
        .unwrap_or_else(|Malformed| json!({ "cluster": request.cluster, "malformed": true }))
}

/// `RateLimitRequest`
fn question(cluster: &str, message: &[u8]) -> Result<Value, Malformed> {
    let (mut domain, mut descriptors, mut hits) = (String::new(), Vec::new(), 0);
    for field in Fields::of(message) {
        match field? {
            (1, Wire::Bytes(text)) => domain = String::from_utf8_lossy(text).into_owned(),
            (2, Wire::Bytes(message)) => descriptors.push(descriptor(message)?),
            (3, Wire::Varint(addend)) => hits = addend,
            _ => return Err(Malformed),
        }
    }
    Ok(json!({ "cluster": cluster, "domain": domain, "descriptors": descriptors, "hits": hits }))
}

/// `RateLimitDescriptor`; a charge of its own is one more entry.
fn descriptor(message: &[u8]) -> Result<Vec<String>, Malformed> {
    let field = |field: Result<(u64, Wire<'_>), Malformed>| match field? {
        (1, Wire::Bytes(message)) => {
            let texts = Fields::of(message).map(|field| match field? {
                (1 | 2, Wire::Bytes(text)) => Ok(String::from_utf8_lossy(text).into_owned()),
                _ => Err(Malformed),
            });
            Ok(texts.collect::<Result<Vec<_>, _>>()?.join("="))
        }
        (3, Wire::Bytes(message)) => match Fields::of(message).next() {
            Some(Ok((1, Wire::Varint(hits)))) => Ok(format!("hits: {hits}")),
            _ => Err(Malformed),
        },
        _ => Err(Malformed),
    };
    Fields::of(message).map(field).collect()
}
