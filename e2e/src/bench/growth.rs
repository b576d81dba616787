//! How costs grow.

use portcullis_cases::mint::{self, TokenSpec};
use serde_json::{Map, Value, json};

use super::Variant;
use super::chain::{self, CALLERS};
use super::rate_limit::{KEY, client, limit, native_limits, native_per_client, request};
use super::sections::Subjects;
use super::tokens::{self, Tokens, bearing};
use super::{Ground, Group};
use crate::bootstrap::type_url;
use crate::wall_clock;

pub(super) const PROVIDERS: &str = "A known token of the last of so many providers, any of which would do.";
pub(super) const LIMITS: &str = "So many limits by client, all of which a request is charged with.";
pub(super) const CLIENTS: &str = "One limit for each of so many clients; all of them have been seen before anything is measured.";
pub(super) const HEADERS: &str = "The chain with 10 rules, and so many headers in each request.";
pub(super) const CLAIMS: &str = "RS256, no cache: tokens with longer and longer claims.";
pub(super) const WORKERS: &str = "The chain with 10 rules: what a request costs when several workers share what limits count. The machine's cores are the limit of what there is to see.";

const COUNTS: [usize; 3] = [1, 10, 100];

/// Two lines of a chart: what `variants` makes of each point, natively and ours.
fn lines<const N: usize>(points: [usize; N], variants: impl Fn(usize) -> [Variant; 2]) -> Vec<Group> {
    let beside = |x: usize| {
        let [native, own] = variants(x);
        let (peer, lines) = (native.name.clone(), [native.name.clone(), own.name.clone()]);
        let [native_line, own_line] = lines.map(|name| name.rsplit_once(", ").map_or(name.clone(), |(line, _)| line.to_owned()));
        [native.at(&native_line, x), own.beside(&peer).at(&own_line, x)]
    };
    vec![Group { variants: points.into_iter().flat_map(beside).collect(), ..Group::default() }]
}

pub(super) fn providers(subjects: &Subjects) -> Vec<Group> {
    lines(COUNTS, |count| {
        let issuer = |number: usize| format!("{}/{number}", subjects.tokens.issuer);
        let tokens = minted(&format!("iss: '{}'", issuer(count - 1)));
        let requests: Vec<_> = tokens.iter().map(|token| bearing(token)).collect();
        let issuers: Vec<String> = (0..count).map(issuer).collect();
        let own = format!("jwt-auth, {count} providers");
        let filter = subjects.plugin(&own, "jwt_auth", &ours_of(&issuers, &subjects.tokens));
        [
            Variant::new(
                format!("native jwt_authn, {count} providers"),
                vec![native_of(&issuers, &subjects.tokens)],
                requests.clone(),
            ),
            Variant::new(own, vec![filter], requests),
        ]
    })
}

fn ours_of(issuers: &[String], tokens: &Tokens) -> Value {
    let provider = |(number, issuer): (usize, &String)| {
        (format!("p{number}"), json!({ "issuer": issuer, "local_jwks": { "inline_string": tokens.jwks }, "forward": true }))
    };
    json!({ "version": 1, "providers": issuers.iter().enumerate().map(provider).collect::<Map<_, _>>() })
}

fn native_of(issuers: &[String], tokens: &Tokens) -> Value {
    let provider = |(number, issuer): (usize, &String)| {
        let local = json!({ "inline_string": tokens.jwks });
        (
            format!("p{number}"),
            json!({ "issuer": issuer, "local_jwks": local, "forward": true, "jwt_cache_config": { "jwt_cache_size": 1000 } }),
        )
    };
    let names = (0..issuers.len()).map(|number| json!({ "provider_name": format!("p{number}") }));
    let requires = if issuers.len() == 1 {
        json!({ "provider_name": "p0" })
    } else {
        json!({ "requires_any": { "requirements": names.collect::<Value>() } })
    };
    json!({ "name": "jwt_authn", "typed_config": {
        "@type": type_url("filters.http.jwt_authn.v3.JwtAuthentication"),
        "providers": issuers.iter().enumerate().map(provider).collect::<Map<_, _>>(),
        "rules": [{ "match": { "prefix": "/" }, "requires": requires }],
    } })
}

pub(super) fn limits(subjects: &Subjects) -> Vec<Group> {
    let requests: Vec<_> = (0..CALLERS).map(|number| request(&client(number))).collect();
    lines(COUNTS, |count| {
        let own = format!("rate-limit, {count} limits");
        let limits: Value = (0..count).map(|number| limit(&format!("limit-{number}"), json!({ "key": [KEY] }))).collect();
        let filter = subjects.plugin(&own, "rate_limit", &json!({ "version": 1, "limits": limits }));
        [
            Variant::new(
                format!("native local_ratelimit, {count} limits"),
                vec![native_limits(count, 10 * CALLERS)],
                requests.clone(),
            ),
            Variant::new(own, vec![filter], requests.clone()),
        ]
    })
}

/// More than the default of keys that a limit has room for.
const MOST_CLIENTS: usize = 1_000_000;

pub(super) fn clients(subjects: &Subjects) -> Vec<Group> {
    lines([1, 1_000, 30_000, MOST_CLIENTS], |count| {
        let requests: Vec<_> = (0..count).map(|number| request(&client(number))).collect();
        let own = format!("rate-limit, {count} clients");
        // Twice as many places as there are keys: places are found by a hash, and few may be full.
        let room = limit(&format!("limit-{count}"), json!({ "key": [KEY], "max_keys": (2 * count).max(65_536) }));
        let filter = subjects.plugin(&own, "rate_limit", &json!({ "version": 1, "limits": [room] }));
        [
            Variant::new(
                format!("native local_ratelimit, {count} clients"),
                vec![native_per_client(count.max(10))],
                requests.clone(),
            ),
            Variant::new(own, vec![filter], requests),
        ]
        .map(|variant| Variant { all_seen: true, ..variant })
    })
}

pub(super) fn headers(subjects: &Subjects) -> Vec<Group> {
    // Envoy takes 100, and the request has five by itself.
    lines([5, 20, 50, 95], |count| {
        let more: Vec<_> =
            (5..count).map(|number| (format!("x-header-{number}"), format!("a value of usual length, {number}"))).collect();
        beside(subjects, &format!("{count} headers"), chain::requests(subjects, 10, &more))
    })
}

/// The native chain and the bundle, with 10 rules.
fn beside(subjects: &Subjects, what: &str, requests: Vec<Vec<u8>>) -> [Variant; 2] {
    let own = format!("bundle, {what}");
    let filter = chain::bundle(subjects, &own, 10);
    [
        Variant::new(format!("native chain, {what}"), chain::native_chain(subjects, 10), requests.clone()),
        Variant::new(own, vec![filter], requests),
    ]
}

pub(super) fn claims(subjects: &Subjects) -> Vec<Group> {
    lines([200, 1_000, 2_000, 4_000, 8_000], |bytes| {
        let tokens = minted(&format!("note: '{}'", "n".repeat(bytes)));
        let requests: Vec<_> = tokens.iter().map(|token| bearing(token)).collect();
        let own = format!("jwt-auth, {bytes} bytes of claims");
        let filter = subjects.plugin(&own, "jwt_auth", &tokens::jwt_auth(&subjects.tokens, 0));
        let native = tokens::native(&subjects.tokens, false);
        [
            Variant::new(format!("native jwt_authn, {bytes} bytes of claims"), vec![native], requests.clone()),
            Variant::new(own, vec![filter], requests),
        ]
    })
}

/// Fewer tokens than a cache holds.
fn minted(claims: &str) -> Vec<String> {
    let now = wall_clock();
    let token = |number| mint::token("rs256", &TokenSpec::parse(&format!("exp: 86400, jti: token-{number}, {claims}"))?, now);
    (0..CALLERS).map(token).collect::<Result<_, _>>().unwrap_or_default()
}

pub(super) fn workers(subjects: &Subjects) -> Vec<Group> {
    let requests = chain::requests(subjects, 10, &[]);
    let of = |workers: u32| {
        let group = lines([workers as usize], |count| beside(subjects, &format!("{count} workers"), requests.clone()));
        group.into_iter().map(move |group| Group { ground: Ground { workers, ..Ground::default() }, ..group })
    };
    [1, 2, 4].into_iter().flat_map(of).collect()
}
