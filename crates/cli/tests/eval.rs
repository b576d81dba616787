//! `portcullis eval` from the outside.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::process::Command;

fn eval(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis")).arg("eval").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn answers_a_value_with_its_type() {
    let (code, answer) =
        eval(&["cidr('10.0.0.0/8').containsIP(source.ip) && n == 3", "--bind", "source.ip=10.1.2.3", "--bind", "n=3"]);
    assert_eq!((code, answer.as_str()), (Some(0), r#"{"value":{"type":"bool","value":true}}"#));
}

#[test]
fn an_error_is_an_answer_and_exit_code_1() {
    let (code, answer) = eval(&["1 / (n - 3)", "--bind", "n=3"]);
    assert_eq!(code, Some(1));
    assert!(answer.contains("division by zero"), "{answer}");
}

#[test]
fn without_an_expression_it_says_how_it_is_used() {
    assert_eq!(eval(&[]).0, Some(2));
}
