//! What `docs/operations` asks of metrics and decision records is what a real Envoy exports and logs.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

mod exposition;
mod fluentd;
mod promql;
mod traffic;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis_cli::render::rendered;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use exposition::Exported;
use promql::Named;
use traffic::{documents, stats_config, told};

/// What Prometheus adds to every series of a target.
const OF_THE_TARGET: [&str; 2] = ["instance", "job"];

/// What the traffic here does not bring about: metric, label, value, and why.
const UNSEEN: [(&str, &str, &str, &str); 2] = [
    ("portcullis_limits", "effect", "contended", "other workers would have to overtake one request 32 times"),
    ("portcullis_decisions", "reason", "method_invalid", "Envoy itself refuses the method, where it reads HTTP/1"),
];

/// The workspace's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn operations(file: &str) -> PathBuf {
    root().join("docs/operations").join(file)
}

fn page() -> String {
    fs::read_to_string(root().join("docs/operations.md")).unwrap()
}

/// Each alert.
fn alerts() -> Vec<Value> {
    let document = documents(&operations("alerts.yaml")).remove(0);
    let groups = document["groups"].as_array().unwrap().iter();
    groups.flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

fn dashboard() -> Value {
    serde_json::from_str(&fs::read_to_string(operations("grafana.json")).unwrap()).unwrap()
}

/// Each query of the dashboard, with its panel.
fn queries() -> Vec<(Value, Value)> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row");
    panels.flat_map(|panel| panel["targets"].as_array().unwrap().iter().map(|query| (panel.clone(), query.clone()))).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// That all that `named` asks for is exported, in words.
fn missing(named: &Named, exported: &Exported) -> Vec<String> {
    let metrics = named.metrics.iter().filter(|metric| !exported.has(metric)).cloned();
    let labels = named.matchers.iter().map(|(metric, label, _)| (metric, label));
    let grouped = named.metrics.iter().flat_map(|metric| named.groups.iter().map(move |label| (metric, label)));
    let labels = labels.chain(grouped).filter(|(_, label)| !OF_THE_TARGET.contains(&label.as_str()));
    let labels = labels.filter(|(metric, label)| !exported.has_label(metric, label));
    let labels = labels.map(|(metric, label)| format!("{metric}{{{label}}}"));
    let values = named.matchers.iter().flat_map(|(metric, label, values)| values.iter().map(move |value| (metric, label, value)));
    let values =
        values.filter(|(metric, label, value)| !exported.has_value(metric, label, value) && !is_unseen(metric, label, value));
    metrics.chain(labels).chain(values.map(|(metric, label, value)| format!("{metric}{{{label}={value}}}"))).collect()
}

fn is_unseen(metric: &str, label: &str, value: &str) -> bool {
    UNSEEN.iter().any(|known| (known.0, known.1, known.2) == (metric, label, value))
}

#[test]
fn what_alerts_and_the_dashboard_ask_for_is_exported() {
    let Some(told) = told() else { return };
    let exported = Exported::parse(&told.exposition);
    let expressions = alerts().into_iter().map(|alert| (alert["alert"].clone(), alert["expr"].clone()));
    let queries = queries().into_iter().map(|(panel, query)| (panel["title"].clone(), query["expr"].clone()));
    for (name, expression) in expressions.chain(queries) {
        let named = Named::by(text(&expression));
        assert!(!named.metrics.is_empty(), "{name}");
        assert_eq!(missing(&named, &exported), Vec::<String>::new(), "{name}: {expression}");
    }
    for (metric, label, value, why) in UNSEEN {
        assert!(!exported.has_value(metric, label, value), "{metric}: {value} is seen after all: {why}");
    }
}

#[test]
fn no_family_of_metrics_has_two_types() {
    let Some(told) = told() else { return };
    let exported = Exported::parse(&told.exposition);
    let once: BTreeSet<&String> = exported.families.iter().collect();
    assert_eq!(once.len(), exported.families.len());
}

#[test]
fn words_for_people_name_labels_that_are_there() {
    let label = Regex::new(r"\$labels\.(\w+)").unwrap();
    for alert in alerts() {
        let groups = Named::by(text(&alert["expr"])).groups;
        let summary = text(&alert["annotations"]["summary"]);
        assert!(label.captures_iter(summary).all(|named| groups.contains(&named[1])), "{summary}");
    }
    let label = Regex::new(r"\{\{(\w+)\}\}").unwrap();
    for (panel, query) in queries() {
        let groups = Named::by(text(&query["expr"])).groups;
        let known = |name: &str| groups.contains(name) || groups.is_empty() && OF_THE_TARGET.contains(&name);
        let legend = text(&query["legendFormat"]);
        assert!(label.captures_iter(legend).all(|named| known(&named[1])), "{}: {legend}", panel["title"]);
    }
}

#[test]
fn every_alert_has_words_about_what_to_do() {
    let page = page();
    for alert in alerts() {
        let name = text(&alert["alert"]);
        assert!(page.contains(&format!("\n### {name}\n")), "{name}");
        let runbook = format!("docs/operations.md#{}", name.to_lowercase());
        assert_eq!(text(&alert["annotations"]["runbook"]), runbook);
    }
    let headings = page.lines().filter_map(|line| line.strip_prefix("### Portcullis"));
    assert_eq!(headings.count(), alerts().len(), "a heading of no alert");
}

#[test]
fn the_dashboard_is_whole() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let variables: BTreeSet<&str> = variables.map(|variable| text(&variable["name"])).collect();
    let used = Regex::new(r"\$([a-z]\w*)").unwrap();
    for (panel, query) in queries() {
        assert_eq!(query["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
        let expression = text(&query["expr"]);
        assert!(used.captures_iter(expression).all(|name| variables.contains(&name[1])), "{expression}");
    }
    assert!(variables.contains("datasource"));
}

#[test]
fn fluentd_takes_every_record_and_loses_no_other_line() {
    let Some(told) = told() else { return };
    let conf = fluentd::Conf::parse(&fs::read_to_string(operations("fluentd.conf")).unwrap());
    let (mut records, mut others) = (Vec::new(), 0);
    for line in told.log.lines() {
        let emitted = conf.emitted(line).unwrap_or_else(|| panic!("lost: {line}"));
        match emitted.record {
            Some(record) => {
                let tag = format!("portcullis.{}.{}", text(&record["plugin"]), text(&record["outcome"]));
                assert_eq!(emitted.tag, tag, "{line}");
                records.push(record);
            }
            None => others += 1,
        }
    }
    let logged = told.messages.iter().filter_map(|message| serde_json::from_str::<Value>(message).ok());
    let logged: Vec<Value> = logged.filter(|message| message.get("outcome").is_some()).collect();
    assert_eq!(records, logged);
    assert!(others > 0, "the log has other lines, too");
    for outcome in ["allowed", "denied", "shadow"] {
        assert!(records.iter().any(|record| record["outcome"] == outcome), "{outcome}");
    }
    let known: BTreeSet<&String> = records.iter().flat_map(|record| record.as_object().unwrap().keys()).collect();
    let unknown: Vec<&String> = conf.fields.iter().filter(|field| !known.contains(field)).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "no record has these");
    let page = page();
    assert!(known.iter().all(|field| page.contains(&format!("| `{field}`"))), "{known:?}");
}

#[test]
fn every_metric_of_the_plugins_is_seen_and_stands_in_the_documentation() {
    let page = page();
    let defined = defined();
    assert!(defined.len() > 8, "{defined:?}");
    for name in &defined {
        assert!(page.contains(&format!("`portcullis_{name}")), "{name}");
    }
    let Some(told) = told() else { return };
    let exported = Exported::parse(&told.exposition);
    for family in exported.own() {
        assert!(page.contains(&format!("`{family}`")), "{family}");
        assert!(defined.iter().any(|name| family.starts_with(&format!("portcullis_{name}"))), "{family} is defined elsewhere");
    }
    for name in &defined {
        assert!(exported.own().iter().any(|family| family.starts_with(&format!("portcullis_{name}"))), "{name} was not seen");
    }
}

/// The first parts of the names of metrics, from the code that defines them.
fn defined() -> BTreeSet<String> {
    let name = Regex::new(r#"format!\("portcullis\.(\w+)\.\{"#).unwrap();
    let mut found = BTreeSet::new();
    for folder in ["crates/filter/src", "plugins"] {
        each_source(&root().join(folder), &mut |source| {
            found.extend(name.captures_iter(source).map(|captures| captures[1].to_owned()));
        });
    }
    found
}

fn each_source(folder: &Path, visit: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_source(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_example_makes_the_same_labels_and_so_does_a_rendered_bootstrap() {
    let labels = stats_config("bundle");
    for plugin in ["input-validation", "jwt-auth", "rate-limit", "rbac"] {
        assert_eq!(stats_config(plugin), labels, "{plugin}");
    }
    let policy = root().join("policies/rbac/hidden-paths.yaml");
    let arguments = [policy.to_str().unwrap(), "--target", "envoy", "--bootstrap"].map(str::to_owned);
    let document = rendered(arguments).unwrap().document;
    let bootstrap = Value::deserialize(serde_yaml_ng::Deserializer::from_str(&document)).unwrap();
    assert_eq!(bootstrap["stats_config"], labels);
}
