//! Every kind of request, and what its answer must be.

mod bodies;
mod heads;
mod tokens;

use portcullis_cases::mint::{self, TokenSpec};

use super::keys::{Moment, Rotating};
use crate::{Error, Request, Result, wall_clock};

/// Requests that are alike.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// How many of them there are among the others of their pace.
    pub(super) weight: usize,
    pub(super) pace: Pace,
    pub(super) manner: Manner,
    /// Of each answer; several where requests are sent at once.
    pub(super) expected: Vec<Expected>,
    /// As they go over the wire, in turn.
    pub(super) requests: Vec<Vec<u8>>,
}

/// Among which others they are sent: who waits for a slow answer sends nothing meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As fast as it goes.
    Full,
    /// Some wait for keys, or for the upstream.
    Patient,
    /// The client takes its time.
    Loitering,
}

/// How they are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Whole,
    /// All but so many bytes, which follow when the other connections have had their turn.
    Halved(usize),
    /// All but so many bytes; then the client goes away.
    Abandoned(usize),
}

/// What an answer must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    /// This status, with this in its details.
    Is(u16, &'static str),
    /// As long as the limit lasts.
    Limited,
    /// Whether the key that comes and goes is there.
    RotatingKey,
    /// A key that never was.
    UnknownKey,
}

impl Expected {
    /// Whether it may be this answer, to a request that was sent at the first moment and answered at the second.
    pub(super) fn allows(self, status: u16, details: &str, sent: Moment, answered: Moment) -> bool {
        let is = |expected: u16, part: &str| status == expected && details.contains(part);
        let unknown = || is(401, "jwt_unknown_key") || (sent.away || answered.away) && is(503, "jwks_unavailable");
        match self {
            Self::Is(expected, part) => is(expected, part),
            Self::Limited => is(200, "") || is(429, "rate_limited{tight}"),
            Self::UnknownKey => unknown(),
            Self::RotatingKey => match (sent.rotating, answered.rotating) {
                (Rotating::Present, Rotating::Present) => is(200, ""),
                (Rotating::Absent, Rotating::Absent) => unknown(),
                _ => is(200, "") || unknown(),
            },
        }
    }
}

/// The name of the kind whose user has the tight limit.
pub(super) const TIGHT: &str = "a user with a tight limit";

const PASSES: Expected = Expected::Is(200, "");

/// All kinds.
///
/// # Errors
/// When a token cannot be made.
pub(super) fn all() -> Result<Vec<Kind>> {
    let mint = Mint { now: wall_clock() };
    let mut kinds = tokens::kinds(mint)?;
    kinds.extend(bodies::kinds(mint)?);
    kinds.extend(heads::kinds(mint)?);
    Ok(kinds)
}

impl Kind {
    /// Sent whole and at full speed, with one answer.
    fn new(name: &'static str, weight: usize, expected: Expected, requests: impl IntoIterator<Item = Request>) -> Self {
        let requests = requests.into_iter().map(|request| request.to_bytes()).collect();
        Self { name, weight, pace: Pace::Full, manner: Manner::Whole, expected: vec![expected], requests }
    }

    fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    fn halved(self, keep_back: usize) -> Self {
        Self { manner: Manner::Halved(keep_back), ..self }
    }

    /// There is no answer.
    fn abandoned(self, keep_back: usize) -> Self {
        Self { manner: Manner::Abandoned(keep_back), expected: Vec::new(), ..self }
    }
}

/// Makes tokens that are good for a day.
#[derive(Debug, Clone, Copy)]
struct Mint {
    now: u64,
}

impl Mint {
    /// So many tokens of `key`, each another user's, with these further claims.
    fn tokens(self, key: &str, count: usize, more: &str) -> Result<Vec<String>> {
        (0..count).map(|number| self.token(key, &format!("sub: user-{}, jti: '{number}', {more}", number % 64))).collect()
    }

    fn token(self, key: &str, spec: &str) -> Result<String> {
        let exp = if spec.contains("exp:") { "" } else { "exp: 86400, " };
        let spec = TokenSpec::parse(&format!("{exp}{spec}"));
        spec.and_then(|spec| mint::token(key, &spec, self.now)).map_err(Error::Unexpected)
    }

    /// One who may read, and one who may write as well.
    fn reader(self) -> Result<String> {
        self.token("es256", "sub: user-reader, roles: [reader]")
    }

    fn buyer(self) -> Result<String> {
        self.token("es256", "sub: user-buyer, roles: [buyer]")
    }
}

/// A request to `target` with `token`.
fn get(target: impl Into<Vec<u8>>, token: &str) -> Request {
    Request::get(target).header("authorization", format!("Bearer {token}"))
}

#[cfg(test)]
mod tests;
