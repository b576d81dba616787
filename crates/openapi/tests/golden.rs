//! `documents/NAME.yaml` beside what it comes to, `NAME.out`, and the report, `NAME.report`. `UPDATE_GOLDEN=1` writes the latter two.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use input_validation::InputValidation;
use portcullis_host::{Options as HostOptions, Proxy};
use portcullis_openapi::{Imported, Level, Options, import};
use serde_json::Value;

const DOCUMENTS: [&str; 3] = ["store", "payments", "uploads"];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name)
}

fn imported(name: &str) -> Imported {
    import(&std::fs::read_to_string(file(&format!("{name}.yaml"))).unwrap(), &Options::default())
}

/// Whether `said` is what the file holds; it then does if it is to be updated.
fn is_golden(name: &str, said: &str) -> bool {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(file(name), said).unwrap();
    }
    std::fs::read_to_string(file(name)).is_ok_and(|golden| golden == said)
}

#[test]
fn every_document_comes_to_what_stands_beside_it() {
    for name in DOCUMENTS {
        let imported = imported(name);
        let report: String = imported.report.iter().map(|remark| format!("{remark}\n")).collect();
        assert!(is_golden(&format!("{name}.report"), &report), "{report}");
        let yaml = imported.policy.unwrap().yaml;
        assert!(is_golden(&format!("{name}.out"), &yaml), "{yaml}");
    }
}

#[test]
fn the_plugin_takes_what_is_written() {
    for name in DOCUMENTS {
        let policy = imported(name).policy.unwrap();
        let read: Value = serde_yaml_ng::from_str(&policy.yaml).unwrap();
        assert_eq!(read["config"], policy.config, "{name}");
        let config = policy.config.to_string();
        if let Err(error) = Proxy::native::<InputValidation>(config.as_bytes(), HostOptions::default()) {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn the_crates_that_read_openapi_take_the_documents() {
    for name in DOCUMENTS {
        let report = imported(name).report;
        let odd: Vec<String> = report.iter().map(ToString::to_string).filter(|line| line.contains("not quite OpenAPI")).collect();
        assert!(odd.is_empty(), "{name}: {odd:?}");
        assert!(report.iter().all(|remark| remark.level != Level::Refused));
    }
}

#[test]
fn the_crates_that_read_openapi_see_the_same_operations() {
    for name in DOCUMENTS {
        let document: Value = serde_yaml_ng::from_str(&std::fs::read_to_string(file(&format!("{name}.yaml"))).unwrap()).unwrap();
        let seen: BTreeSet<String> = match document["openapi"].as_str().unwrap() {
            version if version.starts_with("3.0") => {
                let document: openapiv3::OpenAPI = serde_json::from_value(document).unwrap();
                document.operations().map(|(_, _, operation)| operation.operation_id.clone().unwrap()).collect()
            }
            _ => {
                let document: oas3::Spec = serde_json::from_value(document).unwrap();
                document.operations().map(|(_, _, operation)| operation.operation_id.clone().unwrap()).collect()
            }
        };
        let config = imported(name).policy.unwrap().config;
        let names = config["rules"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap().to_owned());
        let names: BTreeSet<String> = names.filter(|name| !name.starts_with("other-methods")).collect();
        assert_eq!(names, seen, "{name}");
    }
}
