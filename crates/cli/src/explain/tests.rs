//! What is explained is what is decided, and no credential is in it: held over the corpus, and over the tests of every policy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portcullis_cases::case::HostKind;
use portcullis_cases::runner::{Host as _, expanded_configs, prepared};
use portcullis_cases::{Case, Observed, Prepared, Simulated, options};
use portcullis_host::{Options, Proxy, StartError};
use portcullis_host_tests::Corpus;
use serde_json::Value as Json;

use super::report::{Answer, Told};
use super::text;
use crate::plugin::Plugin;
use crate::test::file::TestFile;
use crate::test::find::Found;

#[test]
fn every_decision_of_the_corpus_is_explained_as_it_was_made() {
    let mut requests = 0;
    // A bundle does not say why.
    for plugin in Plugin::ALL.into_iter().filter(|plugin| *plugin != Plugin::Bundle) {
        let corpus = Corpus::load(plugin.name()).unwrap();
        for case in corpus.on(HostKind::Native) {
            let before = case.before.iter().map(|before| Plugin::named(&before.plugin).unwrap());
            requests += explained(&before.chain([plugin]).collect::<Vec<_>>(), case);
        }
    }
    assert!(requests > 500, "{requests}");
}

#[test]
fn every_decision_of_a_test_of_a_policy_is_explained_as_it_was_made() {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut requests = 0;
    for file in Found::new(&[policies]).unwrap().tests {
        let tests = TestFile::read(&file).unwrap();
        let chain: Vec<Plugin> = tests.chain.iter().map(|link| link.plugin).collect();
        requests += tests.cases.iter().map(|(_, case)| explained(&chain, case)).sum::<usize>();
    }
    assert!(requests > 100, "{requests}");
}

/// Sends the requests of `case` to plugins that explain themselves and to others; how many there were.
fn explained(chain: &[Plugin], case: &Case) -> usize {
    let start = |start: fn(Plugin, &[u8], Options) -> Result<Proxy, StartError>| {
        let configs = expanded_configs(case, case.now.0).unwrap();
        let configs = configs.before.iter().map(|(_, config)| config).chain([&configs.own]);
        let proxies =
            chain.iter().zip(configs).map(|(plugin, config)| start(*plugin, config.to_string().as_bytes(), options(case)));
        proxies.collect::<Result<Vec<_>, _>>().ok().map(Simulated::new)
    };
    // One whose configuration is refused has nothing to explain.
    let (Some(mut plain), Some(mut telling)) = (start(Plugin::proxy), start(Plugin::explained)) else { return 0 };
    let steps = case.requests.iter().enumerate();
    for (number, step) in steps.flat_map(|step| (0..step.1.times.get()).map(move |_| step)) {
        let at = format!("{}, request {}", case.name, number + 1);
        if !step.after.is_zero() {
            plain.wait(step.after);
            telling.wait(step.after);
        }
        let request = prepared(&step.request, plain.now()).unwrap();
        let before = plain.metrics().unwrap();
        let seen = plain.send(&request).unwrap();
        let counted = grown(&before, &plain.metrics().unwrap());
        let told = tell(&mut telling, &request, &seen, &at);
        let reached = seen.answered_by.map_or(chain.len(), |answered| answered + 1);
        assert_eq!(told.iter().flatten().count(), reached, "{at}: a plugin did not tell");
        for (plugin, told) in chain.iter().zip(told).filter_map(|(plugin, told)| Some((*plugin, told?))) {
            is_the_decision(&told, &seen, &counted, &at);
            holds_no_credential(plugin, told, &request, &at);
        }
    }
    case.requests.len()
}

/// What each plugin tells of the request; it is answered as by the plugins that do not.
fn tell(host: &mut Simulated, request: &Prepared, plain: &Observed, at: &str) -> Vec<Option<Json>> {
    let heard: Vec<usize> = host.logs().iter().map(Vec::len).collect();
    let seen = host.send(request).unwrap();
    assert_eq!(Answer::of(request, &seen), Answer::of(request, plain), "{at}");
    assert_eq!(seen.decisions, plain.decisions, "{at}");
    let new = host.logs().into_iter().zip(heard).map(|(lines, heard)| lines.into_iter().skip(heard).collect::<Vec<_>>());
    new.map(|lines| lines.iter().rev().find_map(|line| portcullis_explain::read(line))).collect()
}

/// The decision that is told was counted, and was recorded if any was.
fn is_the_decision(told: &Json, seen: &Observed, counted: &BTreeMap<String, i64>, at: &str) {
    let (instance, decision) = (told["instance"].as_str().unwrap(), &told["decision"]);
    let name = |member: &str| decision[member].as_str().unwrap();
    let counter = format!("portcullis.decisions.{instance}.{}.{}", name("outcome"), name("reason"));
    assert_eq!(counted.get(&counter), Some(&1), "{at}: {counter} of {counted:?}");
    for record in seen.decisions.iter().filter(|record| record["plugin"] == instance) {
        for member in ["outcome", "reason", "rule", "detail"] {
            assert_eq!(record[member], decision[member], "{at}: {member}");
        }
    }
}

/// Neither as JSON nor as text.
fn holds_no_credential(plugin: Plugin, told: Json, request: &Prepared, at: &str) {
    let lines = request.headers.iter().map(|(_, value)| value).chain([&request.path]);
    let words: Vec<String> = lines.flat_map(|value| tokens(&String::from_utf8_lossy(value))).collect();
    let json = told.to_string();
    let told = Told { plugin, policy: String::new(), explanation: Some(told) };
    let mut text = String::new();
    text::plugin(&told, true).unwrap().write(&mut text);
    for word in words {
        assert!(!json.contains(&word) && !text.contains(&word), "{at}: {word}");
    }
}

/// The payloads and the signatures of the tokens in `value`.
fn tokens(value: &str) -> Vec<String> {
    let words = value.split(|byte: char| !byte.is_ascii_alphanumeric() && !"-_.".contains(byte));
    let tokens = words.filter(|word| word.starts_with("ey") && word.matches('.').count() == 2);
    tokens.flat_map(|token| token.split('.').skip(1).filter(|part| part.len() >= 12)).map(str::to_owned).collect()
}

fn grown(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let grown = after.iter().map(|(name, value)| (name.clone(), value - before.get(name).copied().unwrap_or_default()));
    grown.filter(|(_, by)| *by != 0).collect()
}

/// The page says every member of an explanation's JSON.
#[test]
fn the_page_names_every_member() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli/explain.md")).unwrap();
    let goldens = ["short_circuit", "shadow", "expired", "ambiguous_path", "limits"].map(|name| {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/explain/{name}.json"));
        serde_json::from_str::<Json>(&std::fs::read_to_string(file).unwrap()).unwrap()
    });
    let mut names = Vec::new();
    goldens.iter().for_each(|json| members(json, &mut names));
    // Claims and headers are the token's own.
    let own = ["aud", "exp", "iat", "iss", "sub", "alg", "kid", "typ"];
    for name in names.iter().filter(|name| !own.contains(&name.as_str())) {
        assert!(page.contains(&format!("`{name}`")), "the page does not say what `{name}` is");
    }
}

fn members(json: &Json, names: &mut Vec<String>) {
    match json {
        Json::Array(elements) => elements.iter().for_each(|element| members(element, names)),
        Json::Object(object) => object.iter().for_each(|(name, member)| {
            names.push(name.clone());
            members(member, names);
        }),
        _ => {}
    }
}
