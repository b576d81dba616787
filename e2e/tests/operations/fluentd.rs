//! What `fluentd.conf` does with a line of the log, worked out from its text: its expressions mean the same in Ruby and here.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

/// The configuration.
pub(crate) struct Conf {
    rules: Vec<(Regex, String)>,
    expression: Regex,
    /// The members of a record that it names.
    pub(crate) fields: BTreeSet<String>,
}

/// A line, as it leaves.
pub(crate) struct Emitted {
    pub(crate) tag: String,
    /// The members, of a decision record.
    pub(crate) record: Option<Value>,
}

impl Conf {
    pub(crate) fn parse(text: &str) -> Self {
        let value = |key: &str| Regex::new(&format!(r"(?m)^\s*{key} (\S.*)$")).unwrap();
        let all = |key: &str| value(key).captures_iter(text).map(|captures| captures[1].to_owned()).collect::<Vec<_>>();
        let regex = |literal: &String| Regex::new(literal.trim_matches('/')).unwrap();
        let tags = all("tag").into_iter().filter(|tag| tag != "raw.envoy");
        let rules: Vec<_> = all("pattern").iter().map(regex).zip(tags).collect();
        let named = Regex::new(r#"record\["(\w+)"\]"#).unwrap();
        let mut fields: BTreeSet<String> = named.captures_iter(text).map(|captures| captures[1].to_owned()).collect();
        fields.extend(all("time_key"));
        Self { rules, expression: regex(&all("expression")[0]), fields }
    }

    /// What becomes of a line; `None`: it is lost.
    pub(crate) fn emitted(&self, line: &str) -> Option<Emitted> {
        let (captures, tag) = self.rules.iter().find_map(|(pattern, tag)| Some((pattern.captures(line)?, tag)))?;
        let part = |number| captures.get(number).map_or("", |part| part.as_str());
        let tag = tag.replace("$1", part(1)).replace("$2", part(2));
        if !tag.starts_with("portcullis.") {
            return Some(Emitted { tag, record: None });
        }
        let captures = self.expression.captures(line)?;
        let record = serde_json::from_str(captures.name("decision")?.as_str()).ok()?;
        Some(Emitted { tag, record: Some(record) })
    }
}
