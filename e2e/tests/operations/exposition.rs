//! Prometheus' text format, as far as names and labels.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

/// What is exported: of each metric its labels, and of each label its values.
pub(crate) struct Exported {
    metrics: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// The families, each as often as it has a type.
    pub(crate) families: Vec<String>,
}

impl Exported {
    pub(crate) fn parse(text: &str) -> Self {
        let sample = Regex::new(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)\{(.*)\} \S+$").unwrap();
        let label = Regex::new(r#"(\w+)="((?:[^"\\]|\\.)*)""#).unwrap();
        let mut metrics: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for captures in text.lines().filter_map(|line| sample.captures(line)) {
            let labels = metrics.entry(captures[1].to_owned()).or_default();
            for pair in label.captures_iter(&captures[2]) {
                labels.entry(pair[1].to_owned()).or_default().insert(pair[2].to_owned());
            }
        }
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        Self { metrics, families: types.map(str::to_owned).collect() }
    }

    pub(crate) fn has(&self, metric: &str) -> bool {
        self.metrics.contains_key(metric)
    }

    pub(crate) fn has_label(&self, metric: &str, label: &str) -> bool {
        self.metrics.get(metric).is_some_and(|labels| labels.contains_key(label))
    }

    pub(crate) fn has_value(&self, metric: &str, label: &str, value: &str) -> bool {
        self.metrics.get(metric).and_then(|labels| labels.get(label)).is_some_and(|values| values.contains(value))
    }

    /// The families of the plugins' own metrics.
    pub(crate) fn own(&self) -> BTreeSet<&str> {
        self.families.iter().map(String::as_str).filter(|family| family.starts_with("portcullis_")).collect()
    }
}
