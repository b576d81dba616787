use proptest::prelude::*;

use super::*;
use OnAmbiguous::{Reject, Rewrite};

fn strict(raw: &str) -> Result<String, Ambiguity> {
    let path = canonical(raw.as_bytes(), Reject)?;
    assert_eq!(path.rewritten(), None, "{raw:?}");
    Ok(path.as_str().to_owned())
}

/// The canonical path, and what is forwarded.
fn rewritten(raw: &str) -> Result<(String, String), Ambiguity> {
    let path = canonical(raw.as_bytes(), Rewrite)?;
    Ok((path.as_str().to_owned(), path.rewritten().unwrap_or(raw).to_owned()))
}

fn pair(path: &str, forward: &str) -> Result<(String, String), Ambiguity> {
    Ok((path.to_owned(), forward.to_owned()))
}

#[test]
fn a_plain_path_is_borrowed() {
    for raw in ["/", "/a", "/a/", "/a/b.c/...", "/.a/..b/c.", "/~user/a,b@c:d/(x)!$&'*+=", "/a[1]|{b}"] {
        let path = canonical(raw.as_bytes(), Reject).unwrap();
        assert!(matches!(path.decoded, Cow::Borrowed(_)), "{raw}");
        assert_eq!(path.as_str(), raw);
    }
}

#[test]
fn query_goes_and_escapes_are_decoded_once() {
    assert_eq!(strict("/a?x=1/../%2F;\\").as_deref(), Ok("/a"));
    assert_eq!(strict("/a?").as_deref(), Ok("/a"));
    assert_eq!(strict("/a%20b").as_deref(), Ok("/a b"));
    assert_eq!(strict("/caf%C3%A9").as_deref(), Ok("/café"));
    assert_eq!(strict("/caf%c3%a9").as_deref(), Ok("/café"));
    assert_eq!(strict("/%61dmin").as_deref(), Ok("/admin"));
    assert_eq!(strict("/a%3Fb%23c").as_deref(), Ok("/a?b#c"));
    assert_eq!(strict("/100%25").as_deref(), Ok("/100%"));
    assert_eq!(strict("/100%25/ab").as_deref(), Ok("/100%/ab"));
}

#[test]
fn refuses_every_path_with_two_readings() {
    for (raw, ambiguity) in [
        ("/a/../b", Ambiguity::DotSegment),
        ("/a/.", Ambiguity::DotSegment),
        ("/..", Ambiguity::DotSegment),
        ("/a/%2e%2E/b", Ambiguity::DotSegment),
        ("/a/.%2e/b", Ambiguity::DotSegment),
        ("//a", Ambiguity::DuplicateSlash),
        ("/a//", Ambiguity::DuplicateSlash),
        ("/a%2fb", Ambiguity::EncodedSlash),
        ("/a%2Fb", Ambiguity::EncodedSlash),
        ("/a\\b", Ambiguity::Backslash),
        ("/a%5cb", Ambiguity::Backslash),
        ("/a%00", Ambiguity::Control),
        ("/a\0", Ambiguity::Control),
        ("/a%0d%0aX: y", Ambiguity::Unescaped),
        ("/a%0d%0aX:y", Ambiguity::Control),
        ("/a\tb", Ambiguity::Control),
        ("/a%7F", Ambiguity::Control),
        ("/a%C2%85", Ambiguity::Control),
        ("/%252e%252e/b", Ambiguity::DoubleEncoding),
        ("/a%2541", Ambiguity::DoubleEncoding),
        ("/a%25%34%31", Ambiguity::DoubleEncoding),
        ("/a%zz", Ambiguity::BadEscape),
        ("/a%4", Ambiguity::BadEscape),
        ("/a%", Ambiguity::BadEscape),
        ("/a%+1", Ambiguity::BadEscape),
        ("/a%u002e", Ambiguity::BadEscape),
        ("/a;x=1", Ambiguity::Parameters),
        ("/..;/a", Ambiguity::Parameters),
        ("/a%3Bx=1", Ambiguity::Parameters),
        ("/a%C0%AFb", Ambiguity::NotUtf8),
        ("/a%FF", Ambiguity::NotUtf8),
        ("/a%ED%A0%80", Ambiguity::NotUtf8),
        ("/a#b", Ambiguity::Fragment),
        ("/a?b#c", Ambiguity::Fragment),
        ("/a b", Ambiguity::Unescaped),
        ("/café", Ambiguity::Unescaped),
        ("", Ambiguity::NotAbsolute),
        ("*", Ambiguity::NotAbsolute),
        ("a", Ambiguity::NotAbsolute),
        ("?a", Ambiguity::NotAbsolute),
        ("\\a", Ambiguity::NotAbsolute),
        ("%2Fa", Ambiguity::NotAbsolute),
        ("http://host/a", Ambiguity::NotAbsolute),
    ] {
        assert_eq!(strict(raw), Err(ambiguity), "{raw:?}");
    }
    assert_eq!(canonical(b"/a\xff", Reject), Err(Ambiguity::Unescaped));
}

#[test]
fn rewriting_forwards_what_was_judged() {
    assert_eq!(rewritten("/a/../b?q=../x"), pair("/b", "/b?q=../x"));
    assert_eq!(rewritten("/a/b/.."), pair("/a/", "/a/"));
    assert_eq!(rewritten("/a/./b/."), pair("/a/b/", "/a/b/"));
    assert_eq!(rewritten("/a/%2e%2e/%62"), pair("/b", "/%62"));
    assert_eq!(rewritten("//a///b//"), pair("/a/b/", "/a/b/"));
    assert_eq!(rewritten("/a/..\\c"), pair("/c", "/c"));
    assert_eq!(rewritten("/admin;x=1/users;y?z;w"), pair("/admin/users", "/admin/users?z;w"));
    assert_eq!(rewritten("/x/..;/a"), pair("/a", "/a"));
    assert_eq!(rewritten("/;/a"), pair("/a", "/a"));
    assert_eq!(rewritten("/a#b?c"), pair("/a", "/a"));
    assert_eq!(rewritten("/a?b#c"), pair("/a", "/a?b"));
    assert_eq!(rewritten("/a b/é"), pair("/a b/é", "/a%20b/%C3%A9"));
    assert_eq!(rewritten("//a%2Bb+c%25"), pair("/a+b+c%", "/a%2Bb+c%25"));
}

#[test]
fn a_dot_segment_takes_an_empty_one_like_any_other() {
    assert_eq!(rewritten("/a//../b"), pair("/a/b", "/a/b"));
    assert_eq!(rewritten("/a//../../b"), pair("/b", "/b"));
    assert_eq!(rewritten("//.."), pair("/", "/"));
}

#[test]
fn rewriting_leaves_an_unambiguous_path_alone() {
    for raw in ["/", "/a", "/%7euser?x", "/a%20b", "/100%25"] {
        assert_eq!(canonical(raw.as_bytes(), Rewrite).unwrap().rewritten(), None, "{raw}");
    }
}

#[test]
fn rewriting_still_refuses_what_has_no_safe_form() {
    for (raw, ambiguity) in [
        ("/..", Ambiguity::DotSegment),
        ("/a/../../b", Ambiguity::DotSegment),
        ("/a%2fb", Ambiguity::EncodedSlash),
        ("/a%5cb", Ambiguity::Backslash),
        ("/a%00", Ambiguity::Control),
        ("/a\nb", Ambiguity::Control),
        ("/%252e/b", Ambiguity::DoubleEncoding),
        ("/%2541/../b", Ambiguity::DoubleEncoding),
        ("/%ff/../b", Ambiguity::NotUtf8),
        ("/a%zz", Ambiguity::BadEscape),
        ("/a%3bx", Ambiguity::Parameters),
        ("", Ambiguity::NotAbsolute),
        ("#/a", Ambiguity::NotAbsolute),
    ] {
        assert_eq!(rewritten(raw), Err(ambiguity), "{raw:?}");
    }
    assert_eq!(canonical(b"/a/\xff", Rewrite), Err(Ambiguity::NotUtf8));
    assert_eq!(canonical(b"//a?\xff", Rewrite), Err(Ambiguity::NotUtf8));
}

#[test]
fn segments_end_with_an_empty_one_after_a_trailing_slash() {
    let segments =
        |raw: &'static str| canonical(raw.as_bytes(), Reject).unwrap().segments().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(segments("/"), [""]);
    assert_eq!(segments("/a/b"), ["a", "b"]);
    assert_eq!(segments("/a%20b/"), ["a b", ""]);
}

#[test]
fn names_are_unique() {
    use Ambiguity::*;
    let all = [
        Backslash,
        BadEscape,
        Control,
        DotSegment,
        DoubleEncoding,
        DuplicateSlash,
        EncodedSlash,
        Fragment,
        NotAbsolute,
        NotUtf8,
        Parameters,
        Unescaped,
    ];
    let names: std::collections::BTreeSet<_> = all.iter().map(|ambiguity| ambiguity.name()).collect();
    assert_eq!(names.len(), all.len());
}

/// Paths made of the pieces that attacks are made of.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"/"[..],
        b"//",
        b"/",
        b"/a",
        b"/b",
        b".",
        b"..",
        b"%2e",
        b"%2E",
        b"%2f",
        b"%5C",
        b"\\",
        b";",
        b";x=1",
        b"%3b",
        b"%25",
        b"%252e",
        b"%",
        b"%4",
        b"%C3%A9",
        b"\xc3\xa9",
        b"%c0%af",
        b"\xff",
        b"%00",
        b"\0",
        b" ",
        b"%20",
        b"?",
        b"#",
        b"a",
        b"41",
        b"%41",
        b"+",
        b"*",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn rooted() -> impl Strategy<Value = Vec<u8>> {
    hostile().prop_map(|tail| [&b"/"[..], &tail].concat())
}

/// What the type promises, checked in the plainest way.
fn assert_canonical(path: &CanonicalPath<'_>) {
    let text = path.as_str();
    assert!(text.starts_with('/'), "{text:?}");
    assert!(!text.contains("//"), "{text:?}");
    assert!(!text.contains(['\\', ';']), "{text:?}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(path.segments().all(|segment| segment != "." && segment != ".."), "{text:?}");
    let escapes = text
        .match_indices('%')
        .filter(|(at, _)| text.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)));
    assert_eq!(escapes.count(), 0, "{text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn never_panics(raw in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = canonical(&raw, Reject);
        let _ = canonical(&raw, Rewrite);
    }

    #[test]
    fn what_is_accepted_is_canonical(raw in prop_oneof![hostile(), rooted()]) {
        for on_ambiguous in [Reject, Rewrite] {
            if let Ok(path) = canonical(&raw, on_ambiguous) {
                assert_canonical(&path);
            }
        }
    }

    #[test]
    fn what_is_forwarded_reads_the_same_and_is_not_rewritten_again(raw in rooted()) {
        if let Ok(path) = canonical(&raw, Rewrite) {
            let forward = path.rewritten().map_or(raw.as_slice(), str::as_bytes);
            let again = canonical(forward, Reject);
            prop_assert_eq!(again.as_ref().map(CanonicalPath::as_str), Ok(path.as_str()));
            prop_assert!(canonical(forward, Rewrite).unwrap().rewritten().is_none());
        }
    }

    #[test]
    fn rewriting_accepts_all_that_rejecting_accepts(raw in rooted()) {
        if let Ok(path) = canonical(&raw, Reject) {
            prop_assert_eq!(canonical(&raw, Rewrite), Ok(path));
        }
    }
}
