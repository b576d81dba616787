//! All that is measured, in the order of the report.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::tokens::Tokens;
use super::{Group, Plan, Report, answers, chain, growth, input_validation, rate_limit, rbac, run, tokens};
use crate::error::io;
use crate::filters::{WasmFilter, wasm_filter};
use crate::{Error, Result};

/// What is measured: the modules, and the tokens that callers bear.
#[derive(Debug, Clone)]
pub struct Subjects {
    /// The folder of the modules.
    pub modules: PathBuf,
    /// The callers' tokens.
    pub tokens: Tokens,
}

impl Subjects {
    /// Those in the folder `modules`, with what is measured beside them: the module of the host calls alone is written there.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn new(modules: PathBuf, tokens: Tokens) -> Result<Self> {
        let subjects = Self { modules, tokens };
        let host_calls = wat::parse_str(include_str!("host_calls.wat")).map_err(|error| Error::Unexpected(error.to_string()))?;
        fs::write(subjects.module(chain::HOST_CALLS), host_calls).map_err(io("write the module of the host calls"))?;
        Ok(subjects)
    }

    pub(super) fn module(&self, name: &str) -> PathBuf {
        self.modules.join(name).with_extension("wasm")
    }

    /// The plugin of this module. Those of one module share a VM, which compiles it once.
    pub(super) fn plugin(&self, name: &str, module: &str, configuration: &Value) -> Value {
        wasm_filter(&WasmFilter { vm_id: module, ..WasmFilter::new(name, &self.module(module), configuration) })
    }

    /// The same, where the upstream sees nothing before the body is judged.
    pub(super) fn judge(&self, name: &str, module: &str, configuration: &Value) -> Value {
        let file = self.module(module);
        let filter = WasmFilter { vm_id: module, ..WasmFilter::new(name, &file, configuration) };
        wasm_filter(&WasmFilter { allow_on_headers_stop_iteration: Some(true), ..filter })
    }
}

/// A table of the report.
#[derive(Debug, Clone)]
pub struct Section {
    /// What `bench-envoy` knows it by, and the name of its files.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What a reader has to know of it, in Markdown.
    pub about: &'static str,
    /// What the axis of its chart says, where there is one.
    pub axis: Option<&'static str>,
    /// An Envoy each.
    pub groups: Vec<Group>,
}

impl Section {
    /// Measures all of it.
    ///
    /// # Errors
    /// As those of [`run`].
    pub fn run(&self, plan: &Plan) -> Result<Report> {
        let reports = self.groups.iter().map(|group| run(group, plan)).collect::<Result<Vec<_>>>()?;
        Ok(Report { rows: reports.into_iter().flat_map(|report| report.rows).collect() })
    }
}

/// Every section.
#[must_use]
pub fn sections(subjects: &Subjects) -> Vec<Section> {
    let section = |name, title, axis, about, groups| Section { name, title, about, axis, groups };
    let growth = |name, title, axis, about, groups| section(name, title, Some(axis), about, groups);
    vec![
        section("bundle", "All of it together", None, chain::ABOUT, chain::groups(subjects)),
        section(
            "tokens",
            "jwt-auth",
            None,
            "Every request bears another token, and no cache is on, but in the rows that say so. RFC 9068 is the profile of access tokens, \
             with more claims. *Host crypto* has Envoy verify signatures, as it does by default; *own crypto* is what is left where a proxy \
             forbids that.",
            tokens::groups(subjects),
        ),
        growth(
            "rbac",
            "rbac",
            "policies",
            "Requests are for policies all over the list. *Templates* are a method and a path with a variable; *conditions* are CEL, all asked.",
            rbac::groups(subjects),
        ),
        section(
            "rate-limit",
            "rate-limit",
            None,
            "Limits that nobody exceeds. Envoy's own counts in the memory of one process without asking anybody; ours asks it for shared \
             data, which all workers have in common.",
            rate_limit::groups(subjects),
        ),
        section("input-validation", "input-validation", None, input_validation::ABOUT, input_validation::groups(subjects)),
        section("answers", "Answers", None, answers::ABOUT, answers::groups(subjects)),
        growth("providers", "Providers", "providers", growth::PROVIDERS, growth::providers(subjects)),
        growth("limits", "Limits", "limits", growth::LIMITS, growth::limits(subjects)),
        growth("headers", "Headers", "headers", growth::HEADERS, growth::headers(subjects)),
        growth("claims", "Claims", "bytes of the token", growth::CLAIMS, growth::claims(subjects)),
        growth("workers", "Workers", "workers", growth::WORKERS, growth::workers(subjects)),
        growth("clients", "Clients", "clients", growth::CLIENTS, growth::clients(subjects)),
    ]
}
