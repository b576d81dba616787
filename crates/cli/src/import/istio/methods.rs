//! `methods`: exactly as they are written.

use portcullis_config::Scalar;
use portcullis_http::Method;

use super::cel::Cel;
use super::context::{Context, placed};
use super::pattern::{Pattern, matching};
use super::resource::At;

const METHOD: &str = "request.method";

/// What is told wherever a policy looks at methods.
const ONE_METHOD: &str = "a request with `x-http-method-override` or the like is refused with 400: its upstream may do another method \
    than the one that is judged. `method_override: ignore` says that none reads it";

/// That the method is one of `values`.
pub(super) fn condition(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    matching(METHOD, &known(values, at), &Cel::Always)
}

/// The same as `match.methods`, where it can be said there: exact methods that a request can have.
pub(super) fn templates(values: &[String], at: &At<'_>) -> Option<Vec<String>> {
    let exact = |pattern: Pattern<'_>| match pattern {
        Pattern::Exact(name) => Some(name.to_owned()),
        _ => None,
    };
    known(values, at).into_iter().map(exact).collect::<Option<Vec<_>>>().filter(|methods| !methods.is_empty())
}

/// The patterns that a method which passes can have: in capital letters.
fn known<'v>(values: &'v [String], at: &At<'_>) -> Vec<Pattern<'v>> {
    at.differs_everywhere(ONE_METHOD);
    let possible = |(value, at): (&'v str, At<'_>)| {
        let pattern = Pattern::of(value, &at);
        let literal = pattern.literal();
        let passes =
            literal.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
        match pattern {
            Pattern::Exact(name) if passes && Method::parse(name).is_ok() => Some(pattern),
            Pattern::Present | Pattern::Prefix(_) | Pattern::Suffix(_) if passes => Some(pattern),
            _ => {
                at.note("left out: a request whose method is not in capital letters is refused with 400, whatever policies say");
                None
            }
        }
    };
    placed(values, at).filter_map(possible).collect()
}
