use super::*;

fn problem(line: u32, column: u32, width: u32) -> Problem {
    Problem { line, column, width, message: "unknown name `x`".to_owned(), suggestion: None }
}

#[test]
fn prints_the_place_the_message_and_the_nearest_name() {
    let with_suggestion = Problem { suggestion: Some("y".to_owned()), ..problem(1, 9, 1) };
    assert_eq!(with_suggestion.to_string(), "1:9: unknown name `x`; did you mean `y`?");
}

#[test]
fn marks_the_place_below_its_line() {
    let problems = Problems::one(problem(2, 3, 2));
    assert_eq!(problems.render("first\nab cd"), "2:3: unknown name `x`\n  | ab cd\n  |   ^^");
}

#[test]
fn shows_a_window_of_a_long_line() {
    let source = format!("{}x{}", "é".repeat(1_000), "b".repeat(1_000));
    let rendered = Problems::one(problem(1, 1_001, 1)).render(&source);
    let lines: Vec<&str> = rendered.lines().collect();
    assert_eq!(lines[1].chars().count(), 4 + 120);
    assert_eq!(lines[2].chars().count(), 4 + 60 + 1);
}

#[test]
fn a_place_outside_the_text_still_prints() {
    let rendered = Problems::one(problem(9, 70, 5)).render("x");
    assert!(rendered.starts_with("9:70: unknown name"));
}

#[test]
fn sorts_and_says_each_thing_once() {
    let problems = Problems::of(vec![problem(2, 1, 1), problem(1, 1, 1), problem(2, 1, 1)]).unwrap();
    assert_eq!(problems.to_string(), "1:1: unknown name `x`\n2:1: unknown name `x`");
    assert_eq!(Problems::of(Vec::new()), None);
}
