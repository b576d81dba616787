use super::*;
use crate::parse::parse;

fn lowered(source: &str) -> Lowered {
    lower(parse(source).unwrap().expr, &[])
}

fn paths(source: &str) -> Vec<(Vec<String>, Option<usize>, Reading)> {
    let slots = lowered(source).slots.into_iter();
    slots
        .filter_map(|slot| match slot {
            Slot::Path(path) => Some((path.names, path.optional_from, path.reading)),
            Slot::Constant(_) => None,
        })
        .collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_path_is_one_lookup() {
    assert_eq!(paths(r#"jwt.claims.a["b"].c"#), [(names(&["a", "b", "c"]), None, Reading::Value)]);
    assert_eq!(paths("has(jwt.claims.a)"), [(names(&["a"]), None, Reading::Has)]);
    assert_eq!(paths("jwt.claims.a.?b.c"), [(names(&["a", "b", "c"]), Some(2), Reading::Value)]);
}

#[test]
fn a_name_that_a_macro_binds_is_no_attribute() {
    assert_eq!(paths("[1].all(query, query.a == 1)"), []);
    assert_eq!(paths("[1].all(query, .query.a == 1)"), [(names(&["a"]), None, Reading::Value)]);
}

#[test]
fn literals_are_worked_out_once() {
    for source in ["'a'.matches('b')", "ip('::1')", "cidr('::/0')", "duration('1s')", "1 in [1, 2]", "{'a': 1}.a == 1"] {
        assert!(lowered(source).slots.iter().any(|slot| matches!(slot, Slot::Constant(_))), "{source}");
    }
}

#[test]
fn cel_still_sees_the_shape_that_it_appends_in_place() {
    let lowered = lowered("[1].map(a, a)");
    let Expr::Comprehension(comprehension) = lowered.expr.expr else { panic!("a comprehension") };
    let Expr::Call(step) = comprehension.loop_step.expr else { panic!("a call") };
    assert_eq!(step.func_name, operators::ADD);
    assert!(matches!(step.args.last().unwrap().expr, Expr::List(_)));
}
