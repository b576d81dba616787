use super::*;
use crate::mint::encode;

const HEADER: &str = r#"{"alg":"ES256","kid":"a"}"#;
const PAYLOAD: &str = r#"{"iss":"https://issuer.example"}"#;

fn token(header: &str, payload: &str) -> String {
    format!("{}.{}.{}", encode(header), encode(payload), encode("signature"))
}

fn error(token: &str) -> TokenError {
    CompactJws::parse(token.as_bytes()).unwrap_err()
}

fn header_error(header: &str) -> TokenError {
    error(&token(header, PAYLOAD))
}

#[test]
fn gives_the_header_and_the_alleged_issuer() {
    let text = token(r#"{"alg":"ES256","kid":"a","typ":"JWT","cty":"x", "jwk":{"kty":"oct"}}"#, PAYLOAD);
    let jws = CompactJws::parse(text.as_bytes()).unwrap();
    assert_eq!(jws.algorithm(), Algorithm::ES256);
    assert_eq!(jws.key_id(), Some("a"));
    assert_eq!(jws.token_type(), Some("JWT"));
    assert_eq!(jws.header()["cty"], "x");
    assert_eq!(jws.header_json(), r#"{"alg":"ES256","kid":"a","typ":"JWT","cty":"x", "jwk":{"kty":"oct"}}"#);
    assert_eq!(jws.unverified_issuer(), Some("https://issuer.example"));
    assert_eq!(jws.signed.signature, b"signature");
    assert_eq!(jws.signed.text, text.rsplit_once('.').unwrap().0.as_bytes());
}

#[test]
fn wants_exactly_three_parts() {
    for text in ["", ".", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "...", "a b c"] {
        assert_eq!(error(text), TokenError::Parts, "{text}");
    }
}

#[test]
fn refuses_empty_parts_but_an_empty_signature_only_by_its_verification() {
    let (header, payload) = (encode(HEADER), encode(PAYLOAD));
    assert_eq!(error(".."), TokenError::Json(Part::Header));
    assert_eq!(error(&format!(".{payload}.c2ln")), TokenError::Json(Part::Header));
    assert_eq!(error(&format!("{header}..c2ln")), TokenError::Json(Part::Payload));
    assert!(CompactJws::parse(format!("{header}.{payload}.").as_bytes()).is_ok());
}

#[test]
fn refuses_base64_that_is_not_canonical_in_every_part() {
    let (header, payload, signature) = (encode(r#"{"alg":"ES256"} "#), encode(r#"{"a":12}"#), encode("signatures"));
    for spoil in
        [slack, padded, |part: &str| format!("{part} "), |part: &str| format!("\n{part}"), |part: &str| format!("{part}+")]
    {
        let spoilt = [
            (Part::Header, format!("{}.{payload}.{signature}", spoil(&header))),
            (Part::Payload, format!("{header}.{}.{signature}", spoil(&payload))),
            (Part::Signature, format!("{header}.{payload}.{}", spoil(&signature))),
        ];
        for (part, text) in spoilt {
            assert_eq!(error(&text), TokenError::Encoding(part), "{text}");
        }
    }
}

/// Sets a bit of the last character that encodes nothing.
fn slack(part: &str) -> String {
    assert_ne!(part.len() % 4, 0, "there are such bits");
    let (head, last) = part.split_at(part.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.chars().skip_while(|character| !last.contains(*character)).nth(1).unwrap();
    format!("{head}{next}")
}

fn padded(part: &str) -> String {
    format!("{part}{}", "=".repeat(4 - part.len() % 4))
}

#[test]
fn bounds_the_length() {
    assert_eq!(error(&"a".repeat(MAX_TOKEN_BYTES + 1)), TokenError::TooLong);
    assert_eq!(error(&"a".repeat(MAX_TOKEN_BYTES)), TokenError::Parts);
}

#[test]
fn header_and_payload_are_strict_json_objects() {
    let bad = [
        "",
        "null",
        "[]",
        "1",
        "\"a\"",
        "{",
        "{}{}",
        "{} x",
        "{\"a\":1,}",
        "\u{feff}{}",
        "{\"a\":1,\"a\":1}",
        "{'a':1}",
        "{\"a\":1e400}",
        "{\"b\":{\"c\":[{\"a\":1,\"\\u0061\":2}]}}",
        "{\"a\":NaN}",
        "// c\n{}",
    ];
    for text in bad {
        assert_eq!(header_error(text), TokenError::Json(Part::Header), "{text}");
        assert_eq!(error(&token(HEADER, text)), TokenError::Json(Part::Payload), "{text}");
    }
}

#[test]
fn refuses_a_repeated_algorithm() {
    assert_eq!(header_error(r#"{"alg":"ES256","alg":"none"}"#), TokenError::Json(Part::Header));
    assert_eq!(error(&token(HEADER, r#"{"exp":1,"exp":2}"#)), TokenError::Json(Part::Payload));
}

#[test]
fn refuses_bytes_that_are_not_utf_8() {
    let (header, payload) = (encode(b"{\"alg\":\"ES256\",\"x\":\"\xff\"}"), encode(PAYLOAD));
    assert_eq!(error(&format!("{header}.{payload}.c2ln")), TokenError::Json(Part::Header));
    assert_eq!(error(&format!("{}.{header}.c2ln", encode(HEADER))), TokenError::Json(Part::Payload));
    assert_eq!(CompactJws::parse(b"\xff.\xff.\xff").unwrap_err(), TokenError::Encoding(Part::Header));
}

#[test]
fn refuses_deep_nesting() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{{\"alg\":\"ES256\",\"x\":{}1{}}}", open.repeat(5_000), close.repeat(5_000));
        assert_eq!(header_error(&deep), TokenError::Json(Part::Header));
        assert_eq!(error(&token(HEADER, &deep)), TokenError::Json(Part::Payload));
    }
}

#[test]
fn knows_no_extension() {
    for extension in
        [r#""crit":["b64"]"#, r#""crit":["exp"]"#, r#""crit":[]"#, r#""crit":null"#, r#""b64":false"#, r#""b64":true"#]
    {
        assert_eq!(header_error(&format!(r#"{{"alg":"ES256",{extension}}}"#)), TokenError::Extension, "{extension}");
    }
}

#[test]
fn none_is_no_algorithm_in_any_spelling() {
    for name in ["none", "None", "NONE", "nOnE", "", "ES256 ", "es256", "dir", "RSA-OAEP", "HS1"] {
        assert_eq!(header_error(&format!(r#"{{"alg":"{name}"}}"#)), TokenError::UnknownAlgorithm, "{name}");
    }
    assert_eq!(header_error("{}"), TokenError::UnknownAlgorithm);
}

#[test]
fn header_parameters_have_their_types() {
    for (header, name) in [
        (r#"{"alg":null}"#, "alg"),
        (r#"{"alg":["ES256"]}"#, "alg"),
        (r#"{"alg":"ES256","kid":1}"#, "kid"),
        (r#"{"alg":"ES256","kid":null}"#, "kid"),
        (r#"{"alg":"ES256","typ":{}}"#, "typ"),
        (r#"{"alg":"ES256","cty":true}"#, "cty"),
    ] {
        assert_eq!(header_error(header), TokenError::Header(name));
    }
}

#[test]
fn no_error_repeats_the_token() {
    let canary = "canary";
    for text in [
        token(&format!(r#"{{"alg":"{canary}"}}"#), PAYLOAD),
        token(&format!(r#"{{"alg":"ES256","{canary}":1,"{canary}":1}}"#), PAYLOAD),
        token(HEADER, &format!(r#"{{"exp":"{canary}"}}"#)),
        format!("{canary}.{canary}"),
    ] {
        let error = error(&text);
        assert!(!format!("{error} {error:?} {}", error.reason()).contains(canary));
    }
}
