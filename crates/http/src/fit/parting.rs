//! Where a path leaves a template.

use super::Nearest;
use crate::PathTemplate;
use crate::template::{Segment, next_segment};

/// Of `templates`, none of which covers `path`, the first of those that go along with it furthest; `None` where none begins as it
/// does, or about so.
pub(super) fn nearest<'t>(templates: impl Iterator<Item = &'t PathTemplate>, path: &str) -> Option<Nearest> {
    let partings = templates.filter_map(|template| Some((template, parting(template, path)?)));
    let near = partings.filter(|(template, parting)| parting.after > 0 || begins_alike(template, path));
    let furthest = near.reduce(|best, other| if other.1.after > best.1.after { other } else { best });
    furthest.map(|(template, parting)| Nearest { template: template.to_string(), why: parting.why })
}

/// Whether the first name is the template's but for a slip.
fn begins_alike(template: &PathTemplate, path: &str) -> bool {
    let found = path.strip_prefix('/').map(next_segment).map(|(found, _)| found);
    match (template.segments().first(), found) {
        (Some(Segment::Literal(text)), Some(found)) => portcullis_config::nearest(found, [text.as_str()]).is_some(),
        _ => false,
    }
}

struct Parting {
    /// So many segments are alike.
    after: usize,
    why: String,
}

/// `None` where they never part.
fn parting(template: &PathTemplate, path: &str) -> Option<Parting> {
    let mut rest = path.strip_prefix('/');
    for (after, segment) in template.segments().iter().enumerate() {
        if let Segment::Rest(_) = segment {
            return None;
        }
        let (found, others) = match rest.map(next_segment) {
            Some((found, others)) => (Some(found), others),
            None => (None, None),
        };
        if let Some(why) = differs(segment, found) {
            return Some(Parting { after, why });
        }
        rest = others;
    }
    let why = match rest? {
        "" => "the path has a slash at its end".to_owned(),
        more => format!("the path goes on with `/{more}`"),
    };
    Some(Parting { after: template.segments().len(), why })
}

/// Why `found` is not what the template has there.
fn differs(segment: &Segment, found: Option<&str>) -> Option<String> {
    match (segment, found) {
        (Segment::Rest(_), _) => None,
        (Segment::Literal(text), Some(found)) if text == found => None,
        (Segment::Capture(_), Some(found)) if !found.is_empty() => None,
        (Segment::Literal(text), _) if text.is_empty() => Some("the path has no slash at its end".to_owned()),
        (Segment::Literal(text), Some(found)) if !found.is_empty() => Some(format!("`{found}` is not `{text}`")),
        (Segment::Literal(text), _) => Some(format!("the path ends before `{text}`")),
        (Segment::Capture(name), _) => Some(format!("the path ends before `{{{name}}}`")),
    }
}
