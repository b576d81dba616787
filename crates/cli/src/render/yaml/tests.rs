use proptest::prelude::*;
use saphyr::{LoadableYamlNode as _, MarkedYamlOwned};
use serde::Deserialize as _;
use serde_json::Value as Json;

use super::*;

fn map(entries: &[(&str, Yaml)]) -> Map {
    entries.iter().fold(Map::default(), |map, (name, value)| map.with(name, value.clone()))
}

#[test]
fn short_values_stand_on_one_line_and_expressions_on_their_own() {
    let paths = map(&[("methods", vec!["GET"].into()), ("paths", vec!["/healthz", "/a/{id}"].into())]);
    let health = map(&[("name", "health".into()), ("match", paths.into())]);
    let own = map(&[("name", "own".into()), ("condition", "request.method == \"GET\"".into())]);
    let policies = Map::block().with("policies", Yaml::List(vec![health.into(), own.into()]));
    let expected = "\
policies:
  - { name: health, match: { methods: [GET], paths: [/healthz, \"/a/{id}\"] } }
  - name: own
    condition: request.method == \"GET\"
";
    assert_eq!(Yaml::from(policies).document(), expected);
}

#[test]
fn comments_and_literal_texts_are_indented_with_what_they_belong_to() {
    let inner = Map::block().commented(&["Why.", ""], "text", "a &&\n\n  b\n").with("none", Vec::<Yaml>::new());
    let document = Yaml::List(vec![Map::block().with("of", inner).into()]).document();
    let expected = "\
- of:
    # Why.
    #
    text: |
      a &&

        b
    none: []
";
    assert_eq!(document, expected);
}

#[test]
fn what_some_reader_would_take_for_something_else_is_quoted() {
    for text in
        ["no", "Y", "on", "null", "~", "1", "0x1f", "1e3", "1:30", "2026-01-01", ".5", "-", "a: b", "a #b", "a:", "", " a"]
    {
        let written = Yaml::from(text).document();
        assert!(written.starts_with(['"', '\'']), "{written}");
    }
    assert_eq!(Yaml::from("1h30m").document(), "1h30m\n");
    assert_eq!(Yaml::from("https://id.example").document(), "https://id.example\n");
    assert_eq!(Yaml::from(r"^wasm\.x$").document(), "'^wasm\\.x$'\n");
}

#[test]
fn json_has_short_values_on_one_line_too() {
    let rule = map(&[("name", "health".into()), ("match", map(&[("paths", vec!["/healthz"].into())]).into())]);
    let own = map(&[("name", "own".into()), ("condition", "a == \"b\"".into())]);
    let config = map(&[("version", 1_u16.into()), ("rules", Yaml::List(vec![rule.into(), own.into()]))]);
    let expected = r#"{
  "version": 1,
  "rules": [
    { "name": "health", "match": { "paths": ["/healthz"] } },
    {
      "name": "own",
      "condition": "a == \"b\""
    }
  ]
}
"#;
    assert_eq!(json(&config.into(), 20), expected);
}

fn any_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "no", "~", "1", "a: b", "# x", "- a", "|", "a\nb\n", "\n", "  a\n b", "&& c", "'", "\"", "\\", "\t",
    ]);
    prop_oneof![
        "[ -~]{0,12}",
        "[a-z /{}\\[\\],:#&*!|>'\"%@`\n-]{0,16}",
        "\\PC{0,6}",
        any::<String>(),
        words.prop_map(str::to_owned)
    ]
}

fn any_yaml() -> impl Strategy<Value = Yaml> {
    let scalar = prop_oneof![
        Just(Yaml::Null),
        any::<bool>().prop_map(Yaml::Bool),
        any::<i32>().prop_map(|number| Yaml::Number(number.into())),
        any_text().prop_map(Yaml::Text),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        let entries = prop::collection::btree_map(any_text(), inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Yaml::List),
            (entries, any::<bool>()).prop_map(|(entries, block)| {
                let map = if block { Map::block() } else { Map::default() };
                Yaml::Map(entries.iter().fold(map, |map, (name, value)| map.with(name, value.clone())))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn two_readers_get_back_what_was_written(yaml in any_yaml()) {
        let written = Map::block().with("value", yaml);
        let value = Json::from(&Yaml::from(written.clone()));
        let document = Yaml::from(written).document();
        let read = Json::deserialize(serde_yaml_ng::Deserializer::from_str(&document));
        prop_assert_eq!(read.map_err(|error| format!("{error}\n{document}")), Ok(value.clone()));
        let nodes = MarkedYamlOwned::load_from_str(&document).map_err(|error| format!("{error}\n{document}"));
        let read = nodes.map(|nodes| nodes.first().map(|node| Json::from(&Yaml::from(node))));
        prop_assert_eq!(read, Ok(Some(value)), "{}", document);
    }

    #[test]
    fn json_is_what_was_written(yaml in any_yaml()) {
        let value = Json::from(&yaml);
        prop_assert_eq!(serde_json::from_str::<Json>(&json(&yaml, 8)).ok(), Some(value));
    }
}
