//! Good tokens and bad ones.

use super::super::configuration::REMEMBERED;
use super::super::keys::ROTATING;
use super::{Expected, Kind, Mint, PASSES, Pace, TIGHT, get};
use crate::{Request, Result};

/// Tokens of each kind of refusal.
const FEW: usize = 20;

/// More tokens than a worker remembers.
const MANY: usize = 3 * REMEMBERED;

/// More `kid`s than are remembered.
const STRANGERS: usize = 300;

/// Name, key, what its tokens say besides, and the reason for which each is refused.
const REFUSED: [(&str, &str, &str, &str); 10] = [
    ("an expired token", "rs256", "exp: -120", "jwt_expired"),
    ("a token of tomorrow", "es256", "nbf: 3600", "jwt_not_yet_valid"),
    ("another payload under a signature", "rs256", "tamper: payload", "jwt_signature"),
    ("a signature with a flipped bit", "es256", "tamper: signature", "jwt_signature"),
    ("another's key under our kid", "rs256_other", "header: {kid: rs256}", "jwt_signature"),
    ("alg none", "rs256", "header: {alg: none}", "jwt_algorithm"),
    ("the public key as a secret", "hs256_by_rsa_modulus", "header: {kid: rs256}", "jwt_algorithm"),
    ("another issuer's token", "rs256", "iss: https://evil.example", "jwt_issuer"),
    ("a token for another audience", "es256", "aud: payments", "jwt_audience"),
    ("a token of a wrong type", "es256", "sub: [user]", "jwt_claims"),
];

pub(super) fn kinds(mint: Mint) -> Result<Vec<Kind>> {
    let mut kinds = good(mint)?;
    for (name, key, more, reason) in REFUSED {
        let tokens = mint.tokens(key, FEW, more)?;
        kinds.push(Kind::new(name, 2, Expected::Is(401, reason), to_orders(&tokens)));
    }
    kinds.extend(without(mint)?);
    kinds.extend(unknown(mint)?);
    kinds.extend(roles(mint)?);
    Ok(kinds)
}

fn good(mint: Mint) -> Result<Vec<Kind>> {
    let rs256 = mint.tokens("rs256", 100, "roles: [reader]")?;
    let es256 = mint.tokens("es256", MANY, "roles: [reader]")?;
    let tight = mint.token("es256", "sub: user-tight, roles: [reader]")?;
    Ok(vec![
        Kind::new("RS256", 30, PASSES, to_orders(&rs256)),
        Kind::new("ES256, more than are remembered", 20, PASSES, to_orders(&es256)),
        Kind::new(TIGHT, 8, Expected::Limited, [get("/tight", &tight)]),
    ])
}

fn without(mint: Mint) -> Result<Vec<Kind>> {
    let token = mint.reader()?;
    let garbage = ["x", "a.b.c", "eyJhbGciOiJFUzI1NiJ9.e30", "eyJhbGciOiJFUzI1NiJ9.e30.=", "a.b.c.d.e"];
    let twice = get("/orders", &token).header("authorization", format!("Bearer {token}"));
    Ok(vec![
        Kind::new("no token", 2, Expected::Is(401, "jwt_missing"), [Request::get("/orders")]),
        Kind::new("garbage for a token", 2, Expected::Is(401, "jwt_malformed"), garbage.map(|token| get("/orders", token))),
        Kind::new("two tokens", 2, Expected::Is(400, "jwt_multiple_tokens"), [twice]),
    ])
}

/// Keys that are not there, and the one that comes and goes.
fn unknown(mint: Mint) -> Result<Vec<Kind>> {
    let strangers: Result<Vec<String>> =
        (0..STRANGERS).map(|number| mint.token("es256_other", &format!("header: {{kid: stranger-{number}}}"))).collect();
    let nobody = mint.tokens("es256_other", FEW, "header: {kid: nobody}")?;
    let rotating = mint.tokens(ROTATING, FEW, "roles: [reader]")?;
    let patient =
        |name, weight, expected, tokens: &[String]| Kind::new(name, weight, expected, to_orders(tokens)).at(Pace::Patient);
    Ok(vec![
        patient("an unknown kid", 4, Expected::UnknownKey, &nobody),
        patient("ever new unknown kids", 2, Expected::UnknownKey, &strangers?),
        patient("a key that comes and goes", 4, Expected::RotatingKey, &rotating),
        patient("an unknown kid, abandoned", 1, Expected::UnknownKey, &nobody).abandoned(0),
    ])
}

fn roles(mint: Mint) -> Result<Vec<Kind>> {
    let banned = mint.tokens("es256", FEW, "roles: [buyer], banned: true")?;
    let guests = mint.tokens("rs256", FEW, "roles: [guest]")?;
    let nobody = mint.tokens("rs256", FEW, "roles: 7")?;
    let elsewhere = mint.tokens("es256", FEW, "roles: [buyer]")?;
    Ok(vec![
        Kind::new("a banned user", 2, Expected::Is(403, "rbac_denied"), to_orders(&banned)),
        Kind::new("a wrong role", 2, Expected::Is(403, "rbac_no_match"), to_orders(&guests)),
        Kind::new("roles that are none", 2, Expected::Is(403, "rbac_no_match"), to_orders(&nobody)),
        Kind::new(
            "a path of no policy",
            2,
            Expected::Is(403, "rbac_no_match"),
            elsewhere.iter().map(|token| get("/admin", token)),
        ),
    ])
}

fn to_orders(tokens: &[String]) -> impl Iterator<Item = Request> {
    tokens.iter().enumerate().map(|(number, token)| get(format!("/orders/{number}"), token))
}
