use super::*;

#[test]
fn a_path_grows_from_the_inside_out() {
    let error = ConfigError::at("timeout", "too long").within_key("remote_jwks").within("providers.main");
    assert_eq!(error.to_string(), "providers.main.remote_jwks.timeout: too long");
    let error = ConfigError::at("", "unclosed `{`").within_index(0).within("match.paths").within("rules[2]");
    assert_eq!(error.to_string(), "rules[2].match.paths[0]: unclosed `{`");
}

#[test]
fn a_finding_about_the_document_has_no_path() {
    assert_eq!(ConfigError::at("", "too short").to_string(), "too short");
}

#[test]
fn a_key_that_is_no_word_is_quoted() {
    let at = |key: &str| ConfigError::at("", "wrong").within_key(key).within("headers").to_string();
    assert_eq!(at("x-user"), "headers.x-user: wrong");
    assert_eq!(at("a.b"), "headers[\"a.b\"]: wrong");
    assert_eq!(at(""), "headers[\"\"]: wrong");
    assert_eq!(at("a\nb"), "headers[\"a\\nb\"]: wrong");
    assert_eq!(at(&"k".repeat(100)), format!("headers[\"{}…\"]: wrong", "k".repeat(64)));
}

#[test]
fn several_findings_are_a_line_each() {
    let error = ConfigError::at("a", "wrong").and(ConfigError::at("b", "wrong too")).within("top");
    assert_eq!(error.to_string(), "top.a: wrong\ntop.b: wrong too");
}

#[test]
fn both_values_or_the_findings_of_either() {
    let wrong = |path: &str| ConfigError::at(path, "x");
    assert_eq!(ConfigError::both(Ok(1), Ok('a')), Ok((1, 'a')));
    assert_eq!(ConfigError::both(Ok(1), Err::<char, _>(wrong("b"))), Err(wrong("b")));
    assert_eq!(ConfigError::both(Err::<i32, _>(wrong("a")), Ok('a')), Err(wrong("a")));
    assert_eq!(ConfigError::both(Err::<i32, _>(wrong("a")), Err::<char, _>(wrong("b"))), Err(wrong("a").and(wrong("b"))));
}

#[test]
fn gathers_every_finding() {
    assert_eq!(ConfigError::gather([Ok(1), Ok(2)]), Ok(vec![1, 2]));
    let error = ConfigError::gather([Err(ConfigError::at("a", "x")), Ok(1), Err(ConfigError::at("b", "y"))]).unwrap_err();
    assert_eq!(error.findings().len(), 2);
}
