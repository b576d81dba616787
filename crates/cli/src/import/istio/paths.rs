//! `paths`: exact, prefixes, suffixes and templates, on the path in its one spelling.

mod spelling;
mod template;

use portcullis_config::Scalar;
use portcullis_http::PathTemplate;

use super::cel::Cel;
use super::context::{Context, placed};
use super::pattern::{Pattern, matching};
use super::resource::At;
use template::Template;

const PATH: &str = "request.canonical_path";

/// What is told wherever a policy looks at paths.
const ONE_SPELLING: &str = "paths are judged decoded and in one spelling, and the upstream gets that spelling: dot segments resolved, \
    duplicate slashes merged, parameters behind `;` dropped; an escaped slash or backslash, an escape within an escape and control \
    characters are refused with 400. Istio resolves dot segments (BASE) and compares escapes as text";

/// The like about a second path.
const ONE_PATH: &str = "a request with `x-original-url`, `x-original-uri` or `x-rewrite-url` is refused with 400: its upstream may take \
    that path for the one that is judged. `path_override: ignore` says that none reads it";

/// One of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    Present,
    Exact(String),
    Prefix(String),
    Suffix(String),
    Template(Template),
}

/// That the path is one of `values`.
pub(super) fn condition(values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    let paths = known(values, at);
    // CONNECT has no path, and `OPTIONS *` one that is no path to us: there, this cannot be told.
    let present = if context.wider { Cel::Always } else { Cel::Call(format!("{PATH}.startsWith(\"/\")")) };
    let texts: Vec<Pattern<'_>> = paths.iter().filter_map(as_pattern).collect();
    let templates = paths.iter().filter_map(|path| match path {
        Path::Template(template) => Some(template.condition(PATH)),
        _ => None,
    });
    Cel::any([matching(PATH, &texts, &present)].into_iter().chain(templates))
}

/// The same as `match.paths`, where it can be said there.
pub(super) fn templates(values: &[String], context: &Context<'_>, at: &At<'_>) -> Option<Vec<String>> {
    let paths = known(values, at);
    let whole = |prefix: &str| {
        let bare = prefix.strip_suffix('/').filter(|bare| !bare.contains(['{', '}']))?;
        let covered = bare.is_empty() || paths.contains(&Path::Exact(bare.to_owned()));
        covered.then(|| format!("{bare}/{{*rest}}"))
    };
    let is_within = |name: &str| paths.contains(&Path::Prefix(format!("{name}/")));
    let mut templates = Vec::new();
    for path in &paths {
        let template = match path {
            Path::Present if context.wider => return None,
            Path::Present => "/{*rest}".to_owned(),
            // Said with what is below it.
            Path::Exact(name) if is_within(name) => continue,
            Path::Exact(name) => Some(name.clone()).filter(|name| !name.contains(['{', '}']))?,
            Path::Prefix(prefix) => whole(prefix)?,
            Path::Suffix(_) => return None,
            Path::Template(template) => template.as_match()?,
        };
        PathTemplate::parse(&template).ok()?;
        templates.push(template);
    }
    Some(templates).filter(|templates| !templates.is_empty())
}

fn as_pattern(path: &Path) -> Option<Pattern<'_>> {
    match path {
        Path::Present => Some(Pattern::Present),
        Path::Exact(text) => Some(Pattern::Exact(text)),
        Path::Prefix(text) => Some(Pattern::Prefix(text)),
        Path::Suffix(text) => Some(Pattern::Suffix(text)),
        Path::Template(_) => None,
    }
}

fn known(values: &[String], at: &At<'_>) -> Vec<Path> {
    at.differs_everywhere(ONE_SPELLING);
    at.differs_everywhere(ONE_PATH);
    placed(values, at).filter_map(|(value, at)| one(value, &at).map_err(|why| at.refuse(why)).ok()).collect()
}

fn one(value: &str, at: &At<'_>) -> Result<Path, String> {
    if value.contains("{*}") || value.contains("{**}") {
        return template(value, at);
    }
    if value.contains(['{', '}']) {
        at.note("braces are characters like any other to Istio, but for `{*}` and `{**}`");
    }
    match Pattern::of(value, at) {
        Pattern::Present => Ok(Path::Present),
        Pattern::Exact(text) => spelling::exact(text).map(Path::Exact),
        Pattern::Prefix(text) => spelling::prefix(text).map(Path::Prefix),
        Pattern::Suffix(text) => spelling::suffix(text).map(Path::Suffix),
    }
}

fn template(value: &str, at: &At<'_>) -> Result<Path, String> {
    let template = Template::parse(value)?;
    if let Some(prefix) = template.as_prefix() {
        return Ok(Path::Prefix(prefix));
    }
    if let Some(empty) = template.empty_rest() {
        at.differs(format!(
            "`{{**}}` may be empty: `{}` matches as to Istio, and the upstream gets `{}`",
            empty.received, empty.forwarded
        ));
    }
    Ok(Path::Template(template))
}
