//! The corpus of every plugin, for the bundle: the same requests meet the same decisions, reasons and metrics there.

use portcullis_cases::case::Case;
use serde_json::{Map, Value};

use crate::corpus::{BUNDLE, Corpus};

/// The plugins, in the order in which a request meets them in the bundle.
const ORDER: [&str; 4] = ["jwt-auth", "input-validation", "rate-limit", "rbac"];

impl Corpus {
    /// The same cases for the bundle: a plugin and those before it are its parts. Left out are chains that it cannot be.
    #[must_use]
    pub fn bundled(self) -> Self {
        let Self { plugin, cases } = self;
        let cases = cases.into_iter().filter_map(|(file, case)| Some((file, bundled(&plugin, case)?))).collect();
        Self { plugin: BUNDLE.to_owned(), cases }
    }
}

fn bundled(plugin: &str, mut case: Case) -> Option<Case> {
    let before = std::mem::take(&mut case.before);
    let chain: Vec<(String, Value)> = before
        .into_iter()
        .map(|before| (before.plugin, before.config))
        .chain([(plugin.to_owned(), case.config.take())])
        .collect();
    let places: Option<Vec<usize>> = chain.iter().map(|(plugin, _)| ORDER.iter().position(|known| known == plugin)).collect();
    if !places?.is_sorted_by(|earlier, later| earlier < later) {
        return None;
    }
    case.refused = case.refused.map(|message| placed(&message, plugin));
    let mut config = Map::new();
    for (plugin, part) in chain {
        let Value::Object(mut part) = part else { return None };
        if let Some(version) = part.remove("version") {
            config.insert("version".to_owned(), version);
        }
        config.insert(plugin.replace('-', "_"), Value::Object(part));
    }
    case.config = Value::Object(config);
    Some(case)
}

/// A message of `plugin`, where each line but the first begins with a place in the configuration, or continues the line before.
fn placed(message: &str, plugin: &str) -> String {
    let part = plugin.replace('-', "_");
    let lines = message
        .lines()
        .enumerate()
        .map(|(number, line)| if number == 0 || line.starts_with(' ') { line.to_owned() } else { format!("{part}.{line}") });
    lines.collect::<Vec<_>>().join("\n")
}
