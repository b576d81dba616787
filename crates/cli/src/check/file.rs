//! One file: its documents, the plugin that each is for, and what that says.

use portcullis_config::{ConfigError, from_value};
use portcullis_policy::Position;
use serde_json::Value as Json;

use super::document::{Document, Unfit, position};
use super::finding::{Finding, Remark, Rule};
use super::place;
use crate::plugin::Plugin;
use crate::policy_file::PolicyFile;
use crate::setup::CommandLine;

/// What came of a file.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) configurations: usize,
    pub(crate) findings: Vec<Finding>,
}

/// Judges every configuration in `text`; bare ones are for `plugin`, where it is named.
pub(crate) fn judge(file: &str, text: &str, plugin: Option<Plugin>) -> Judged {
    let unfit = |Unfit { at, message }: Unfit| finding(file, Rule::Document, at, Remark::about("", message));
    let documents = match Document::all(text) {
        Ok(documents) => documents,
        Err(error) => return Judged { configurations: 1, findings: vec![unfit(error)] },
    };
    if documents.is_empty() {
        let empty = Unfit { at: position(1, 0), message: "the file is empty".to_owned() };
        return Judged { configurations: 1, findings: vec![unfit(empty)] };
    }
    let configurations = documents.len();
    let of_document = |document: Result<Document<'_>, Unfit>| match document {
        Ok(document) => File { name: file, document: &document }.judge(plugin),
        Err(error) => vec![unfit(error)],
    };
    Judged { configurations, findings: documents.into_iter().flat_map(of_document).collect() }
}

/// Everything that `error` says of `document`, which is in the file called `name`.
pub(crate) fn placed(name: &str, document: &Document<'_>, error: &ConfigError) -> Vec<Finding> {
    File { name, document }.findings(|_| Rule::Document, "", &error.to_string())
}

/// A document and the file that it is in.
struct File<'f> {
    name: &'f str,
    document: &'f Document<'f>,
}

impl File<'_> {
    fn judge(&self, plugin: Option<Plugin>) -> Vec<Finding> {
        let wrong = |path: &str, message: String| vec![self.finding(Rule::Document, "", Remark::about(path, message))];
        if !self.document.value.is_object() {
            return wrong("", "expected a configuration: names and their values".to_owned());
        }
        if !["plugin", "config"].iter().any(|field| self.document.value.get(field).is_some()) {
            return match plugin.map_or_else(|| Plugin::of(&self.document.value), Ok) {
                Ok(plugin) => self.configuration(plugin, &self.document.value, ""),
                Err(message) => wrong("", message),
            };
        }
        let policy: PolicyFile = match from_value(&self.document.value) {
            Ok(policy) => policy,
            Err(error) => return self.findings(|_| Rule::Document, "", &error.to_string()),
        };
        match (Plugin::named(&policy.plugin), plugin) {
            (Err(message), _) => wrong("plugin", message),
            (Ok(named), Some(asked)) if named != asked => {
                wrong("plugin", format!("not `{}`, which `--plugin` asks for", asked.name()))
            }
            (Ok(named), _) => self.configuration(named, &policy.config, "config"),
        }
    }

    /// What `plugin` says of `config`, which is the field `below` of the document.
    fn configuration(&self, plugin: Plugin, config: &Json, below: &str) -> Vec<Finding> {
        let bytes = config.to_string().into_bytes();
        let setup = CommandLine::default();
        let mut findings = match plugin.configure(&bytes, &setup) {
            Err(error) => {
                let rule = |remark: &Remark| if remark.in_expression.is_some() { Rule::Expression } else { Rule::Configuration };
                self.findings(rule, below, &error.to_string())
            }
            Ok(()) => {
                plugin.warnings(&bytes).iter().flat_map(|warning| self.findings(|_| Rule::Suspicious, below, warning)).collect()
            }
        };
        findings.extend(self.unset(config, below, &setup));
        findings
    }

    /// That variables could not be looked at. Their names are not repeated: somebody may have put the secret there.
    fn unset(&self, config: &Json, below: &str, setup: &CommandLine) -> Vec<Finding> {
        let variables = setup.unset();
        let paths = variables.iter().flat_map(|name| place::of_variable(config, name));
        let message = "this environment variable is not set here: what it holds is not checked";
        paths.map(|path| self.finding(Rule::Environment, below, Remark::about(&path, message.to_owned()))).collect()
    }

    fn findings(&self, rule: impl Fn(&Remark) -> Rule, below: &str, text: &str) -> Vec<Finding> {
        Remark::all(text).into_iter().map(|remark| self.finding(rule(&remark), below, remark)).collect()
    }

    fn finding(&self, rule: Rule, below: &str, mut remark: Remark) -> Finding {
        remark.path = match (below, remark.path.as_str()) {
            ("", path) => path.to_owned(),
            (below, "") => below.to_owned(),
            (below, path) if path.starts_with('[') => format!("{below}{path}"),
            (below, path) => format!("{below}.{path}"),
        };
        let in_file = remark.in_expression.and_then(|inner| {
            let source = place::value(&self.document.value, &remark.path)?.as_str()?;
            self.document.place_within(&remark.path, source, inner)
        });
        let at = in_file.unwrap_or_else(|| self.document.place(&culprit(&remark)));
        finding(self.name, rule, at, remark)
    }
}

/// The field that a remark is about: one that is unknown is named in the message alone.
fn culprit(remark: &Remark) -> String {
    let unknown = remark.message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    let dot = if remark.path.is_empty() { "" } else { "." };
    unknown.map_or_else(|| remark.path.clone(), |(name, _)| format!("{}{dot}{name}", remark.path))
}

fn finding(file: &str, rule: Rule, at: Position, remark: Remark) -> Finding {
    let Remark { path, in_expression, message, excerpt } = remark;
    Finding { rule, file: file.to_owned(), path, at, in_expression, message, excerpt }
}
