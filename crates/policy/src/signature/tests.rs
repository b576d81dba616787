use super::*;
use crate::Type;

/// Operators that are checked by rules of their own: their text is for people.
const RULES: &[&str] = &["_?_:_", "_[_]", "_[?_]", "_?._"];

#[test]
fn every_signature_can_be_read() {
    for entry in INDEX.values() {
        let name = entry.function.name;
        let by_rule = RULES.contains(&name) || name == "sortBy";
        assert!(by_rule || entry.overloads.len() == entry.function.signatures.len(), "{name}");
        assert!(by_rule || !entry.overloads.is_empty(), "{name}");
    }
}

#[test]
fn every_function_has_one_name_a_line_and_an_example() {
    let all: Vec<_> = GROUPS.iter().flat_map(|group| group.functions).collect();
    for function in &all {
        assert_eq!(all.iter().filter(|other| other.name == function.name).count(), 1, "{}", function.name);
        assert!(function.doc.ends_with('.') && !function.doc.contains('\n'), "{}", function.name);
        assert!(!function.examples.is_empty(), "{}", function.name);
    }
}

#[test]
fn a_signature_has_a_receiver_only_where_a_type_stands_before_the_dot() {
    let greatest = &entry("math.greatest").unwrap().overloads;
    assert_eq!(greatest[0].receiver, None);
    assert_eq!(greatest[0].arguments, [Shape::List(Box::new(Shape::Any('N')))]);
    assert!(greatest[1].variadic);
    let query = &entry("getQuery").unwrap().overloads[0];
    assert_eq!(query.receiver, Some(Shape::Is(Type::Url)));
    assert_eq!(query.result.to_string(), "map(string, list(string))");
    let size = &entry("size").unwrap().overloads[7];
    assert_eq!(size.receiver, Some(Shape::Map(Box::new(Shape::Any('A')), Box::new(Shape::Any('B')))));
}
