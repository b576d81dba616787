use crate::{Phase, Problems, Scope, check, parse};

fn cost(source: &str) -> u64 {
    let scope = Scope { phase: Phase::Response, result: crate::Type::Dyn, ..Scope::condition() };
    check::check(parse::parse(source).unwrap(), &scope).unwrap().cost
}

fn refusal(source: &str) -> Problems {
    let scope = Scope { phase: Phase::Body, ..Scope::condition() };
    check::check(parse::parse(source).unwrap(), &scope).unwrap_err()
}

#[test]
fn a_comparison_costs_little() {
    assert_eq!(cost("1 == 2"), 3);
    assert!(cost("request.method == \"GET\"") < 10);
}

#[test]
fn text_costs_by_its_length() {
    let short = cost("request.method.contains(\"x\")");
    assert_eq!(cost("request.host.contains(\"x\")") - short, 32);
    assert_eq!(cost("request.host.matches(\"x\")") - cost("request.host.contains(\"x\")"), 512 - 32);
}

#[test]
fn a_loop_costs_as_often_as_it_runs() {
    let once = cost("jwt.claims.a == 1");
    let often = cost("jwt.claims.groups.exists(g, g == 1)");
    assert!(often > 1_000 && often < 1_000 * (once + 5), "{often}");
}

#[test]
fn loops_over_a_token_may_be_nested_and_over_a_body_not() {
    assert!(cost("jwt.claims.a.all(x, x.all(y, y > 1))") < Scope::COST_MAX);
    assert!(refusal("body.a.all(x, x.all(y, y > 1))").to_string().contains("are allowed"));
}

#[test]
fn a_pattern_that_is_no_literal_costs_its_compilation() {
    assert!(cost("request.host.matches(request.id)") > super::COMPILATION);
}

#[test]
fn usual_patterns_over_a_header_cost_a_fraction_of_the_bound() {
    for pattern in [
        "^/api/v[0-9]+/",
        "^[a-z]+$",
        "^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$",
        "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
        "^[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+$",
        "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$",
        "(?i)bot|crawler|spider",
        "^\\w+-\\w+-\\w+-\\w+-\\w+$",
    ] {
        let units = cost(&format!("request.headers[\"x\"].matches(r\"{pattern}\")"));
        assert!(units < Scope::COST_MAX / 10, "{pattern}: {units}");
    }
    let label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    assert!(cost(&format!("request.host.matches(r\"^{label}(\\.{label})*$\")")) < Scope::COST_MAX / 2);
    assert!(cost("request.host.matches(\"^[a-zA-Z0-9]{1,255}$\")") < Scope::COST_MAX);
    assert!(cost("request.host.matches(\"^.{1,255}$\")") < Scope::COST_MAX);
}

#[test]
fn a_pattern_that_outgrows_its_automaton_costs_its_program_at_each_byte() {
    for pattern in ["(a|b)*a(a|b){500}c", "a.{0,255}b.{0,255}z"] {
        let said = refusal(&format!("request.host.matches(\"{pattern}\")")).to_string();
        assert!(said.contains("100,000 are allowed"), "{said}");
    }
}

#[test]
fn names_the_part_that_costs_most() {
    let sets = "1:42: the expression can cost 1,079,200 units, 100,000 are allowed; most of it is `sets.contains(body.b, body.c)` (1,008,193)";
    assert_eq!(refusal("body.a.all(x, x.b.matches(\"^a\")) && sets.contains(body.b, body.c)").to_string(), sets);
    let matches = refusal("body.a.all(x, body.b.matches(\"^a\"))").to_string();
    assert!(matches.ends_with("`body.b.matches(\"^a\")` (4,097,000, run up to 1,000 times)"), "{matches}");
}

#[test]
fn no_cost_overflows() {
    let replaced = "request.host".to_owned() + &".replace(\"a\", request.host)".repeat(40);
    assert!(refusal(&format!("{replaced} == \"\"")).to_string().contains("units"));
}
