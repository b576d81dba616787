use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const CARDS: [&str; 8] = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555555555554444",
    "378282246310005",
    "3782 822463 10005",
    "6011111111111117",
    "2223003122003222",
];

fn all() -> Redaction {
    Redaction { cards: true, keys: true, patterns: vec![Pattern::new("ACC-[0-9]{6}", 10).unwrap()] }
}

fn redact(redaction: &Redaction, json: bool, pieces: &[&[u8]]) -> String {
    let mut redactor = Redactor::new(json);
    let mut out = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        out.extend(redactor.feed(redaction, piece, at + 1 == pieces.len()));
    }
    String::from_utf8(out).unwrap()
}

/// Cut at every place, and into pieces of every size.
fn every_way(redaction: &Redaction, json: bool, text: &str) -> String {
    let whole = redact(redaction, json, &[text.as_bytes()]);
    for at in 0..=text.len() {
        let (one, other) = text.as_bytes().split_at(at);
        assert_eq!(redact(redaction, json, &[one, other]), whole, "cut at {at}");
        assert_eq!(redact(redaction, json, &[one, other, b""]), whole, "cut at {at}");
    }
    for size in 1..=text.len().max(1) {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        assert_eq!(redact(redaction, json, &pieces), whole, "pieces of {size}");
    }
    whole
}

#[test]
fn a_card_is_never_seen_wherever_the_text_is_cut() {
    for card in CARDS {
        assert_eq!(every_way(&all(), false, &format!("pay with {card}, or later")), "pay with [redacted], or later");
        assert_eq!(every_way(&all(), false, card), "[redacted]");
        assert_eq!(every_way(&all(), false, &format!("{card} 2026")), "[redacted] 2026");
        assert_eq!(every_way(&all(), false, &format!("id 7 {card}")), "id 7 [redacted]");
    }
}

#[test]
fn json_stays_json() {
    assert_eq!(
        every_way(&all(), true, r#"{"n":4111111111111111,"s":"4111111111111111","q":"\"4111111111111111"}"#),
        r#"{"n":null,"s":"[redacted]","q":"\"[redacted]"}"#
    );
}

#[test]
fn no_digit_of_ordinary_text_is_lost() {
    for text in [
        "",
        "order 1234567890123456",
        "4111111111111112",
        "0.4111111111111111",
        "4111111111111111.5",
        "41111111111111110000000",
        "2026-11-24T23:22:36Z",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "+41 44 668 18 00",
        "eyJ is no token, AKIA neither, -----BEGIN CERTIFICATE-----",
        "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    ] {
        assert_eq!(every_way(&all(), false, text), text);
    }
}

#[test]
fn keys_are_taken_out() {
    for (text, expected) in [
        ("id=AKIAIOSFODNN7EXAMPLE;", "id=[redacted];"),
        ("t: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl \n", "t: [redacted] \n"),
        ("a ghp_0123456789abcdefghijABCDEFGHIJ012345 b", "a [redacted] b"),
        ("x\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\ny", "x\n[redacted]\ny"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "[redacted]"),
        (
            "-----BEGIN PRIVATE KEY-----\n-----END ?\n and much more of it, which never comes to an end in time -----x",
            "[redacted]",
        ),
        ("about ACC-123456.", "about [redacted]."),
    ] {
        assert_eq!(every_way(&all(), false, text), expected);
    }
}

#[test]
fn what_cannot_become_anything_goes_out_at_once() {
    let redaction = Redaction { cards: true, keys: true, patterns: Vec::new() };
    let mut redactor = Redactor::new(true);
    assert_eq!(redactor.feed(&redaction, br#"{"a":"text"}"#, false), br#"{"a":"text"}"#);
    assert_eq!(redactor.held(), 0);
    assert_eq!(redactor.feed(&redaction, b"4111 1111", false), b"");
    assert_eq!(redactor.held(), 9);
}

#[test]
fn each_is_counted() {
    let mut redactor = Redactor::new(false);
    redactor.feed(&all(), b"4111111111111111 and 4111111111111111 and AKIAIOSFODNN7EXAMPLE", true);
    assert_eq!(redactor.take_counts().into_iter().collect::<Vec<_>>(), [(Kind::Card, 2), (Kind::Key, 1)]);
}

#[test]
fn a_pattern_is_bounded() {
    assert!(Pattern::new("(", 10).is_err());
    assert!(Pattern::new("a*", 10).is_err());
    assert!(Pattern::new("a", 0).is_err());
    assert!(Pattern::new("a", 2_000).is_err());
}

proptest! {
    #[test]
    fn what_comes_out_does_not_depend_on_how_it_was_cut(
        parts in vec(prop::sample::select(vec![
            "4111111111111111", "4111 1111 1111 1111", "41111", "1", " ", "-", ".", "a", "\"", "\\", ":", "AKIA", "IOSFODNN7EXAMPLE",
            "eyJ", "hbGciOiJSUzI1NiJ9.eyJzdWIiOiIx", "-----BEGIN ", "PRIVATE KEY-----", "-----END ", "x-----",
        ]), 0..12),
        cuts in vec(any::<prop::sample::Index>(), 0..6),
        json: bool,
    ) {
        let redaction = Redaction { cards: true, keys: true, patterns: Vec::new() };
        let text = parts.concat();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([text.len()]) {
            pieces.push(&text.as_bytes()[from..cut]);
            from = cut;
        }
        let whole = redact(&redaction, json, &[text.as_bytes()]);
        prop_assert_eq!(redact(&redaction, json, &pieces), whole.clone());
        let alone = |at: usize| {
            let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
            let before = at.checked_sub(1).and_then(|before| whole.as_bytes().get(before));
            !part(before) && !part(whole.as_bytes().get(at + 16))
        };
        prop_assert!(!whole.match_indices("4111111111111111").any(|(at, _)| alone(at)), "{}", whole);
    }
}
