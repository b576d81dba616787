//! Rules of input-validation, while they are written.

use serde_json::{Map, Value, json};

/// A rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rule {
    pub(crate) comments: Vec<String>,
    pub(crate) name: String,
    pub(crate) methods: Vec<String>,
    pub(crate) paths: Vec<String>,
    /// Everything but `name` and `match`.
    pub(crate) config: Map<String, Value>,
}

/// A rule that refuses every request, for a reason.
pub(crate) fn closed(reason: String) -> Rule {
    let config = Map::from_iter([("condition".to_owned(), "false".into())]);
    Rule { comments: vec![format!("closed: {reason}")], config, ..Rule::default() }
}

impl Rule {
    /// As the configuration has it.
    pub(crate) fn value(&self) -> Value {
        let mut matches = Map::new();
        if !self.methods.is_empty() {
            matches.insert("methods".to_owned(), json!(self.methods));
        }
        matches.insert("paths".to_owned(), json!(self.paths));
        let mut rule = self.config.clone();
        rule.insert("name".to_owned(), json!(self.name));
        rule.insert("match".to_owned(), matches.into());
        rule.into()
    }
}
