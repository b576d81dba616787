use portcullis_protobuf::Message;
use proptest::prelude::*;

use super::*;

fn message() -> Message {
    Message::default()
}

fn decoded(message: Message) -> Result<RateLimitResponse, Unanswered> {
    RateLimitResponse::decode(&message.finish())
}

fn header(name: &str, value: &str) -> Vec<u8> {
    message().bytes(1, name.as_bytes()).bytes(2, value.as_bytes()).finish()
}

#[test]
fn reads_all_that_an_answer_tells() {
    let limit = message().varint(1, 10).varint(2, 2).bytes(3, b"per-minute").finish();
    let reset = message().varint(1, 59).varint(2, 500_000_000).finish();
    let status = message().varint(1, 2).bytes(2, &limit).varint(3, 4).bytes(4, &reset).finish();
    let answer = message()
        .varint(1, 2)
        .bytes(2, &status)
        .bytes(2, b"")
        .bytes(3, &header("x-a", "1"))
        .bytes(4, &message().bytes(1, b"x-b").bytes(3, b"\xff").finish())
        .bytes(5, b"no");
    let expected = RateLimitResponse {
        overall: Code::OverLimit,
        statuses: vec![
            DescriptorStatus {
                code: Some(Code::OverLimit),
                current_limit: Some(RateLimit { requests_per_unit: 10, unit: Some(Unit::Minute), name: "per-minute".to_owned() }),
                limit_remaining: 4,
                until_reset: Some(Duration::from_millis(59_500)),
            },
            DescriptorStatus::default(),
        ],
        response_headers: vec![HeaderValue { name: b"x-a".to_vec(), value: b"1".to_vec() }],
        request_headers: vec![HeaderValue { name: b"x-b".to_vec(), value: b"\xff".to_vec() }],
        raw_body: b"no".to_vec(),
    };
    assert_eq!(decoded(answer), Ok(expected));
}

#[test]
fn a_yes_alone_is_an_answer_and_unknown_fields_are_skipped() {
    let yes = decoded(message().varint(1, 1)).map(|response| response.overall);
    assert_eq!(yes, Ok(Code::Ok));
    let status = message().varint(1, 1).bytes(5, b"quota").varint(99, 1).finish();
    let newer = message().varint(1, 1).bytes(2, &status).bytes(6, b"metadata").varint(99, 7);
    assert_eq!(decoded(newer).map(|response| (response.overall, response.statuses.len())), Ok((Code::Ok, 1)));
}

#[test]
fn neither_yes_nor_no_is_no_answer() {
    for silent in [message(), message().varint(1, 0), message().varint(1, 3), message().varint(1, 1).varint(1, 0)] {
        assert_eq!(decoded(silent.clone()), Err(Unanswered::UnknownCode), "{silent:?}");
    }
}

#[test]
fn refuses_what_is_no_answer() {
    let yes = || message().varint(1, 1);
    let limit = |limit: Message| yes().bytes(2, &message().bytes(2, &limit.finish()).finish());
    let reset = |reset: Message| yes().bytes(2, &message().bytes(4, &reset.finish()).finish());
    let bad = [
        message().bytes(1, b"\x01"),
        yes().varint(2, 1),
        yes().varint(3, 1),
        yes().varint(5, 1),
        yes().bytes(2, &message().varint(3, 1 << 32).finish()),
        yes().bytes(3, &message().varint(1, 1).finish()),
        limit(message().varint(1, 1 << 32)),
        limit(message().bytes(3, b"\xff")),
        reset(message().varint(2, 1_000_000_000)),
        reset(message().bytes(1, b"")),
    ];
    for bad in bad {
        assert_eq!(decoded(bad.clone()), Err(Unanswered::Malformed), "{bad:?}");
    }
    assert_eq!(RateLimitResponse::decode(b"HTTP/1.1 200 OK"), Err(Unanswered::Malformed));
}

#[test]
fn an_answer_has_so_many_parts_and_bytes_and_no_more() {
    let full = |statuses: usize, headers: usize| {
        let with_statuses = (0..statuses).fold(message().varint(1, 1), |message, _| message.bytes(2, b""));
        decoded((0..headers).fold(with_statuses, |message, _| message.bytes(3, b"").bytes(4, b""))).is_ok()
    };
    assert!(full(STATUSES_MAX, HEADERS_MAX));
    assert!(!full(STATUSES_MAX + 1, 0));
    assert!(!full(0, HEADERS_MAX + 1));
    let long = |bytes: usize| decoded(message().varint(1, 1).bytes(5, &vec![b' '; bytes])).is_ok();
    // The code takes two bytes, the body's tag and length four.
    assert!(long(MESSAGE_MAX - 6));
    assert!(!long(MESSAGE_MAX - 5));
}

#[test]
fn a_reset_that_lies_behind_is_now() {
    let reset = message().varint(1, (-5_i64).cast_unsigned()).varint(2, (-1_i64).cast_unsigned()).finish();
    let status = message().bytes(4, &reset).finish();
    let response = decoded(message().varint(1, 1).bytes(2, &status)).unwrap();
    assert_eq!(response.statuses[0].until_reset, Some(Duration::ZERO));
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = RateLimitResponse::decode(&bytes);
    }

    #[test]
    fn an_answer_with_bytes_changed_is_bounded(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let limit = message().varint(1, 10).varint(2, 2).bytes(3, b"name").finish();
        let status = message().varint(1, 1).bytes(2, &limit).varint(3, 4).bytes(4, &message().varint(1, 5).finish()).finish();
        let mut bytes = message().varint(1, 1).bytes(2, &status).bytes(3, &header("a", "b")).bytes(5, b"body").finish();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(response) = RateLimitResponse::decode(&bytes) {
            prop_assert!(response.statuses.len() <= bytes.len() && response.raw_body.len() <= bytes.len());
        }
    }
}
