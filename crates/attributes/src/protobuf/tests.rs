use serde_json::json;

use super::*;

fn bytes(number: u8, inner: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = inner.len();
    while length > 0x7f {
        out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
    out.extend_from_slice(inner);
    out
}

fn pair(key: &str, value: &[u8]) -> Vec<u8> {
    bytes(1, &[bytes(1, key.as_bytes()), bytes(2, value)].concat())
}

/// A `google.protobuf.Value`.
fn encoded(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => vec![1 << 3, 0],
        Value::Number(number) => [vec![2 << 3 | 1], number.as_f64().unwrap().to_le_bytes().to_vec()].concat(),
        Value::String(text) => bytes(3, text.as_bytes()),
        Value::Bool(truth) => vec![4 << 3, u8::from(*truth)],
        Value::Object(members) => {
            bytes(5, &members.iter().flat_map(|(name, member)| pair(name, &encoded(member))).collect::<Vec<_>>())
        }
        Value::Array(elements) => bytes(6, &elements.iter().flat_map(|element| bytes(1, &encoded(element))).collect::<Vec<_>>()),
    }
}

fn with_payload(payload: &[u8]) -> Vec<u8> {
    [pair("other", &pair("payload", &encoded(&json!({"sub": "mallory"})))), pair("jwt", &pair("payload", payload))].concat()
}

fn payload(bytes: &[u8]) -> Result<Option<Value>, Malformed> {
    metadata(bytes, "jwt", "payload")
}

#[test]
fn reads_every_kind_of_value_with_its_type() {
    let claims =
        json!({"sub": "alice", "roles": ["admin", {"admin": ""}], "exp": 1.5, "ok": true, "no": null, "deep": {"a": {}}});
    assert_eq!(payload(&with_payload(&encoded(&claims))), Ok(Some(claims)));
}

#[test]
fn an_absent_namespace_or_key_is_none() {
    assert_eq!(payload(&[]), Ok(None));
    assert_eq!(payload(&pair("other", &pair("payload", &encoded(&json!(1))))), Ok(None));
    assert_eq!(payload(&pair("jwt", &pair("other", &encoded(&json!(1))))), Ok(None));
}

#[test]
fn every_truncation_is_refused_or_finds_nothing() {
    let whole = with_payload(&encoded(&json!({"sub": "alice", "roles": ["a", "b"], "exp": 1.0})));
    for end in 0..whole.len() {
        assert!(!matches!(payload(&whole[..end]), Ok(Some(_))), "{end}");
    }
}

#[test]
fn a_repeated_key_is_refused_at_every_level() {
    let twice = |inner: &[u8]| [inner, inner].concat();
    let value = encoded(&json!({"sub": "alice"}));
    assert_eq!(payload(&twice(&pair("jwt", &pair("payload", &value)))), Err(Malformed));
    assert_eq!(payload(&pair("jwt", &twice(&pair("payload", &value)))), Err(Malformed));
    let claims = bytes(5, &twice(&pair("sub", &encoded(&json!("alice")))));
    assert_eq!(payload(&with_payload(&claims)), Err(Malformed));
    let kinds = [encoded(&json!("alice")), encoded(&json!("bob"))].concat();
    assert_eq!(payload(&with_payload(&kinds)), Err(Malformed));
}

#[test]
fn nests_so_deep_and_no_deeper() {
    let nested = |depth: usize| (1..depth).fold(encoded(&json!(1)), |inner, _| bytes(6, &bytes(1, &inner)));
    assert!(payload(&with_payload(&nested(DEPTH_MAX))).is_ok());
    assert_eq!(payload(&with_payload(&nested(DEPTH_MAX + 1))), Err(Malformed));
    assert_eq!(payload(&with_payload(&nested(2_000))), Err(Malformed));
}

#[test]
fn refuses_what_is_no_value() {
    let bad: [&[u8]; 9] = [
        &[],                                                                   // no kind
        &[1 << 3, 1],                                                          // a null that is none
        &[4 << 3, 2],                                                          // a third truth
        &[3 << 3 | 2, 1, 0xff],                                                // no text
        &[2 << 3 | 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f],                           // not a number
        &[7 << 3, 0],                                                          // an unknown kind
        &[3 << 3 | 3],                                                         // a group
        &[3 << 3 | 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],                        // a length beyond the end
        &[4 << 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // more than 64 bits
    ];
    for bytes in bad {
        assert_eq!(payload(&with_payload(bytes)), Err(Malformed), "{bytes:?}");
    }
}
