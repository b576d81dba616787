//! Istio's AuthorizationPolicy and RequestAuthentication, as policies for rbac and jwt-auth.
//!
//! What is imported never lets pass what Istio refuses. Where our words say something else, the report tells; what they cannot say
//! is refused, and then nothing is imported.

mod arguments;
mod authentication;
mod authorization;
mod cel;
mod claims;
mod context;
mod hosts;
mod methods;
mod names;
mod network;
mod operation;
mod options;
mod paths;
mod pattern;
mod peer;
mod report;
mod resource;
mod rule;
mod source;
mod target;
mod verify;
mod when;
mod wire;
mod yaml;

pub(crate) use arguments::{Arguments, run};
pub use options::{Identity, Jwks, Options, Workload};
pub use report::{Level, Place, Remark};

use crate::check::document::Document;
use crate::plugin::Plugin;
use report::Report;
use resource::{Kind, Resource};

/// One file with resources of Kubernetes.
#[derive(Debug, Clone, Copy)]
pub struct Manifest<'t> {
    /// The name that the report calls it by.
    pub name: &'t str,
    /// YAML, in any number of documents; lists are taken apart.
    pub text: &'t str,
}

/// What became of the manifests.
#[derive(Debug)]
pub struct Imported {
    /// The policy files, in the order of the filter chain; none where something was refused.
    pub policies: Vec<ImportedPolicy>,
    /// What differs, and what cannot be said.
    pub report: Vec<Remark>,
}

/// A policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedPolicy {
    /// The plugin that it is for: `jwt-auth`, `rbac`.
    pub plugin: &'static str,
    /// The file, as YAML with comments.
    pub yaml: String,
}

impl Imported {
    /// Whether something could not be said.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.report.iter().any(|remark| remark.level == Level::Refused)
    }
}

/// Imports everything in `manifests` that is for one workload.
#[must_use]
pub fn import(manifests: &[Manifest<'_>], options: &Options) -> Imported {
    let report = Report::default();
    let documents: Vec<(&str, Document<'_>)> =
        manifests.iter().flat_map(|manifest| resource::documents(manifest, &report)).collect();
    let resources: Vec<Resource<'_>> =
        documents.iter().flat_map(|(file, document)| resource::resources(file, document, &report)).collect();
    let policies = translate(&resources, options, &report);
    let report = report.into_remarks();
    let refused = report.iter().any(|remark| remark.level == Level::Refused);
    Imported { policies: if refused { Vec::new() } else { policies }, report }
}

fn translate(resources: &[Resource<'_>], options: &Options, report: &Report) -> Vec<ImportedPolicy> {
    let selected = target::selected(resources, options, report);
    let of_kind = |kind: Kind| -> Vec<&Resource<'_>> { selected.iter().copied().filter(|it| it.kind == kind).collect() };
    let (authentication, authorization) = (of_kind(Kind::RequestAuthentication), of_kind(Kind::AuthorizationPolicy));
    if authentication.is_empty() && authorization.is_empty() {
        report.refuse("there is no AuthorizationPolicy and no RequestAuthentication to import");
        return Vec::new();
    }
    let identity = options.identity.unwrap_or(if authentication.is_empty() { Identity::Istio } else { Identity::Portcullis });
    let rules = authentication::rules(&authentication, report);
    let tokens = match identity {
        Identity::Portcullis => authentication::policy(&authentication, &rules, options, report),
        Identity::Istio => {
            authentication.iter().for_each(|it| it.at(report).note("it stays with Istio, which verifies the tokens"));
            None
        }
    };
    let delimited = claims::Delimited::of(&rules, identity);
    let access = authorization::policy(&authorization, identity, &delimited, options, report);
    let written = [(Plugin::JwtAuth, tokens), (Plugin::Rbac, access)];
    let written = written.into_iter().filter_map(|(plugin, yaml)| Some((plugin, yaml?)));
    written.filter_map(|(plugin, yaml)| verify::accepted(plugin, yaml, report)).collect()
}
