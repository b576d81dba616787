//! `to[].operation`: what is asked for.

use portcullis_config::NonEmpty;

use super::cel::Cel;
use super::context::Context;
use super::resource::At;
use super::wire::{Operation, Texts};
use super::{hosts, methods, network, paths};

/// What an operation asks of a request: by the `match` block as far as that says exactly the same, by a condition for the rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Matched {
    pub(super) hosts: Option<Vec<String>>,
    pub(super) methods: Option<Vec<String>>,
    pub(super) paths: Option<Vec<String>>,
}

/// The `match` block and the condition of `operation`.
pub(super) fn translated(operation: &Operation, context: &Context<'_>, at: &At<'_>) -> (Matched, Cel) {
    if *operation == Operation::default() {
        at.refuse("an operation without fields is any: leave `to` out, or say which");
    }
    let values = |texts: &Texts| texts.as_ref().map(|texts| NonEmpty::as_slice(texts).to_vec());
    let matched = Matched {
        hosts: values(&operation.hosts).and_then(|values| hosts::templates(&values, &at.field("hosts"))),
        methods: values(&operation.methods).and_then(|values| methods::templates(&values, &at.field("methods"))),
        paths: values(&operation.paths).and_then(|values| paths::templates(&values, context, &at.field("paths"))),
    };
    let left = |said: bool, texts: &Texts| if said { None } else { texts.clone() };
    let rest = Operation {
        hosts: left(matched.hosts.is_some(), &operation.hosts),
        methods: left(matched.methods.is_some(), &operation.methods),
        paths: left(matched.paths.is_some(), &operation.paths),
        not_hosts: operation.not_hosts.clone(),
        not_methods: operation.not_methods.clone(),
        not_paths: operation.not_paths.clone(),
        ports: operation.ports.clone(),
        not_ports: operation.not_ports.clone(),
    };
    (matched, condition(&rest, context, at))
}

fn condition(operation: &Operation, context: &Context<'_>, at: &At<'_>) -> Cel {
    let o = operation;
    Cel::all([
        context.both(("hosts", "notHosts"), (&o.hosts, &o.not_hosts), hosts::condition, at),
        context.both(("methods", "notMethods"), (&o.methods, &o.not_methods), methods::condition, at),
        context.both(("paths", "notPaths"), (&o.paths, &o.not_paths), paths::condition, at),
        context.both(("ports", "notPorts"), (&o.ports, &o.not_ports), network::ports, at),
    ])
}
