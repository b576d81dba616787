//! Whether the plugin takes what was written.

use portcullis_config::from_value;
use serde_json::Value as Json;

use super::ImportedPolicy;
use super::report::Report;
use crate::check::document::Document;
use crate::plugin::Plugin;
use crate::policy_file::PolicyFile;
use crate::setup::CommandLine;

/// The policy, if a proxy would load it; otherwise the plugin's complaints are told.
pub(super) fn accepted(plugin: Plugin, yaml: String, report: &Report) -> Option<ImportedPolicy> {
    let judged = config(&yaml).and_then(|config| {
        let configured = plugin.configure(config.to_string().as_bytes(), &CommandLine::default());
        configured.map_err(|error| error.to_string())
    });
    match judged {
        Ok(()) => Some(ImportedPolicy { plugin: plugin.name(), yaml }),
        Err(complaint) => {
            let lines = complaint.lines().filter(|line| !line.starts_with("  "));
            lines.for_each(|line| report.refuse(format!("{} does not take what this would be: {line}", plugin.name())));
            None
        }
    }
}

fn config(yaml: &str) -> Result<Json, String> {
    let mut documents = Document::all(yaml).map_err(|unfit| unfit.message)?.into_iter();
    let document = documents.next().ok_or("nothing was written")?.map_err(|unfit| unfit.message)?;
    let policy: PolicyFile = from_value(&document.value).map_err(|error| error.to_string())?;
    Ok(policy.config)
}
