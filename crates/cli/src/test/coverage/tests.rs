use super::*;

fn rule(by_match: bool, effect: Effect) -> Rule {
    Rule { name: "r".to_owned(), by_match, effect }
}

/// What `rule` shows after requests: whether it is for each, whether that passed, and the metrics that grew.
fn seen(rule: &Rule, requests: &[(bool, bool, &[&str])]) -> (String, bool) {
    let mut hits = Hits::default();
    for (is_for, passed, grew) in requests {
        let growth = grew.iter().map(|name| ((*name).to_owned(), 1)).collect();
        hits.add(rule, *is_for, &Verdict { passed: *passed, growth: &growth });
    }
    (hits.of(rule), hits.cover(rule))
}

#[test]
fn a_rule_is_hit_by_requests_that_it_is_for() {
    let rule = rule(false, Effect::Decides);
    assert_eq!(seen(&rule, &[]), ("neither".to_owned(), false));
    assert_eq!(seen(&rule, &[(true, true, &[]), (false, false, &[])]), ("allow 1, no deny".to_owned(), false));
    assert_eq!(seen(&rule, &[(true, false, &[]), (false, true, &[])]), ("deny 1, no allow".to_owned(), false));
    assert_eq!(seen(&rule, &[(true, true, &[]), (true, false, &[])]), ("allow 1, deny 1".to_owned(), true));
}

#[test]
fn of_a_rule_that_its_match_decides_other_requests_show_the_other_side() {
    let rule = rule(true, Effect::Decides);
    assert_eq!(seen(&rule, &[(false, true, &[]), (false, false, &[])]), ("neither".to_owned(), false));
    assert_eq!(seen(&rule, &[(true, true, &[]), (false, true, &[])]), ("allow 1, no deny".to_owned(), false));
    assert_eq!(seen(&rule, &[(true, true, &[]), (false, false, &[])]), ("allow 1, deny 1".to_owned(), true));
    assert_eq!(seen(&rule, &[(true, false, &[]), (false, true, &[])]), ("allow 1, deny 1".to_owned(), true));
}

#[test]
fn a_rule_that_is_tried_out_is_judged_by_whether_it_would_have_held() {
    let held = || "m.shadow".to_owned();
    let deny = rule(false, Effect::Shadow { held: held(), allows: false });
    assert_eq!(seen(&deny, &[(true, true, &["m.shadow"])]), ("deny 1, no allow".to_owned(), false));
    assert_eq!(seen(&deny, &[(true, true, &["m.shadow"]), (true, true, &[])]), ("allow 1, deny 1".to_owned(), true));
    let allow = rule(false, Effect::Shadow { held: held(), allows: true });
    assert_eq!(seen(&allow, &[(true, false, &["m.shadow"])]), ("allow 1, no deny".to_owned(), false));
    assert_eq!(seen(&allow, &[(true, false, &["m.shadow"]), (true, true, &[])]), ("allow 1, deny 1".to_owned(), true));
}

#[test]
fn a_rule_that_logs_has_no_sides() {
    let rule = rule(true, Effect::Logs { logged: "m.logged".to_owned() });
    assert_eq!(seen(&rule, &[(true, true, &[])]), ("neither".to_owned(), false));
    assert_eq!(seen(&rule, &[(true, true, &["m.logged"])]), ("logged 1".to_owned(), true));
}
