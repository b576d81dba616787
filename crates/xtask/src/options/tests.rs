use serde_json::json;

use super::*;

/// The tables of a configuration with these options; `needed` is required.
fn of(properties: &Value, definitions: &Value) -> String {
    tables(&json!({ "properties": properties, "required": ["needed"], "$defs": definitions }))
}

/// The row of `option`, where it is the only one.
fn row(option: &Value) -> String {
    let definitions = json!({
        "Duration": { "type": "string", "pattern": "s$", "description": "a duration such as \"5s\"" },
        "Mode": { "oneOf": [{ "const": "on", "description": "It runs." }, { "const": "off", "description": "It does not." }] },
    });
    of(&json!({ "x": option }), &definitions).lines().nth(4).unwrap_or_default().to_owned()
}

#[test]
fn a_row_has_type_default_and_meaning() {
    assert_eq!(
        row(&json!({ "$ref": "#/$defs/Duration", "default": "5s", "description": "How long\nit takes." })),
        "| `x` | duration | `5s` | How long it takes. |"
    );
    assert_eq!(row(&json!({ "type": "boolean", "default": false })), "| `x` | boolean | `false` |  |");
    assert_eq!(row(&json!({ "type": ["string", "null"], "default": null })), "| `x` | string |  |  |");
    assert_eq!(
        row(&json!({ "type": "array", "items": { "type": "string" }, "default": ["a", "b"] })),
        "| `x` | list of strings | `a`, `b` |  |"
    );
    assert_eq!(row(&json!({ "type": "integer", "minimum": 400, "maximum": 599 })), "| `x` | integer, 400 to 599 |  |  |");
}

#[test]
fn a_default_that_is_no_value_comes_from_the_comment() {
    assert_eq!(
        row(&json!({ "type": "string", "description": "The realm. Default: the instance. For people." })),
        "| `x` | string | the instance | The realm. For people. |"
    );
    assert_eq!(
        row(&json!({ "type": "string", "description": "The realm. Default: none." })),
        "| `x` | string | none | The realm. |"
    );
}

#[test]
fn each_of_a_few_words_is_explained() {
    assert_eq!(
        row(&json!({ "$ref": "#/$defs/Mode", "default": "on", "description": "Whether it runs." })),
        "| `x` | `on` or `off` | `on` | Whether it runs. `on`: It runs. `off`: It does not. |"
    );
}

#[test]
fn required_options_come_first_and_bars_are_escaped() {
    let tables = of(&json!({ "a": { "type": "string" }, "needed": { "const": 1, "description": "`a|b`" } }), &json!({}));
    let rows: Vec<&str> = tables.lines().skip(4).take(2).collect();
    assert_eq!(rows, ["| `needed` | `1` | required | `a\\|b` |", "| `a` | string |  |  |"]);
}

#[test]
fn a_small_object_stands_in_its_parents_table_and_a_larger_one_has_its_own() {
    let small = json!({ "type": "object", "properties": { "realm": { "type": "string" } } });
    let larger: Map<String, Value> = ('a'..='f').map(|name| (name.to_string(), json!({ "type": "string" }))).collect();
    let larger = json!({ "type": "array", "items": { "properties": larger } });
    let tables = of(&json!({ "challenge": small, "rules": larger }), &json!({}));
    let expected = "### Top level\n\n| option | type | default | meaning |\n|---|---|---|---|\n\
        | `challenge` | object |  |  |\n| `challenge.realm` | string |  |  |\n| `rules` | [list](#rules) |  |  |\n\n\
        ### `rules[]`\n\n| option | type | default | meaning |\n|---|---|---|---|\n| `a` | string |  |  |\n";
    assert!(tables.starts_with(expected), "{tables}");
}

#[test]
fn what_has_several_forms_has_a_table_of_them_once() {
    let definitions = json!({ "RuleConfig": { "description": "What applies.", "oneOf": [
        { "const": "none", "description": "Nothing." },
        { "properties": { "any_of": { "type": "array", "items": { "$ref": "#/$defs/RuleConfig" } } }, "description": "One." },
    ] } });
    let tables = of(&json!({ "a": { "$ref": "#/$defs/RuleConfig" }, "b": { "$ref": "#/$defs/RuleConfig" } }), &definitions);
    assert_eq!(tables.matches("| [rule](#rule) |").count(), 2);
    let forms = "### Rule\n\nWhat applies.\n\n| form | meaning |\n|---|---|\n\
        | `none` | Nothing. |\n| `{ any_of: [ … ] }` | One. |\n";
    assert_eq!(tables.matches(forms).count(), 1, "{tables}");
}
