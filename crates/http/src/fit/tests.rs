use portcullis_config::OnAmbiguous;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::RuleIndex;

fn matching(written: serde_json::Value) -> Match {
    serde_json::from_value(written).unwrap()
}

fn request<'a>(method: &'a str, host: &'a str, path: &'a str) -> MatchRequest<'a> {
    MatchRequest::parse(method.as_bytes(), Some(host.as_bytes()), Some(path.as_bytes()), OnAmbiguous::Reject).unwrap()
}

fn fit(written: serde_json::Value, path: &str) -> Fit {
    matching(written).fit(&request("GET", "api.example", path))
}

#[test]
fn a_rule_without_a_match_is_for_every_request() {
    let fit = fit(json!({}), "/");
    assert_eq!(fit, Fit { host: None, method: None, path: None });
    assert!(fit.holds());
}

#[test]
fn each_field_says_what_it_wants_and_what_it_found() {
    let written = json!({ "hosts": ["*.example", "b.test"], "methods": ["PUT"], "paths": ["/orders", "/orders/{id}/{*more}"] });
    let fit = fit(written, "/orders/7/items/9");
    let host =
        Look { fits: true, found: Some("api.example".to_owned()), expected: vec!["*.example".to_owned(), "b.test".to_owned()] };
    assert_eq!(fit.host, Some(host));
    assert_eq!(fit.method, Some(Look { fits: false, found: Some("GET".to_owned()), expected: vec!["PUT".to_owned()] }));
    let path = fit.path.clone().unwrap();
    assert_eq!((path.fits, path.template.as_deref(), path.nearest), (true, Some("/orders/{id}/{*more}"), None));
    let captures: Vec<(&str, &str)> = path.captures.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
    assert_eq!(captures, [("id", "7"), ("more", "items/9")]);
    assert!(!fit.holds());
}

#[test]
fn the_nearest_template_says_where_the_path_leaves_it() {
    for (templates, path, nearest, why) in [
        (json!(["/orders/{id}"]), "/order/7", "/orders/{id}", "`order` is not `orders`"),
        (json!(["/carts", "/orders/{id}"]), "/orders", "/orders/{id}", "the path ends before `{id}`"),
        (json!(["/carts", "/orders/{id}"]), "/orders/", "/orders/{id}", "the path ends before `{id}`"),
        (json!(["/orders/new"]), "/orders", "/orders/new", "the path ends before `new`"),
        (json!(["/orders", "/orders/{id}"]), "/orders/7/items", "/orders/{id}", "the path goes on with `/items`"),
        (json!(["/orders"]), "/orders/", "/orders", "the path has a slash at its end"),
        (json!(["/orders/"]), "/orders", "/orders/", "the path has no slash at its end"),
        (json!(["/b", "/health/{*rest}"]), "/helth/x", "/health/{*rest}", "`helth` is not `health`"),
    ] {
        let found = fit(json!({ "paths": templates }), path).path.and_then(|path| path.nearest).unwrap();
        assert_eq!((found.template.as_str(), found.why.as_str()), (nearest, why), "{path}");
    }
}

#[test]
fn a_template_that_begins_otherwise_is_not_near() {
    for (template, path) in [("/", "/x"), ("/a/{*rest}", "/c"), ("/orders/{id}", "/reports/7")] {
        assert_eq!(fit(json!({ "paths": [template] }), path).path.and_then(|path| path.nearest), None, "{template}");
    }
}

#[test]
fn without_a_path_there_is_no_nearest_template() {
    let request = MatchRequest::parse(b"OPTIONS", None, Some(b"*"), OnAmbiguous::Reject).unwrap();
    let path = matching(json!({ "paths": ["/a"] })).fit(&request).path.unwrap();
    assert_eq!((path.fits, path.found, path.nearest), (false, None, None));
}

proptest! {
    #[test]
    fn it_agrees_with_the_index(
        template in "(/(a|b|\\{x\\})){1,3}(/|/\\{\\*rest\\})?".prop_filter("captures once", |text| text.matches("{x}").count() < 2),
        path in "(/(a|b)){0,3}/?",
        method in "GET|PUT",
    ) {
        let path = if path.is_empty() { "/".to_owned() } else { path };
        let rule = matching(json!({ "methods": ["GET"], "paths": [template] }));
        let request = request(&method, "a.example", &path);
        let fit = rule.fit(&request);
        let look = fit.path.clone().unwrap();
        prop_assert!(!look.fits || look.nearest.is_none());
        prop_assert_eq!(fit.holds(), RuleIndex::new([rule]).first(&request).is_some());
    }
}
