use super::*;

fn tokens_of(lines: &[(&str, &str)]) -> Result<Vec<String>, Refusal> {
    let places = [
        Location::Header { name: "authorization".to_owned(), prefix: String::new() },
        Location::Header { name: "x-token".to_owned(), prefix: String::new() },
        Location::Param("access_token".to_owned()),
        Location::Cookie("session".to_owned()),
    ];
    let bearer = Location::bearer();
    let locations = Locations::new(places.iter().skip(1).chain([&bearer, &bearer]));
    let headers = HeaderBlock::from_pairs(lines.iter().copied());
    let found = locations.tokens(&headers)?;
    Ok(found.into_iter().map(|found| String::from_utf8_lossy(&found.token).into_owned()).collect())
}

#[test]
fn the_scheme_matches_in_any_case() {
    for line in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
        assert_eq!(tokens_of(&[("authorization", line)]), Ok(vec!["a.b.c".to_owned()]), "{line}");
    }
}

#[test]
fn another_scheme_carries_no_token() {
    for line in ["", "Bearer", "Bearer ", "Basic YTpi", "Bearerx a.b.c", "a.b.c"] {
        assert_eq!(tokens_of(&[("authorization", line)]), Ok(vec![]), "{line}");
    }
}

#[test]
fn the_longest_prefix_wins() {
    let bare = Location::Header { name: "authorization".to_owned(), prefix: String::new() };
    let locations = Locations::new([&bare, &Location::bearer()]);
    let headers = HeaderBlock::from_pairs([("authorization", "Bearer a.b.c")]);
    let found = locations.tokens(&headers).unwrap();
    assert_eq!(found, [Found { token: Cow::Borrowed(b"a.b.c"), location: 0 }]);
    assert_eq!(locations.get(0), Some(&Location::bearer()));
}

#[test]
fn finds_parameters_and_cookies() {
    assert_eq!(tokens_of(&[(":path", "/a?x=1&access_token=a.b.c&y=2")]), Ok(vec!["a.b.c".to_owned()]));
    assert_eq!(tokens_of(&[(":path", "/a?access%5Ftoken=a%2Eb.c")]), Ok(vec!["a.b.c".to_owned()]));
    assert_eq!(tokens_of(&[(":path", "/access_token=a.b.c?access_tokens=x")]), Ok(vec![]));
    assert_eq!(tokens_of(&[("cookie", "a=1; session=\"a.b.c\"; b=2")]), Ok(vec!["a.b.c".to_owned()]));
    assert_eq!(tokens_of(&[("cookie", "xsession=a.b.c; sessions=d")]), Ok(vec![]));
}

#[test]
fn refuses_two_tokens_in_one_place() {
    let bearer = ("authorization", "Bearer a.b.c");
    for lines in [
        vec![bearer, bearer],
        vec![bearer, ("authorization", "Basic YTpi")],
        vec![("authorization", "Basic YTpi"), bearer],
        vec![("authorization", "Bearer a.b.c,Bearer a.b.c")],
        vec![("authorization", "Bearer a.b.c, Basic YTpi")],
        vec![(":path", "/?access_token=a.b.c&access_token=d.e.f")],
        vec![("cookie", "session=a.b.c; session=d.e.f")],
        vec![("cookie", "session=a.b.c"), ("cookie", "session=d.e.f")],
    ] {
        assert_eq!(tokens_of(&lines), Err(Refusal::Multiple), "{lines:?}");
    }
}

#[test]
fn finds_the_tokens_of_several_places() {
    let lines = [(":path", "/?access_token=p"), ("authorization", "Bearer h"), ("cookie", "session=c"), ("x-token", "x")];
    assert_eq!(tokens_of(&lines).map(|tokens| tokens.len()), Ok(4));
}

#[test]
fn takes_a_parameter_away_and_leaves_the_others_as_they_are() {
    for (path, left) in [
        ("/a?access_token=x", "/a"),
        ("/a?b=%20+&access_token=x&c", "/a?b=%20+&c"),
        ("/a?access%5ftoken=x&b=1", "/a?b=1"),
        ("/a", "/a"),
        ("/a?", "/a?"),
    ] {
        assert_eq!(path_without(path.as_bytes(), "access_token"), left.as_bytes(), "{path}");
    }
    assert_eq!(path_without(b"/?access_token=x&\xff", "access_token"), b"/?\xff");
}

#[test]
fn takes_a_cookie_away_and_leaves_the_others() {
    let headers = HeaderBlock::from_pairs([("cookie", "a=1; session=x"), ("cookie", "b=\"2\"")]);
    assert_eq!(cookies_without(&headers, &["session"]), Some(b"a=1; b=\"2\"".to_vec()));
    let alone = HeaderBlock::from_pairs([("cookie", "session=x")]);
    assert_eq!(cookies_without(&alone, &["session"]), None);
}
