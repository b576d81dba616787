//! What is changed, and what it is called.

use super::*;

fn changed(plugin: Plugin, config: &Json) -> Vec<(String, Json)> {
    let mutants = Mutant::all(plugin, config).into_iter();
    let changed = mutants.map(|mutant| {
        let mut changed = config.clone();
        mutant.apply(&mut changed);
        assert_ne!(changed, *config, "{mutant:?}");
        (mutant.what, changed)
    });
    changed.collect()
}

#[test]
fn of_rbac_every_policy_condition_and_match_is_changed_and_what_holds_without_any() {
    let a = json!({"name": "a", "action": "ALLOW", "match": {"methods": ["GET"]}, "condition": "x // y"});
    let b = json!({"name": "b", "action": "DENY", "match": {}});
    let config = json!({"version": 1, "policies": [a, b]});
    let with = |policies: Json| json!({"version": 1, "policies": policies});
    let expected = [
        ("that `a` is gone", with(json!([b]))),
        (
            "that the condition of `a` is negated",
            with(json!([{"name": "a", "action": "ALLOW", "match": {"methods": ["GET"]}, "condition": "!(x // y\n)"}, b])),
        ),
        ("that `a` is for every request", with(json!([{"name": "a", "action": "ALLOW", "condition": "x // y"}, b]))),
        ("that `a` has no `condition`", with(json!([{"name": "a", "action": "ALLOW", "match": {"methods": ["GET"]}}, b]))),
        ("that `b` is gone", with(json!([a]))),
    ];
    let expected = expected.map(|(what, config)| (what.to_owned(), config));
    assert_eq!(changed(Plugin::Rbac, &config), expected);
}

#[test]
fn on_no_match_is_turned_round() {
    let rbac = |on_no_match: Json| {
        let mut config = json!({"version": 1, "policies": [{"name": "a", "action": "ALLOW", "condition": "true"}]});
        config["on_no_match"] = on_no_match;
        changed(Plugin::Rbac, &config).pop().unwrap().1["on_no_match"].clone()
    };
    assert_eq!((rbac(json!("DENY")), rbac(json!("ALLOW"))), (json!("ALLOW"), json!("DENY")));
    let defaulted = json!({"version": 1, "policies": []});
    assert_eq!(changed(Plugin::Rbac, &defaulted).pop().unwrap().1["on_no_match"], json!("ALLOW"));
    let mut tokens = json!({"version": 1, "providers": {"a": {"local_jwks": {"inline": {"keys": []}}}}});
    assert_eq!(changed(Plugin::JwtAuth, &tokens).pop().unwrap().1["on_no_match"], json!("none"));
    tokens["on_no_match"] = json!("none");
    assert_eq!(changed(Plugin::JwtAuth, &tokens).pop().unwrap().1.get("on_no_match"), None);
}

#[test]
fn of_jwt_auth_every_term_of_a_provider_and_every_demand_of_a_rule_is_dropped() {
    let rule = json!({"name": "r", "requires": {"provider_name": "a/b"}, "scopes": ["s"], "step_up": {}});
    let provider = json!({"issuer": "i", "audiences": ["a"], "condition": "c", "forward": true, "local_jwks": {}});
    let config = json!({"version": 1, "providers": {"a/b": provider}, "rules": [rule]});
    let changed = changed(Plugin::JwtAuth, &config);
    let whats: Vec<&str> = changed.iter().map(|(what, _)| what.as_str()).collect();
    let expected = [
        "that `r` is gone",
        "that `r` has no `scopes`",
        "that `r` has no `step_up`",
        "that the condition of provider `a/b` is negated",
        "that provider `a/b` has no `issuer`",
        "that provider `a/b` has no `audiences`",
        "that provider `a/b` has no `condition`",
    ];
    assert_eq!(whats, expected);
    assert_eq!(changed[3].1["providers"]["a/b"]["condition"], json!("!(c\n)"));
    assert_eq!(changed[5].1["providers"]["a/b"].get("audiences"), None);
}

#[test]
fn of_input_validation_whatever_a_rule_asks_of_a_part_of_the_request_is_dropped() {
    let body = json!({"max_bytes": "1KiB", "json": {"schema": {}}, "form": {"fields": {"f": {}}}});
    let rule = json!({"name": "r", "query": {"params": {"q": {}}}, "headers": {"x-a": {}, "x-b": {}}, "body": body});
    let config = json!({"version": 1, "rules": [rule]});
    let changed = changed(Plugin::InputValidation, &config);
    let whats: Vec<&str> = changed.iter().filter_map(|(what, _)| what.strip_prefix("that `r` has no ")).collect();
    let expected = [
        "`query`",
        "`headers`",
        "`body`",
        "`query.params.q`",
        "`headers.x-a`",
        "`headers.x-b`",
        "`body.form.fields.f`",
        "`body.json`",
        "`body.form`",
        "`body.json.schema`",
    ];
    assert_eq!(whats, expected);
    assert_eq!(changed[5].1["rules"][0]["headers"], json!({"x-b": {}}));
    assert_eq!(changed[10].1["rules"][0]["body"]["json"], json!({}));
}

#[test]
fn of_rate_limit_every_quota_is_doubled_and_whatever_it_counts_by_is_dropped() {
    let limit = json!({
        "name": "l", "quota": 3, "window": "1s", "key": ["a", "b"], "max_keys": 8,
        "charge": {"request": "0", "response": "c"}, "over_limit": {"action": "delay", "max_delay": "1s"},
    });
    let config = json!({"version": 1, "limits": [limit]});
    let changed = changed(Plugin::RateLimit, &config);
    let whats: Vec<&str> = changed.iter().map(|(what, _)| what.as_str()).collect();
    let expected = [
        "that `l` is gone",
        "that the quota of `l` is doubled",
        "that `l` has no `key`",
        "that `l` has no `over_limit`",
        "that `l` has no `key[0]`",
        "that `l` has no `key[1]`",
        "that `l` has no `charge.request`",
        "that `l` has no `charge.response`",
    ];
    assert_eq!(whats, expected);
    assert_eq!(changed[1].1["limits"][0]["quota"], json!(6));
    assert_eq!(changed[4].1["limits"][0]["key"], json!(["b"]));
    assert_eq!(changed[6].1["limits"][0]["charge"], json!({"response": "c"}));
}

#[test]
fn what_no_request_comes_to_is_not_turned_round() {
    let all = json!({"name": "all", "requires": {"provider_name": "a"}});
    let config = json!({"version": 1, "providers": {"a": {}}, "rules": [all]});
    assert_eq!(changed(Plugin::JwtAuth, &config).len(), 1);
}
