//! All rules that are for a request, without trying each.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::host_pattern::Hosts;
use crate::{CanonicalHost, Captures, InvalidHost, Match, MatchRequest, PathTemplate};

use self::tree::PathTree;

mod tree;

/// Rules by host, then by path. What a request costs depends on its own host and path and on how many rules are for them, not on
/// how many rules there are.
///
/// A rule is entered once for each pair of its hosts and paths. The depth of a lookup is that of the deepest template (at most
/// 64 segments), whatever the request's path; its breadth is the number of templates that share the path's beginning.
#[derive(Debug, Clone, Default)]
pub struct RuleIndex {
    rules: Vec<Match>,
    any_host: PathTree,
    exact: ByName<PathTree>,
    below: ByName<PathTree>,
    /// Whether something beside the rules looks at the request's host.
    hosts_matter: bool,
}

/// Keys come from the configuration, never from clients: a fixed hash is enough, and needs no randomness from the host.
pub(crate) type ByName<V> = HashMap<String, V, FixedState>;

/// A rule that is for the request.
#[derive(Debug, Clone, Copy)]
pub struct RuleMatch<'a> {
    /// The rule's place in the configured order.
    pub rule: usize,
    matched: &'a Match,
    request: &'a MatchRequest<'a>,
}

impl RuleIndex {
    /// From the `match` blocks of all rules, in configured order.
    pub fn new(rules: impl IntoIterator<Item = Match>) -> Self {
        let mut index = Self { rules: rules.into_iter().collect(), ..Self::default() };
        for (id, rule) in index.rules.iter().enumerate() {
            let Some(hosts) = &rule.hosts else {
                index.any_host.insert(id, rule);
                continue;
            };
            for host in hosts {
                match &host.0 {
                    Hosts::Any => index.any_host.insert(id, rule),
                    Hosts::Exact(name) => index.exact.entry(name.clone()).or_default().insert(id, rule),
                    Hosts::Below(domain) => index.below.entry(domain.clone()).or_default().insert(id, rule),
                }
            }
        }
        index
    }

    /// The same rules, where something beside them may look at the request's host: a condition.
    #[must_use]
    pub fn looking_at_hosts(mut self, too: bool) -> Self {
        self.hosts_matter |= too;
        self
    }

    /// Whether any rule, or something beside the rules, looks at the request's host.
    #[must_use]
    pub fn looks_at_hosts(&self) -> bool {
        self.hosts_matter || !self.exact.is_empty() || !self.below.is_empty()
    }

    /// Why rules about hosts cannot judge `request`: its authority has a port, which Envoy's own routes do not overlook.
    #[must_use]
    pub fn host_ambiguity(&self, request: &MatchRequest<'_>) -> Option<InvalidHost> {
        let port = request.host.as_ref().and_then(CanonicalHost::port);
        (port.is_some() && self.looks_at_hosts()).then_some(InvalidHost::Port)
    }

    /// The `match` blocks, in configured order.
    #[must_use]
    pub fn rules(&self) -> &[Match] {
        &self.rules
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// **All** rules that are for `request`, in configured order.
    pub fn matches<'a>(&'a self, request: &'a MatchRequest<'a>) -> impl Iterator<Item = RuleMatch<'a>> {
        let found = self.find(request).into_iter();
        found.filter_map(move |rule| self.rules.get(rule).map(|matched| RuleMatch { rule, matched, request }))
    }

    /// The first rule that is for `request`.
    #[must_use]
    pub fn first<'a>(&'a self, request: &'a MatchRequest<'a>) -> Option<RuleMatch<'a>> {
        self.matches(request).next()
    }

    fn find(&self, request: &MatchRequest<'_>) -> Vec<usize> {
        let path = request.path();
        let mut found = Vec::new();
        self.any_host.collect(path, &mut found);
        if let Some(host) = &request.host {
            for tree in self.trees_of(host.as_str()) {
                tree.collect(path, &mut found);
            }
        }
        found.retain(|rule| self.rules.get(*rule).is_some_and(|rule| rule.has_method(request.method)));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The rules for exactly `host`, and for what is below each of its parent domains.
    fn trees_of<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a PathTree> {
        let parents = host.match_indices('.').filter_map(|(dot, _)| host.get(dot + 1..));
        self.exact.get(host).into_iter().chain(parents.filter_map(|parent| self.below.get(parent)))
    }
}

impl<'a> RuleMatch<'a> {
    /// What the template that covers the path captures, worked out now; the first template that does, where several do.
    #[must_use]
    pub fn captures(&self) -> Captures<'a> {
        self.matched.captures(self.request)
    }

    /// The template that covers the path; `None` for a rule without paths.
    #[must_use]
    pub fn template(&self) -> Option<&'a PathTemplate> {
        self.matched.template(self.request)
    }
}

#[cfg(test)]
mod tests;
