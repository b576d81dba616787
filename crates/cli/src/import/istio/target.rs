//! Which workload a resource is for, and which resources are for one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::options::{Options, Workload};
use super::report::Report;
use super::resource::Resource;
use super::wire::{Selector, TargetRef};
use portcullis_config::NonEmpty;

/// The label of the pods of a gateway.
const GATEWAY: &str = "gateway.networking.k8s.io/gateway-name";

/// Whom a resource is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// Every workload of its namespace.
    All,
    /// Those with these labels.
    Labels(BTreeMap<String, String>),
    /// Those that are reached by one of these: kind and name.
    Refs(BTreeSet<(String, String)>),
}

/// What is read of a `spec` here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attached {
    #[serde(default)]
    selector: Option<Selector>,
    #[serde(default)]
    target_ref: Option<TargetRef>,
    #[serde(default)]
    target_refs: Option<NonEmpty<TargetRef>>,
}

/// The resources that are for the workload. Policies for different ones must not meet: one would allow what another protects.
pub(super) fn selected<'r, 'd>(resources: &'r [Resource<'d>], options: &Options, report: &Report) -> Vec<&'r Resource<'d>> {
    let targets = resources.iter().filter_map(|resource| Some((resource, target(resource, report)?)));
    let in_namespace = in_namespace(targets.collect(), options, report);
    let Some(workload) = &options.workload else {
        if !agree(&in_namespace) {
            report.refuse("the policies are for different workloads: say which one, `--workload app=web`");
        }
        return in_namespace.into_iter().map(|(resource, _)| resource).collect();
    };
    let (meant, others): (Vec<_>, Vec<_>) = in_namespace.into_iter().partition(|(_, target)| applies(target, workload));
    others.iter().for_each(|(resource, _)| resource.at(report).note("left out: it is for another workload"));
    meant.into_iter().map(|(resource, _)| resource).collect()
}

/// The target in words; nothing for every workload.
pub(super) fn words(resource: &Resource<'_>, report: &Report) -> Option<String> {
    match target(resource, report)? {
        Target::All => None,
        Target::Labels(labels) => Some(labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")),
        Target::Refs(refs) => Some(refs.iter().map(|(kind, name)| format!("{kind}/{name}")).collect::<Vec<_>>().join(", ")),
    }
}

type Targeted<'r, 'd> = Vec<(&'r Resource<'d>, Target)>;

fn in_namespace<'r, 'd>(resources: Targeted<'r, 'd>, options: &Options, report: &Report) -> Targeted<'r, 'd> {
    let is_root = |namespace: &&str| *namespace == options.root_namespace;
    let named = |resource: &'r Resource<'d>| resource.metadata.namespace.as_deref();
    let Some(wanted) = options.namespace.as_deref() else {
        let namespaces: BTreeSet<&str> = resources.iter().filter_map(|(it, _)| named(it)).filter(|it| !is_root(it)).collect();
        if namespaces.len() > 1 {
            report.refuse("the policies are of different namespaces: say which one the workload is in, `--namespace web`");
        }
        return resources;
    };
    let is_wanted = |namespace: &str| namespace == wanted || is_root(&namespace);
    let (meant, others): (Vec<_>, Vec<_>) = resources.into_iter().partition(|(it, _)| named(it).is_none_or(is_wanted));
    others.iter().for_each(|(resource, _)| resource.at(report).note("left out: it is of another namespace"));
    meant
}

/// Whether one workload can be what all of them are for: each selector is part of the longest one.
fn agree(resources: &Targeted<'_, '_>) -> bool {
    let labels =
        || resources.iter().filter_map(|(_, target)| if let Target::Labels(labels) = target { Some(labels) } else { None });
    let refs = || resources.iter().filter_map(|(_, target)| if let Target::Refs(refs) = target { Some(refs) } else { None });
    let Some(longest) = labels().max_by_key(|labels| labels.len()) else {
        return refs().zip(refs().skip(1)).all(|(one, next)| one == next);
    };
    refs().next().is_none() && labels().all(|labels| is_part(labels, longest))
}

fn applies(target: &Target, workload: &Workload) -> bool {
    match target {
        Target::All => true,
        Target::Labels(labels) => {
            let of_gateway = |(kind, name): &(String, String)| (kind == "Gateway").then(|| (GATEWAY.to_owned(), name.clone()));
            let all: BTreeMap<String, String> =
                workload.labels.clone().into_iter().chain(workload.targets.iter().filter_map(of_gateway)).collect();
            is_part(labels, &all)
        }
        Target::Refs(refs) => refs.iter().any(|target| workload.targets.contains(target)),
    }
}

fn is_part(labels: &BTreeMap<String, String>, of: &BTreeMap<String, String>) -> bool {
    labels.iter().all(|(key, value)| of.get(key) == Some(value))
}

fn target(resource: &Resource<'_>, report: &Report) -> Option<Target> {
    let Attached { selector, target_ref, target_refs } = resource.spec(report)?;
    let refs: Vec<TargetRef> = target_ref.into_iter().chain(target_refs.into_iter().flat_map(NonEmpty::into_vec)).collect();
    let labels = selector.map(|selector| selector.match_labels).unwrap_or_default();
    let at = resource.at(report).field("spec");
    if !labels.is_empty() && !refs.is_empty() {
        at.refuse("a selector and a target: only one of them can be meant");
    }
    if refs.iter().any(|it| it.namespace.is_some() && it.namespace != resource.metadata.namespace) {
        at.refuse("the target is in another namespace");
    }
    match refs.as_slice() {
        [] if labels.is_empty() => Some(Target::All),
        [] => Some(Target::Labels(labels)),
        [TargetRef { group, kind, name, .. }] if kind == "Gateway" && group == "gateway.networking.k8s.io" => {
            Some(Target::Labels(BTreeMap::from([(GATEWAY.to_owned(), name.clone())])))
        }
        refs => Some(Target::Refs(refs.iter().map(|it| (it.kind.clone(), it.name.clone())).collect())),
    }
}
