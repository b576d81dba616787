//! The JWS vectors of RFC 7515 appendix A, RFC 7520, RFC 7797 and RFC 8037, read from `SUITES` (default: `shared/suites` beside the
//! repository); `--nocapture` prints what became of each.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_jose::{Algorithm, Algorithms, KeySet, NoNative, SymmetricKeys, TokenError, verify_payload};
use serde_json::{Value, json};

/// What is printed and counted.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Verified,
    Refused(TokenError),
    Excused(&'static str),
}

#[test]
fn verifies_every_vector_of_a_claimed_form() {
    let Some(vectors) = portcullis_suites::rows("jose-cookbook/jws_vectors.jsonl") else { return };
    let outcomes: Vec<_> = vectors.iter().map(|vector| (text(vector, "id"), text(vector, "expect"), outcome(vector))).collect();
    for (id, expect, outcome) in &outcomes {
        println!("{id:45} {:40} {outcome:?}", expect.split(" (").next().unwrap());
    }
    for (id, expect, outcome) in &outcomes {
        match outcome {
            Outcome::Verified => assert_eq!(*expect, "valid", "{id}"),
            Outcome::Refused(_) => assert_ne!(*expect, "valid", "{id}"),
            Outcome::Excused(_) => assert_eq!(*id, "cookbook/jws/4_7.protecting_content_only"),
        }
    }
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|(_, _, outcome)| wanted(outcome)).count();
    let (verified, excused) = (count(|o| *o == Outcome::Verified), count(|o| matches!(o, Outcome::Excused(_))));
    println!("{verified} verified, {excused} excused, {} refused as they must be", outcomes.len() - verified - excused);
    assert!(verified >= 11 && excused <= 1, "verified {verified}, excused {excused}");
}

#[test]
fn verifies_detached_content_once_it_is_put_back() {
    let Some(vectors) = portcullis_suites::rows("jose-cookbook/jws_vectors.jsonl") else { return };
    let vector = vectors.iter().find(|vector| text(vector, "id").contains("4_5.")).unwrap();
    let payload = text(vector, "payload");
    let attached = text(vector, "compact").replace("..", &format!(".{}.", URL_SAFE_NO_PAD.encode(payload)));
    assert_eq!(verified(&attached, &vector["key"]), Ok(payload.as_bytes().to_vec()));
}

fn outcome(vector: &Value) -> Outcome {
    let tokens = tokens(vector);
    if tokens.is_empty() {
        return Outcome::Excused("no protected `alg`: it has no compact serialization");
    }
    for token in tokens {
        match verified(&token, &vector["key"]) {
            Ok(payload) => assert_eq!(payload, text(vector, "payload").as_bytes()),
            Err(error) => return Outcome::Refused(error),
        }
    }
    Outcome::Verified
}

fn verified(token: &str, keys: &Value) -> Result<Vec<u8>, TokenError> {
    let jwks = if keys["keys"].is_array() { keys.clone() } else { json!({"keys": [keys]}) };
    let jwks = if keys.is_null() { json!({"keys": [secret()]}) } else { jwks };
    let parsed = KeySet::parse(jwks.to_string().as_bytes(), SymmetricKeys::Accept).unwrap();
    assert_eq!(parsed.skipped, []);
    let all: Algorithms = Algorithm::ALL.into_iter().collect();
    verify_payload(token.as_bytes(), &parsed.keys, all, &NoNative)
}

/// The vector's compact serialization, or one per signature of its JSON serialization where `alg` is protected (in 4.8 two of three).
fn tokens(vector: &Value) -> Vec<String> {
    if let Some(compact) = vector["compact"].as_str() {
        return vec![compact.to_owned()];
    }
    let json = &vector["json"];
    let signatures = json["signatures"].as_array().unwrap().iter();
    let protected = signatures.filter(|signature| {
        let header = signature["protected"].as_str().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok()).unwrap_or_default();
        serde_json::from_slice::<Value>(&header).is_ok_and(|header| header["alg"].is_string())
    });
    protected.map(|one| format!("{}.{}.{}", text(one, "protected"), text(json, "payload"), text(one, "signature"))).collect()
}

fn secret() -> Value {
    json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode([7; 64])})
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}
