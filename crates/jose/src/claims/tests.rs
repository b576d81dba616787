use super::*;

const NANO: Duration = Duration::from_nanos(1);

fn claims(payload: &str) -> Result<Claims, TokenError> {
    Claims::parse(payload.as_bytes().to_vec())
}

fn check(payload: &str, rules: &TokenRules, now: Duration) -> Result<(), TokenError> {
    claims(payload).unwrap().check(rules, now)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// No demand but those on time.
fn rules(skew: Duration) -> TokenRules {
    TokenRules { clock_skew: skew, require_expiration: false, ..TokenRules::default() }
}

#[test]
fn expires_on_its_second_plus_the_skew() {
    for (skew, end) in [(seconds(0), seconds(1000)), (seconds(60), seconds(1060)), (Duration::from_millis(500), seconds(1000))] {
        let end = if skew.subsec_millis() == 500 { end + skew } else { end };
        assert_eq!(check(r#"{"exp":1000}"#, &rules(skew), end - NANO), Ok(()));
        assert_eq!(check(r#"{"exp":1000}"#, &rules(skew), end), Err(TokenError::Expired));
        assert_eq!(check(r#"{"exp":1000}"#, &rules(skew), end + NANO), Err(TokenError::Expired));
    }
}

#[test]
fn begins_on_its_second_minus_the_skew() {
    for (skew, start) in [(seconds(0), seconds(1000)), (seconds(60), seconds(940))] {
        assert_eq!(check(r#"{"nbf":1000}"#, &rules(skew), start - NANO), Err(TokenError::NotYetValid));
        assert_eq!(check(r#"{"nbf":1000}"#, &rules(skew), start), Ok(()));
    }
    assert_eq!(check(r#"{"nbf":10}"#, &rules(seconds(60)), seconds(0)), Ok(()));
}

#[test]
fn dates_may_have_fractions() {
    let rules = rules(seconds(0));
    assert_eq!(check(r#"{"exp":1000.5}"#, &rules, Duration::from_millis(1500 * 1000 / 1000 - 500 + 999_499)), Ok(()));
    assert_eq!(check(r#"{"exp":1000.5}"#, &rules, Duration::from_millis(1_000_500)), Err(TokenError::Expired));
    assert_eq!(check(r#"{"exp":1e3}"#, &rules, seconds(1000)), Err(TokenError::Expired));
    assert_eq!(check(r#"{"exp":1e3}"#, &rules, seconds(1000) - NANO), Ok(()));
}

#[test]
fn dates_that_no_clock_reaches_are_later_than_anything() {
    for date in ["1e308", "18446744073709551615", "18446744073709551616", "1e19", "1e30"] {
        for skew in [seconds(0), seconds(60), Duration::MAX] {
            let now = seconds(4_000_000_000);
            assert_eq!(check(&format!(r#"{{"exp":{date}}}"#), &rules(skew), now), Ok(()), "{date}");
        }
        let result = check(&format!(r#"{{"nbf":{date}}}"#), &rules(seconds(60)), seconds(4_000_000_000));
        assert_eq!(result, Err(TokenError::NotYetValid), "{date}");
    }
}

#[test]
fn the_epoch_itself_is_long_past() {
    for date in ["0", "-0", "0.0", "-0.0", "1e-300"] {
        let result = check(&format!(r#"{{"exp":{date}}}"#), &rules(seconds(0)), seconds(1));
        assert_eq!(result, Err(TokenError::Expired), "{date}");
    }
}

#[test]
fn a_date_of_the_wrong_type_is_never_read_as_absent() {
    for name in ["exp", "nbf", "iat"] {
        for value in [r#""1000""#, r#""""#, "null", "true", "[]", "[1000]", "{}", "-1", "-0.5", "-1e308"] {
            let error = claims(&format!(r#"{{"{name}":{value}}}"#)).unwrap_err();
            assert_eq!(error, TokenError::Claim(name), "{name} {value}");
        }
    }
}

#[test]
fn names_of_the_wrong_type_are_refused() {
    for name in ["iss", "sub", "jti"] {
        for value in ["null", "1", r#"["a"]"#, "{}", "false"] {
            assert_eq!(claims(&format!(r#"{{"{name}":{value}}}"#)).unwrap_err(), TokenError::Claim(name), "{name} {value}");
        }
    }
}

#[test]
fn an_audience_is_a_string_or_a_list_of_strings() {
    for value in ["null", "1", "{}", "[1]", r#"["a",null]"#, r#"[["a"]]"#, r#"{"a":"a"}"#] {
        assert_eq!(claims(&format!(r#"{{"aud":{value}}}"#)).unwrap_err(), TokenError::Claim("aud"), "{value}");
    }
    for value in [r#""a""#, "[]", r#"["a"]"#, r#"["a","b"]"#] {
        assert!(claims(&format!(r#"{{"aud":{value}}}"#)).is_ok(), "{value}");
    }
}

#[test]
fn one_audience_of_several_is_enough() {
    let rules = TokenRules { audiences: vec!["a".into(), "b".into()], ..rules(seconds(0)) };
    for (payload, accepted) in [
        (r#"{"aud":"a"}"#, true),
        (r#"{"aud":["x","b"]}"#, true),
        (r#"{"aud":"x"}"#, false),
        (r#"{"aud":[]}"#, false),
        ("{}", false),
        (r#"{"aud":"A"}"#, false),
        (r#"{"aud":"a/"}"#, false),
        (r#"{"aud":"https://a"}"#, false),
        (r#"{"aud":"a b"}"#, false),
        (r#"{"aud":""}"#, false),
    ] {
        let expected = if accepted { Ok(()) } else { Err(TokenError::Audience) };
        assert_eq!(check(payload, &rules, seconds(0)), expected, "{payload}");
    }
}

#[test]
fn without_expected_audiences_any_is_good() {
    for payload in ["{}", r#"{"aud":"x"}"#, r#"{"aud":[]}"#] {
        assert_eq!(check(payload, &rules(seconds(0)), seconds(0)), Ok(()));
    }
}

#[test]
fn the_issuer_is_compared_byte_by_byte() {
    let rules = TokenRules { issuer: Some("https://a.example".into()), ..rules(seconds(0)) };
    assert_eq!(check(r#"{"iss":"https://a.example"}"#, &rules, seconds(0)), Ok(()));
    assert_eq!(check(r#"{"iss":"https:\/\/\u0061.example"}"#, &rules, seconds(0)), Ok(()));
    for issuer in ["https://a.example/", "https://A.example", "https://b.example", "", "https://a.example\\u0000"] {
        let result = check(&format!(r#"{{"iss":"{issuer}"}}"#), &rules, seconds(0));
        assert_eq!(result, Err(TokenError::Issuer), "{issuer}");
    }
    assert_eq!(check("{}", &rules, seconds(0)), Err(TokenError::Issuer));
}

#[test]
fn demands_an_expiration_by_default() {
    assert_eq!(check("{}", &TokenRules::default(), seconds(0)), Err(TokenError::ExpirationMissing));
    assert_eq!(check("{}", &rules(seconds(0)), seconds(0)), Ok(()));
}

#[test]
fn an_issue_date_in_the_future_is_not_judged() {
    assert_eq!(check(r#"{"iat":5000}"#, &rules(seconds(0)), seconds(0)), Ok(()));
}
