//! What the verified token says: `requestPrincipals` and `request.auth.*`.

use std::collections::{BTreeMap, BTreeSet};

use super::cel::Cel;
use super::context::{Context, placed};
use super::options::Identity;
use super::pattern::{Pattern, literal, matching, not_empty};
use super::resource::At;
use super::wire::JwtRule;

const ISSUER: &str = "jwt.issuer";
const SUBJECT: &str = "jwt.subject";

/// The claims whose text is a list, separated by blanks: by name, with the issuers for whose tokens that is so.
#[derive(Debug, Default)]
pub(super) struct Delimited {
    of_some: BTreeMap<String, BTreeSet<String>>,
    issuers: BTreeSet<String>,
}

impl Delimited {
    /// What the rules say, where we verify tokens: Istio leaves lists by itself.
    pub(super) fn of(rules: &[JwtRule], identity: Identity) -> Self {
        let mut delimited = Self::default();
        if identity == Identity::Istio {
            return delimited;
        }
        for rule in rules {
            delimited.issuers.insert(rule.issuer.clone());
            for claim in rule.space_delimited_claims.iter().flatten() {
                delimited.of_some.entry(claim.clone()).or_default().insert(rule.issuer.clone());
            }
        }
        delimited
    }

    /// When the text of `claim` is a list.
    fn condition(&self, claim: &str) -> Cel {
        if matches!(claim, "scope" | "permission") {
            return Cel::Always;
        }
        match self.of_some.get(claim) {
            None => Cel::Never,
            Some(issuers) if *issuers == self.issuers => Cel::Always,
            Some(issuers) => {
                let issuers = issuers.iter().map(|issuer| literal(issuer)).collect();
                Cel::all([Cel::Call(format!("has({ISSUER})")), Cel::one_of(ISSUER, issuers)])
            }
        }
    }
}

/// `request.auth.principal`, `requestPrincipals`: issuer and subject with a slash between.
pub(super) fn request_principals(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    let of = |(value, at): (&str, At<'_>)| {
        let (issuer, subject) = issuer_and_subject(value);
        let never = matches!((issuer, subject), (Pattern::Exact(issuer), _) if issuer.ends_with(":/"));
        if never || subject == Pattern::Exact("") {
            at.note("to Istio the last `/` parts issuer and subject: no token is like this");
        }
        Cel::all([one(ISSUER, issuer), one(SUBJECT, subject)])
    };
    Cel::any(placed(values, at).map(of).collect::<Vec<_>>())
}

/// As Istio parts a request principal. A wildcard at one end leaves the other part alone.
fn issuer_and_subject(value: &str) -> (Pattern<'_>, Pattern<'_>) {
    if value == "*" {
        return (Pattern::Present, Pattern::Present);
    }
    let parts = value.rsplit_once('/');
    let wild_start = |text| Pattern::from(text);
    match (value.starts_with('*'), value.ends_with('*'), parts) {
        (true, _, Some((issuer, subject))) => (wild_start(issuer), Pattern::Exact(subject)),
        (true, _, None) => (Pattern::Present, wild_start(value)),
        (false, true, Some((issuer, subject))) => (Pattern::Exact(issuer), ending(subject)),
        (false, true, None) => (ending(value), Pattern::Present),
        (false, false, Some((issuer, subject))) => (Pattern::Exact(issuer), Pattern::Exact(subject)),
        (false, false, None) => (Pattern::Exact(value), Pattern::Exact("")),
    }
}

/// `*` or `abc*`: only the end counts.
fn ending(text: &str) -> Pattern<'_> {
    match text.strip_suffix('*') {
        Some("") => Pattern::Present,
        Some(prefix) => Pattern::Prefix(prefix),
        None => Pattern::Exact(text),
    }
}

fn one(subject: &str, pattern: Pattern<'_>) -> Cel {
    Cel::all([Cel::Call(format!("has({subject})")), matching(subject, &[pattern], &not_empty(subject))])
}

/// `request.auth.audiences`
pub(super) fn audiences(values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    claim(&["aud"], values, context, at)
}

/// `request.auth.presenter`
pub(super) fn presenters(values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    claim(&["azp"], values, context, at)
}

/// `request.auth.claims[a][b]`: the claim is a text, or a list with such a text.
pub(super) fn claim(path: &[&str], values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    let (guards, claim) = reached(path);
    let patterns: Vec<Pattern<'_>> = placed(values, at).map(|(value, at)| Pattern::of(value, &at)).collect();
    let delimited = match path {
        [name] => context.delimited.condition(name),
        _ => Cel::Never,
    };
    Cel::all(guards.into_iter().chain([one_is(&listed(&claim, &delimited), &patterns)]))
}

/// That an element of `list` is like one of `patterns`.
fn one_is(list: &str, patterns: &[Pattern<'_>]) -> Cel {
    if let [Pattern::Exact(text)] = patterns {
        return Cel::In(literal(text), list.to_owned());
    }
    let exact = patterns.iter().all(|pattern| matches!(pattern, Pattern::Exact(_)));
    let is_text = if exact { Cel::Always } else { Cel::Equals("type(v)".to_owned(), "string".to_owned()) };
    let test = Cel::all([is_text, matching("v", patterns, &not_empty("v"))]);
    Cel::Call(format!("{list}.exists(v, {test})"))
}

/// The claim as a list: its elements, its words, or itself alone.
fn listed(claim: &str, delimited: &Cel) -> String {
    let elements = format!("[{claim}].flatten()");
    if *delimited == Cel::Never {
        return elements;
    }
    let is_text = Cel::all([delimited.clone(), Cel::Equals(format!("type({claim})"), "string".to_owned())]);
    format!("({is_text} ? {claim}.split(\" \") : {elements})")
}

/// What must be there for the claim to be read, and how it is read.
fn reached(path: &[&str]) -> (Vec<Cel>, String) {
    let mut reached = "jwt.claims".to_owned();
    let mut guards = vec![Cel::Call(format!("has({reached})"))];
    for (depth, name) in path.iter().enumerate() {
        if depth > 0 {
            guards.push(Cel::Equals(format!("type({reached})"), "map".to_owned()));
        }
        let (guard, next) = if is_field(name) {
            (Cel::Call(format!("has({reached}.{name})")), format!("{reached}.{name}"))
        } else {
            (Cel::In(literal(name), reached.clone()), format!("{reached}[{}]", literal(name)))
        };
        guards.push(guard);
        reached = next;
    }
    (guards, reached)
}

/// Whether it can be written after a dot.
fn is_field(name: &str) -> bool {
    const RESERVED: [&str; 21] = [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    starts && name.bytes().all(word) && !RESERVED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_slash_parts_issuer_and_subject() {
        use Pattern::{Exact, Prefix, Present, Suffix};
        for (value, expected) in [
            ("*", (Present, Present)),
            ("https://id/a", (Exact("https://id"), Exact("a"))),
            ("https://id/*", (Exact("https://id"), Present)),
            ("https://id/a*", (Exact("https://id"), Prefix("a"))),
            ("https://id*", (Exact("https:/"), Prefix("id"))),
            ("*/a", (Present, Exact("a"))),
            ("*.id/a", (Suffix(".id"), Exact("a"))),
            ("*/*", (Present, Exact("*"))),
            ("*a", (Present, Suffix("a"))),
            ("a*", (Prefix("a"), Present)),
            ("a", (Exact("a"), Exact(""))),
        ] {
            assert_eq!(issuer_and_subject(value), expected, "{value}");
        }
    }
}
