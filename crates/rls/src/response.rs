//! What is answered.

use std::time::Duration;

use portcullis_protobuf::{Fields, Malformed, Wire};

/// The longest answer that is read, in bytes.
pub const MESSAGE_MAX: usize = 64 << 10;

/// The most statuses that an answer may have: as many as a question has descriptors, and more than any has.
pub const STATUSES_MAX: usize = 64;

/// The most headers of either kind that an answer may have.
pub const HEADERS_MAX: usize = 64;

/// The service did not say whether the request may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The message contradicts itself, or breaks a bound.
    Malformed,
    /// The answer is neither yes nor no.
    UnknownCode,
}

impl From<Malformed> for Unanswered {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Under the limit.
    Ok,
    /// Over it.
    OverLimit,
}

/// The service's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimitResponse {
    /// Whether the request may pass.
    pub overall: Code,
    /// One for each descriptor of the question, in its order; or none, from services that do not tell.
    pub statuses: Vec<DescriptorStatus>,
    /// Headers for the client.
    pub response_headers: Vec<HeaderValue>,
    /// Headers for the upstream.
    pub request_headers: Vec<HeaderValue>,
    /// The body of a refusal; empty for none.
    pub raw_body: Vec<u8>,
}

/// What the service says of one descriptor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescriptorStatus {
    /// Whether it is under its limit; `None` where the service does not know it.
    pub code: Option<Code>,
    /// The limit that applies; none for no limit.
    pub current_limit: Option<RateLimit>,
    /// What is left of it.
    pub limit_remaining: u32,
    /// The time until it starts anew; none where the service does not tell.
    pub until_reset: Option<Duration>,
}

/// A limit as the service applies it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests per unit.
    pub requests_per_unit: u32,
    /// The unit; none where it is not known.
    pub unit: Option<Unit>,
    /// Its name; empty for none.
    pub name: String,
}

/// The time that a limit is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A header line. Neither part is known to be fit for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderValue {
    /// The name.
    pub name: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
}

impl Unit {
    /// How long it is; months have 30 days here, and years 365.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        const DAY: u64 = 86_400;
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
            Self::Year => 365 * DAY,
        }
    }

    /// `envoy.service.ratelimit.v3.RateLimitResponse.RateLimit.Unit`
    const fn of(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Second,
            2 => Self::Minute,
            3 => Self::Hour,
            4 => Self::Day,
            5 => Self::Month,
            6 => Self::Year,
            7 => Self::Week,
            _ => return None,
        })
    }
}

impl Code {
    const fn of(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Ok),
            2 => Some(Self::OverLimit),
            _ => None,
        }
    }
}

impl RateLimitResponse {
    /// The answer in `message`. Fields that are not known are skipped, as protobuf wants it.
    ///
    /// # Errors
    /// When it is no such message, is too long, or says neither yes nor no.
    pub fn decode(message: &[u8]) -> Result<Self, Unanswered> {
        if message.len() > MESSAGE_MAX {
            return Err(Unanswered::Malformed);
        }
        let mut overall = None;
        let mut response = Self {
            overall: Code::OverLimit,
            statuses: Vec::new(),
            response_headers: Vec::new(),
            request_headers: Vec::new(),
            raw_body: Vec::new(),
        };
        for field in Fields::of(message) {
            match field? {
                (1, Wire::Varint(code)) => overall = Code::of(code),
                (2, Wire::Bytes(status)) => push(&mut response.statuses, STATUSES_MAX, DescriptorStatus::decode(status)?)?,
                (3, Wire::Bytes(header)) => push(&mut response.response_headers, HEADERS_MAX, HeaderValue::decode(header)?)?,
                (4, Wire::Bytes(header)) => push(&mut response.request_headers, HEADERS_MAX, HeaderValue::decode(header)?)?,
                (5, Wire::Bytes(body)) => response.raw_body = body.to_vec(),
                (1..=5, _) => return Err(Unanswered::Malformed),
                _ => {}
            }
        }
        response.overall = overall.ok_or(Unanswered::UnknownCode)?;
        Ok(response)
    }
}

fn push<T>(list: &mut Vec<T>, max: usize, item: T) -> Result<(), Malformed> {
    if list.len() == max {
        return Err(Malformed);
    }
    list.push(item);
    Ok(())
}

impl DescriptorStatus {
    fn decode(message: &[u8]) -> Result<Self, Malformed> {
        let mut status = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, Wire::Varint(code)) => status.code = Code::of(code),
                (2, Wire::Bytes(limit)) => status.current_limit = Some(RateLimit::decode(limit)?),
                (3, Wire::Varint(remaining)) => status.limit_remaining = uint32(remaining)?,
                (4, Wire::Bytes(duration)) => status.until_reset = Some(duration_of(duration)?),
                (1..=4, _) => return Err(Malformed),
                _ => {}
            }
        }
        Ok(status)
    }
}

impl RateLimit {
    fn decode(message: &[u8]) -> Result<Self, Malformed> {
        let mut limit = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, Wire::Varint(requests)) => limit.requests_per_unit = uint32(requests)?,
                (2, Wire::Varint(unit)) => limit.unit = Unit::of(unit),
                (3, Wire::Bytes(name)) => limit.name = String::from_utf8(name.to_vec()).map_err(|_| Malformed)?,
                (1..=3, _) => return Err(Malformed),
                _ => {}
            }
        }
        Ok(limit)
    }
}

impl HeaderValue {
    /// `envoy.config.core.v3.HeaderValue`: a value is text (2), or bytes (3).
    fn decode(message: &[u8]) -> Result<Self, Malformed> {
        let mut header = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, Wire::Bytes(name)) => header.name = name.to_vec(),
                (2 | 3, Wire::Bytes(value)) if !value.is_empty() => header.value = value.to_vec(),
                (1..=3, Wire::Bytes(_)) => {}
                (1..=3, _) => return Err(Malformed),
                _ => {}
            }
        }
        Ok(header)
    }
}

/// `google.protobuf.Duration`; one before now is none.
fn duration_of(message: &[u8]) -> Result<Duration, Malformed> {
    let (mut seconds, mut nanos) = (0_i64, 0_i64);
    for field in Fields::of(message) {
        match field? {
            (1, Wire::Varint(value)) => seconds = value.cast_signed(),
            (2, Wire::Varint(value)) => nanos = value.cast_signed(),
            (1 | 2, _) => return Err(Malformed),
            _ => {}
        }
    }
    let nanos = u32::try_from(nanos.max(0)).ok().filter(|nanos| *nanos < 1_000_000_000).ok_or(Malformed)?;
    Ok(u64::try_from(seconds).map_or(Duration::ZERO, |seconds| Duration::new(seconds, nanos)))
}

fn uint32(value: u64) -> Result<u32, Malformed> {
    u32::try_from(value).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests;
