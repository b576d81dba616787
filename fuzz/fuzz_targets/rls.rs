//! Any bytes as a rate limit service's answer: it is an answer or none, within its bounds; and what was read, written again, is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_protobuf::Message;
use portcullis_rls::{Code, DescriptorStatus, HEADERS_MAX, HeaderValue, MESSAGE_MAX, RateLimit, RateLimitResponse, STATUSES_MAX, Unit};

fn code(code: Code) -> u64 {
    match code {
        Code::Ok => 1,
        Code::OverLimit => 2,
    }
}

fn unit(unit: Unit) -> u64 {
    match unit {
        Unit::Second => 1,
        Unit::Minute => 2,
        Unit::Hour => 3,
        Unit::Day => 4,
        Unit::Month => 5,
        Unit::Year => 6,
        Unit::Week => 7,
    }
}

fn limit(limit: &RateLimit) -> Vec<u8> {
    let message = Message::default().varint(1, limit.requests_per_unit.into()).bytes(3, limit.name.as_bytes());
    limit.unit.map_or(message.clone(), |of| message.varint(2, unit(of))).finish()
}

fn status(status: &DescriptorStatus) -> Vec<u8> {
    let mut message = Message::default().varint(3, status.limit_remaining.into());
    if let Some(of) = status.code {
        message = message.varint(1, code(of));
    }
    if let Some(current) = &status.current_limit {
        message = message.bytes(2, &limit(current));
    }
    if let Some(reset) = status.until_reset {
        let duration = Message::default().varint(1, reset.as_secs()).varint(2, reset.subsec_nanos().into());
        message = message.bytes(4, &duration.finish());
    }
    message.finish()
}

fn header(header: &HeaderValue) -> Vec<u8> {
    Message::default().bytes(1, &header.name).bytes(3, &header.value).finish()
}

fn written(response: &RateLimitResponse) -> Vec<u8> {
    let mut message = Message::default().varint(1, code(response.overall)).bytes(5, &response.raw_body);
    for of in &response.statuses {
        message = message.bytes(2, &status(of));
    }
    for of in &response.response_headers {
        message = message.bytes(3, &header(of));
    }
    for of in &response.request_headers {
        message = message.bytes(4, &header(of));
    }
    message.finish()
}

fuzz_target!(|input: &[u8]| {
    let Ok(response) = RateLimitResponse::decode(input) else { return };
    assert!(input.len() <= MESSAGE_MAX && response.statuses.len() <= STATUSES_MAX);
    assert!(response.response_headers.len() <= HEADERS_MAX && response.request_headers.len() <= HEADERS_MAX);
    let headers = response.response_headers.iter().chain(&response.request_headers);
    let held: usize = headers.map(|header| header.name.len() + header.value.len()).sum();
    assert!(held + response.raw_body.len() <= input.len(), "{held} of {}", input.len());
    let again = written(&response);
    // Zeros take room when they are written.
    if again.len() <= MESSAGE_MAX {
        assert_eq!(RateLimitResponse::decode(&again), Ok(response));
    }
});
