use proptest::prelude::*;

use super::*;

fn template(text: &str) -> PathTemplate {
    PathTemplate::parse(text).unwrap()
}

fn path(text: &str) -> CanonicalPath<'_> {
    canonical(text.as_bytes(), OnAmbiguous::Reject).unwrap()
}

fn covers(text: &str, raw: &str) -> bool {
    template(text).matches(&path(raw))
}

#[test]
fn a_literal_is_exact() {
    assert!(covers("/", "/"));
    assert!(covers("/orders", "/orders"));
    assert!(covers("/orders", "/%6frders?x=1"));
    assert!(covers("/café au lait", "/caf%C3%A9%20au%20lait"));
    assert!(covers("/100%", "/100%25"));
    for raw in ["/", "/order", "/orderss", "/orders/", "/orders/1", "/Orders"] {
        assert!(!covers("/orders", raw), "{raw}");
    }
    assert!(covers("/orders/", "/orders/"));
    assert!(!covers("/orders/", "/orders"));
}

#[test]
fn a_capture_is_one_segment_that_is_not_empty() {
    assert!(covers("/orders/{id}", "/orders/7"));
    assert!(covers("/{a}", "/x"));
    for raw in ["/orders", "/orders/", "/orders/7/", "/orders/7/items"] {
        assert!(!covers("/orders/{id}", raw), "{raw}");
    }
    assert!(!covers("/{a}", "/"));
    assert!(covers("/{a}/", "/x/"));
}

#[test]
fn the_rest_may_be_nothing() {
    for raw in ["/api", "/api/", "/api/a", "/api/a/b/"] {
        assert!(covers("/api/{*rest}", raw), "{raw}");
    }
    for raw in ["/", "/apis", "/ap"] {
        assert!(!covers("/api/{*rest}", raw), "{raw}");
    }
    assert!(covers("/{*rest}", "/"));
    assert!(covers("/{*rest}", "/a/b"));
    assert!(covers("/{tenant}/{*rest}", "/acme"));
    assert!(!covers("/{tenant}/{*rest}", "/"));
}

#[test]
fn captures_have_names() {
    let template = template("/{tenant}/orders/{id}/{*rest}");
    assert_eq!(template.capture_names().collect::<Vec<_>>(), ["tenant", "id", "rest"]);
    let path = path("/acme/orders/a%20b/c/d/");
    let captures = template.captures(&path).unwrap();
    assert_eq!(captures.iter().collect::<Vec<_>>(), [("tenant", "acme"), ("id", "a b"), ("rest", "c/d/")]);
    assert_eq!(captures.get("id"), Some("a b"));
    assert_eq!(captures.get("x"), None);
}

#[test]
fn the_rest_of_nothing_is_empty() {
    for raw in ["/api", "/api/"] {
        assert_eq!(template("/api/{*rest}").captures(&path(raw)).unwrap().get("rest"), Some(""), "{raw}");
    }
}

#[test]
fn says_why_a_template_is_wrong() {
    for (text, message) in [
        ("", r#"expected a path template such as "/orders/{id}" or "/static/{*rest}", found """#),
        ("orders", r#"expected a path template such as "/orders/{id}" or "/static/{*rest}", found "orders""#),
        ("/a/{id", r#"unclosed `{` in "/a/{id""#),
        ("/a/{id}/{id}", r#"duplicate capture `id` in "/a/{id}/{id}""#),
        ("/{a}/{*a}", r#"duplicate capture `a` in "/{a}/{*a}""#),
        ("/{*a}/b", r#"`{*a}` must come last, found more segments after it in "/{*a}/b""#),
        ("/{*a}/", r#"`{*a}` must come last, found more segments after it in "/{*a}/""#),
        ("/{}", r#"a capture without a name in "/{}""#),
        ("/{*}", r#"a capture without a name in "/{*}""#),
        ("/{Id}", r#"the name of a capture must be lower-case letters, digits and underscores in "/{Id}""#),
        ("/{1}", r#"the name of a capture must be lower-case letters, digits and underscores in "/{1}""#),
        ("/{a}.json", r#"a capture is a whole segment, found more after `}` in "/{a}.json""#),
        ("/v{a}", r#"a capture is a whole segment, found a brace within one in "/v{a}""#),
        ("/a}", r#"a capture is a whole segment, found a brace within one in "/a}""#),
        ("/a/*", r#"`*` is no wildcard; use `{name}` for one segment or `{*name}` for the rest, in "/a/*""#),
        ("/a?b=c", r#"a template has no query and no fragment, found `?` or `#` in "/a?b=c""#),
        ("/a#b", r#"a template has no query and no fragment, found `?` or `#` in "/a#b""#),
        ("/a;b", r#"no path has parameters, found `;` in "/a;b""#),
        ("/a\\b", r#"no path has a backslash, found one in "/a\\b""#),
        ("/a\tb", r#"control character in "/a\tb""#),
        ("//a", r#"duplicate slash in "//a""#),
        ("/a//", r#"duplicate slash in "/a//""#),
        ("/a/../b", r#"dot segment in "/a/../b""#),
        ("/.", r#"dot segment in "/.""#),
        ("/caf%C3%A9", r#"templates are matched on the decoded path; write "/café", found an escape in "/caf%C3%A9""#),
        ("/a%2Fb", r#"no path has this: an escaped slash, found in "/a%2Fb""#),
        ("/a%2541", r#"no path has this: an escape within an escape, found in "/a%2541""#),
    ] {
        assert_eq!(PathTemplate::parse(text).unwrap_err(), message, "{text:?}");
    }
}

#[test]
fn has_at_most_64_segments() {
    assert!(PathTemplate::parse(&"/a".repeat(64)).is_ok());
    assert!(PathTemplate::parse(&"/a".repeat(65)).unwrap_err().starts_with("more than 64 segments in \"/a/a"));
}

proptest! {
    #[test]
    fn never_panics(text in "[/{}*a-c%25;.?é ]{0,12}") {
        let _ = PathTemplate::parse(&text);
    }

    /// A literal that can never occur would be a rule that silently matches nothing.
    #[test]
    fn every_literal_template_covers_a_path(text in "/[a-c%5.é /]{0,10}") {
        if let Ok(template) = PathTemplate::parse(&text) {
            let escaped: String = text.bytes().map(|byte| match byte {
                b'/' | b'a'..=b'z' | b'.' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            }).collect();
            prop_assert!(template.matches(&canonical(escaped.as_bytes(), OnAmbiguous::Reject).unwrap()));
        }
    }
}
