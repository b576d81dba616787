//! The `match` block: which requests a rule is for.

use std::collections::BTreeSet;

use portcullis_config::NonEmpty;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Captures, HostPattern, MatchRequest, Method, PathTemplate};

/// Which requests a rule is for: all fields that are there must match, each by at least one of its values. Without any field it
/// is for every request. An empty list is refused: it reads as "any" to one person and as "none" to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The hosts: `api.example.com`, `*.example.com` (every depth below it) or `*`. A request whose authority has a port is
    /// refused where rules look at hosts: Envoy's `strip_any_host_port` takes it away. Absent: any host.
    #[serde(default)]
    pub hosts: Option<NonEmpty<HostPattern>>,
    /// The methods, in upper case. Absent: any method.
    #[serde(default)]
    pub methods: Option<NonEmpty<Method>>,
    /// The paths, as templates on the canonical path: `/orders/{id}` (one segment), `/static/{*rest}` (also `/static` itself);
    /// otherwise a trailing slash counts. Absent: any path, and requests without one (CONNECT, `OPTIONS *`).
    #[serde(default)]
    pub paths: Option<NonEmpty<PathTemplate>>,
}

impl Match {
    /// Whether the rule is for `request`. For many rules use a [`RuleIndex`](crate::RuleIndex).
    #[must_use]
    pub fn matches(&self, request: &MatchRequest<'_>) -> bool {
        let host = self.hosts.as_ref().is_none_or(|hosts| hosts.iter().any(|host| host.matches(request.host.as_ref())));
        host && self.has_method(request.method) && (self.paths.is_none() || self.template(request).is_some())
    }

    /// What the first of its templates that covers the request's path captures; nothing without paths.
    #[must_use]
    pub fn captures<'a>(&'a self, request: &'a MatchRequest<'_>) -> Captures<'a> {
        let captures = self.template(request).zip(request.target.path()).and_then(|(template, path)| template.captures(path));
        captures.unwrap_or_default()
    }

    /// The names that every one of its templates captures, in alphabetical order.
    #[must_use]
    pub fn capture_names(&self) -> Vec<String> {
        let captured = |template: &PathTemplate| -> BTreeSet<String> { template.capture_names().map(str::to_owned).collect() };
        let names = self.paths.iter().flatten().map(captured).reduce(|common, names| &common & &names);
        names.unwrap_or_default().into_iter().collect()
    }

    /// The first of its templates that covers the request's path.
    #[must_use]
    pub fn template(&self, request: &MatchRequest<'_>) -> Option<&PathTemplate> {
        let path = request.target.path()?;
        self.paths.as_ref()?.iter().find(|template| template.matches(path))
    }

    pub(crate) fn has_method(&self, method: &[u8]) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.iter().any(|allowed| allowed.as_str().as_bytes() == method))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_not_every_template_captures_is_none() {
        let names = |paths: &[&str]| {
            let matches = serde_json::from_value::<Match>(serde_json::json!({ "paths": paths }));
            matches.map(|matches| matches.capture_names()).unwrap()
        };
        assert_eq!(names(&["/{b}/{a}"]), ["a", "b"]);
        assert_eq!(names(&["/{b}/{a}", "/x/{a}/{*rest}"]), ["a"]);
        assert!(names(&["/{a}", "/b"]).is_empty());
        assert!(Match::default().capture_names().is_empty());
    }
}
