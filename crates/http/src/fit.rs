//! Why a rule is for a request, or is not: for people who ask. Nothing of it is on the way of a request.

mod parting;

use serde::{Deserialize, Serialize};

use crate::{CanonicalHost, HostPattern, Match, MatchRequest, Method, PathTemplate};

/// What the `match` block of a rule makes of a request; absent is what the rule does not look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// The host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Look>,
    /// The method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Look>,
    /// The path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathLook>,
}

/// What a rule looks at, and whether it finds what it wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Whether it does.
    pub fits: bool,
    /// What the request has; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What the rule wants, one of these.
    pub expected: Vec<String>,
}

/// The same of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathLook {
    /// Whether a template covers it.
    pub fits: bool,
    /// The canonical path; absent where the request has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The rule's templates.
    pub expected: Vec<String>,
    /// The first template that covers the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What that one captures, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captures: Vec<Capture>,
    /// Where none does: the one that goes along with the path furthest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Nearest>,
}

/// A part of a path, by its name in the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The name.
    pub name: String,
    /// The part.
    pub value: String,
}

/// A template that does not cover a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// The template.
    pub template: String,
    /// Where they part.
    pub why: String,
}

impl Fit {
    /// Whether the rule is for the request.
    #[must_use]
    pub fn holds(&self) -> bool {
        let fits = |look: &Option<Look>| look.as_ref().is_none_or(|look| look.fits);
        fits(&self.host) && fits(&self.method) && self.path.as_ref().is_none_or(|path| path.fits)
    }
}

impl Match {
    /// Why the rule is for `request`, or is not.
    #[must_use]
    pub fn fit(&self, request: &MatchRequest<'_>) -> Fit {
        Fit { host: self.host_look(request), method: self.method_look(request), path: self.path_look(request) }
    }

    fn host_look(&self, request: &MatchRequest<'_>) -> Option<Look> {
        let hosts = self.hosts.as_ref()?;
        Some(Look {
            fits: hosts.iter().any(|host| host.matches(request.host.as_ref())),
            found: request.host.as_ref().map(CanonicalHost::as_str).map(str::to_owned),
            expected: hosts.iter().map(HostPattern::to_string).collect(),
        })
    }

    fn method_look(&self, request: &MatchRequest<'_>) -> Option<Look> {
        let methods = self.methods.as_ref()?;
        Some(Look {
            fits: self.has_method(request.method),
            found: Some(String::from_utf8_lossy(request.method).into_owned()),
            expected: methods.iter().map(Method::to_string).collect(),
        })
    }

    fn path_look(&self, request: &MatchRequest<'_>) -> Option<PathLook> {
        let templates = self.paths.as_ref()?;
        let template = self.template(request);
        let capture = |(name, value): (&str, &str)| Capture { name: name.to_owned(), value: value.to_owned() };
        Some(PathLook {
            fits: template.is_some(),
            found: request.path().map(str::to_owned),
            expected: templates.iter().map(PathTemplate::to_string).collect(),
            template: template.map(PathTemplate::to_string),
            captures: self.captures(request).iter().map(capture).collect(),
            nearest: request.path().filter(|_| template.is_none()).and_then(|path| parting::nearest(templates.iter(), path)),
        })
    }
}

#[cfg(test)]
mod tests;
