//! What an expression of PromQL names: metrics, matchers, labels. No more of the language than the rules and the dashboard use.

use std::collections::BTreeSet;

use regex::Regex;

/// Words of the language that stand where a metric could.
const WORDS: [&str; 6] = ["and", "or", "unless", "offset", "bool", "inf"];

/// What an expression names.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// The metrics.
    pub(crate) metrics: BTreeSet<String>,
    /// Metric, label, and the values that are asked for by name.
    pub(crate) matchers: Vec<(String, String, Vec<String>)>,
    /// What is grouped by.
    pub(crate) groups: BTreeSet<String>,
}

impl Named {
    pub(crate) fn by(expression: &str) -> Self {
        let mut named = Self::default();
        let without_ranges = Regex::new(r"\[[^\]]*\]").unwrap().replace_all(expression, "").into_owned();
        let selector = Regex::new(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^}]*)\}").unwrap();
        for captures in selector.captures_iter(&without_ranges) {
            named.selector(&captures[1], &captures[2]);
        }
        let without_selectors = selector.replace_all(&without_ranges, "").into_owned();
        let grouping = Regex::new(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)").unwrap();
        for captures in grouping.captures_iter(&without_selectors) {
            named.groups.extend(captures[1].split(',').map(|label| label.trim().to_owned()));
        }
        let rest = grouping.replace_all(&without_selectors, "").into_owned();
        let word = Regex::new(r"\b[a-zA-Z_:][a-zA-Z0-9_:]*\b(\s*\()?").unwrap();
        let bare = word.captures_iter(&rest).filter(|captures| captures.get(1).is_none());
        named.metrics.extend(bare.map(|captures| captures[0].to_owned()).filter(|word| !WORDS.contains(&word.as_str())));
        named
    }

    fn selector(&mut self, metric: &str, matchers: &str) {
        self.metrics.insert(metric.to_owned());
        let matcher = Regex::new(r#"(\w+)\s*(?:=~|!=|!~|=)\s*"([^"]*)""#).unwrap();
        for captures in matcher.captures_iter(matchers) {
            // A variable of the dashboard stands for any value.
            let values = captures[2].split('|').filter(|value| !value.starts_with('$')).map(str::to_owned);
            self.matchers.push((metric.to_owned(), captures[1].to_owned(), values.collect()));
        }
    }
}

#[test]
fn names_are_found_in_every_form_that_is_used() {
    let named = Named::by(
        r#"sum by (plugin, le) (rate(a_total{x="1",y=~"b|$c"}[5m] offset 1h)) > 3 * (max(b_seconds) or vector(0)) unless d{} > 1e3"#,
    );
    assert_eq!(named.metrics.iter().map(String::as_str).collect::<Vec<_>>(), ["a_total", "b_seconds", "d"]);
    assert_eq!(named.groups.iter().map(String::as_str).collect::<Vec<_>>(), ["le", "plugin"]);
    let matchers = named.matchers.iter().map(|(metric, label, values)| (metric.as_str(), label.as_str(), values.join(",")));
    assert_eq!(matchers.collect::<Vec<_>>(), [("a_total", "x", "1".to_owned()), ("a_total", "y", "b".to_owned())]);
}
