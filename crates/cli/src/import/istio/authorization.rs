//! AuthorizationPolicy, as a policy for rbac.

use super::cel::Cel;
use super::claims::Delimited;
use super::context::Context;
use super::names::Names;
use super::operation::Matched;
use super::options::{Identity, Options};
use super::report::Report;
use super::resource::{At, Resource};
use super::rule;
use super::target;
use super::wire::{Action, AuthorizationPolicy};
use super::yaml::{Yaml, flow};

/// What Istio holds to its policies and we do not.
const HTTP_ONLY: &str = "only HTTP is judged; Istio holds TCP connections to these policies too, and a DENY that names something of HTTP \
    denies them all";

const AUDITED: &str =
    "an AUDIT writes a decision record for each request that it matches; Istio leaves that to a plugin of its own";

/// So many policies are named in a description.
const TITLES_MAX: usize = 4;

/// What is written for one AuthorizationPolicy.
struct Section {
    comment: String,
    /// Whether it makes what no policy allows refused.
    closes: bool,
    policies: Vec<Policy>,
}

/// One of rbac's policies.
struct Policy {
    comment: String,
    name: String,
    action: &'static str,
    shadow: bool,
    matched: Matched,
    condition: Cel,
}

/// What all of them are translated with.
struct Import<'a> {
    delimited: &'a Delimited,
    options: &'a Options,
    report: &'a Report,
    names: Names,
}

/// The policy file; nothing where there is nothing to import.
pub(super) fn policy(
    resources: &[&Resource<'_>],
    identity: Identity,
    delimited: &Delimited,
    options: &Options,
    report: &Report,
) -> Option<String> {
    let first = resources.first()?;
    report.differs(HTTP_ONLY);
    let mut import = Import { delimited, options, report, names: Names::default() };
    let sections: Vec<Section> = resources.iter().filter_map(|resource| import.section(resource)).collect();
    let mut yaml = Yaml::default();
    head(&mut yaml, "rbac", first, resources);
    yaml.comment(1, "As Istio, which forwards the path that it has judged.");
    yaml.line(1, "path: { on_ambiguous: rewrite }");
    identity_from(&mut yaml, &sections, identity);
    let closed = sections.iter().any(|section| section.closes);
    yaml.comment(
        1,
        if closed { "An ALLOW is there: what none allows is refused." } else { "No ALLOW is there: what no DENY denies passes." },
    );
    yaml.line(1, format!("on_no_match: {}", if closed { "DENY" } else { "ALLOW" }));
    write(&mut yaml, &sections);
    Some(yaml.finish())
}

/// What stands above a configuration.
pub(super) fn head(yaml: &mut Yaml, plugin: &str, first: &Resource<'_>, resources: &[&Resource<'_>]) {
    let mut titles: Vec<String> = resources.iter().take(TITLES_MAX).map(|resource| resource.title()).collect();
    if resources.len() > TITLES_MAX {
        titles.push(format!("and {} more", resources.len() - TITLES_MAX));
    }
    yaml.comment(0, "Written by `portcullis import istio`, whose report tells what means something else here.");
    yaml.text(0, "plugin", plugin);
    yaml.text(0, "name", first.name());
    yaml.text(0, "description", &format!("Imported from Istio: {}.", titles.join(", ")));
    yaml.line(0, "config:");
    yaml.line(1, "version: 1");
}

/// Who is believed to say who calls, as far as some condition asks.
fn identity_from(yaml: &mut Yaml, sections: &[Section], identity: Identity) {
    let conditions: Vec<String> =
        sections.iter().flat_map(|section| &section.policies).map(|policy| policy.condition.to_string()).collect();
    let asks = |attribute: &str| conditions.iter().any(|condition| condition.contains(attribute));
    let mut sources = Vec::new();
    if asks("peer.principal") {
        yaml.comment(1, "Waypoints know the caller from ztunnel, every other proxy from its certificate.");
        sources.extend(["istio_peer_principal", "mtls"]);
    }
    if asks("jwt.") {
        let (who, source) = match identity {
            Identity::Istio => ("Istio's RequestAuthentication has verified the token.", "{ jwt_authn: {} }"),
            Identity::Portcullis => ("jwt-auth has verified the token, earlier in the chain.", "portcullis"),
        };
        yaml.comment(1, who);
        sources.push(source);
    }
    if !sources.is_empty() {
        yaml.line(1, format!("identity_from: [{}]", sources.join(", ")));
    }
}

fn write(yaml: &mut Yaml, sections: &[Section]) {
    let empty = sections.iter().all(|section| section.policies.is_empty());
    if !empty {
        yaml.line(1, "policies:");
    }
    for section in sections {
        yaml.comment(if empty { 1 } else { 2 }, &section.comment);
        section.policies.iter().for_each(|policy| policy.write(yaml));
    }
}

impl Import<'_> {
    fn section(&mut self, resource: &Resource<'_>) -> Option<Section> {
        let spec: AuthorizationPolicy = resource.spec(self.report)?;
        let at = resource.at(self.report).field("spec");
        let action = self.action(&spec, &at)?;
        let shadow = is_dry_run(resource, self.report)?;
        let context = Context {
            options: self.options,
            namespace: resource.metadata.namespace.as_deref().or(self.options.namespace.as_deref()),
            delimited: self.delimited,
            wider: spec.action == Action::Deny,
        };
        let mut policies = Vec::new();
        for (index, rule) in spec.rules.iter().enumerate() {
            for part in rule::parts(rule, &context, &at.field("rules").index(index)) {
                let of_rule = if spec.rules.len() > 1 { format!("-rule-{index}") } else { String::new() };
                let of_operation = part.operation.map(|index| format!("-to-{index}")).unwrap_or_default();
                let name = self.names.unique(&format!("{}{of_rule}{of_operation}", resource.name()));
                let rule::Part { place, matched, condition, .. } = part;
                policies.push(Policy { comment: place, name, action, shadow, matched, condition });
            }
        }
        let target = target::words(resource, self.report).map(|words| format!(", for {words}")).unwrap_or_default();
        let nothing = if spec.rules.is_empty() { ": it has no rules and matches nothing" } else { "" };
        let comment = format!("{}{target}{nothing}", resource.title());
        Some(Section { comment, closes: spec.action == Action::Allow && !shadow, policies })
    }

    fn action(&self, spec: &AuthorizationPolicy, at: &At<'_>) -> Option<&'static str> {
        if spec.provider.is_some() && spec.action != Action::Custom {
            at.field("provider").refuse("only CUSTOM asks a provider");
        }
        match spec.action {
            Action::Allow => Some("ALLOW"),
            Action::Deny => Some("DENY"),
            Action::Audit => {
                self.report.differs(AUDITED);
                Some("LOG")
            }
            Action::Custom => {
                at.field("action").refuse("CUSTOM asks an external authorizer, which no policy of ours can do");
                None
            }
        }
    }
}

/// Whether the policy is only tried out.
fn is_dry_run(resource: &Resource<'_>, report: &Report) -> Option<bool> {
    match resource.metadata.annotations.get("istio.io/dry-run").map(|value| value.as_str().unwrap_or_default()) {
        None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Some(false),
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Some(true),
        Some(_) => {
            resource
                .at(report)
                .field("metadata")
                .field("annotations")
                .refuse("expected \"true\" or \"false\" as `istio.io/dry-run`");
            None
        }
    }
}

impl Policy {
    fn write(&self, yaml: &mut Yaml) {
        yaml.comment(2, &self.comment);
        yaml.text(2, "- name", &self.name);
        yaml.line(3, format!("action: {}", self.action));
        if self.shadow {
            yaml.line(3, "shadow: true");
        }
        self.matched.write(yaml);
        if self.condition == Cel::Always {
            return;
        }
        yaml.condition(3, "condition", &self.condition);
        if self.condition.to_string().contains("request.url_path") {
            yaml.line(3, "raw_path: true");
        }
    }
}

impl Matched {
    fn write(&self, yaml: &mut Yaml) {
        let fields = [("hosts", &self.hosts), ("methods", &self.methods), ("paths", &self.paths)];
        let fields: Vec<(&str, &Vec<String>)> =
            fields.iter().filter_map(|(name, values)| Some((*name, values.as_ref()?))).collect();
        if fields.is_empty() {
            return;
        }
        let flow: Vec<String> = fields.iter().map(|(name, values)| format!("{name}: {}", flow(values))).collect();
        let flow = format!("match: {{ {} }}", flow.join(", "));
        if flow.len() <= 110 {
            return yaml.line(3, flow);
        }
        yaml.line(3, "match:");
        fields.into_iter().for_each(|(name, values)| yaml.list(4, name, values));
    }
}
