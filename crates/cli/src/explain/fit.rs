//! Why a rule is for a request, or is not, for people.

use portcullis_http::{Fit, Look, PathLook};

use super::outline::Node;

/// What a rule that is for the request goes by: `method GET, path /orders/{id} with id = "7"`; `None` for a rule for every request.
pub(super) fn found(fit: &Fit) -> Option<Node> {
    let look = |name: &str, look: &Option<Look>| Some(format!("{name} {}", look.as_ref()?.found.as_deref().unwrap_or("none")));
    let parts = [look("host", &fit.host), look("method", &fit.method), fit.path.as_ref().and_then(found_path)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| Node::plain(format!("for {}", parts.join(", "))))
}

fn found_path(path: &PathLook) -> Option<String> {
    let captures: Vec<String> = path.captures.iter().map(|it| format!("{} = {:?}", it.name, it.value)).collect();
    let with = if captures.is_empty() { String::new() } else { format!(" with {}", captures.join(", ")) };
    Some(format!("path {}{with}", path.template.as_deref()?))
}

/// What a rule that is not for the request misses: `method GET, expected PUT`.
pub(super) fn missed(fit: &Fit) -> String {
    let look = |name: &str, look: &Option<Look>| {
        let look = look.as_ref().filter(|look| !look.fits)?;
        Some(format!("{name} {}, expected {}", look.found.as_deref().unwrap_or("none"), alternatives(&look.expected)))
    };
    let path = fit.path.as_ref().filter(|path| !path.fits).map(missed_path);
    [look("host", &fit.host), look("method", &fit.method), path].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn missed_path(path: &PathLook) -> String {
    let expected = format!("path {}, expected {}", path.found.as_deref().unwrap_or("none"), alternatives(&path.expected));
    match (&path.nearest, path.expected.as_slice()) {
        (Some(near), [_]) => format!("{expected}: {}", near.why),
        (Some(near), _) => format!("{expected}; nearest is {}: {}", near.template, near.why),
        (None, _) => expected,
    }
}

/// How much of the match a rule misses: those that miss least are nearest.
pub(super) fn distance(fit: &Fit) -> usize {
    let missed = |look: &Option<Look>| usize::from(look.as_ref().is_some_and(|look| !look.fits));
    missed(&fit.method) + 2 * usize::from(fit.path.as_ref().is_some_and(|path| !path.fits)) + 2 * missed(&fit.host)
}

fn alternatives(words: &[String]) -> String {
    match words {
        [several @ .., last] if !several.is_empty() => format!("{} or {last}", several.join(", ")),
        words => words.join(", "),
    }
}
