use portcullis_config::{NonEmpty, OnAmbiguous, from_value};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn index(rules: &Value) -> RuleIndex {
    RuleIndex::new(from_value::<Vec<Match>>(rules).unwrap())
}

fn request<'a>(method: &'a str, host: &'a str, path: &'a str) -> MatchRequest<'a> {
    let host = (!host.is_empty()).then_some(host.as_bytes());
    MatchRequest::parse(method.as_bytes(), host, Some(path.as_bytes()), OnAmbiguous::Reject).unwrap()
}

fn ids(index: &RuleIndex, request: &MatchRequest<'_>) -> Vec<usize> {
    index.matches(request).map(|found| found.rule).collect()
}

#[test]
fn yields_all_rules_in_configured_order() {
    let index = index(&json!([
        { "paths": ["/{*rest}"] },
        { "paths": ["/orders/{id}"] },
        { "paths": ["/orders/7"] },
        {},
        { "paths": ["/orders/{id}", "/orders/7", "/{a}/{b}"], "hosts": ["a.com", "*"] },
        { "paths": ["/other"] },
    ]));
    assert_eq!(ids(&index, &request("GET", "a.com", "/orders/7")), [0, 1, 2, 3, 4]);
    assert_eq!(ids(&index, &request("GET", "", "/orders/8")), [0, 1, 3, 4]);
    assert_eq!(index.first(&request("GET", "a.com", "/other")).unwrap().rule, 0);
    assert_eq!((index.len(), index.is_empty()), (6, false));
}

#[test]
fn fields_are_anded_and_values_ored() {
    let index = index(&json!([{ "hosts": ["a.com", "*.b.com"], "methods": ["GET", "HEAD"], "paths": ["/a", "/b"] }]));
    let found = |method, host, path| index.first(&request(method, host, path)).is_some();
    assert!(found("GET", "A.com:80", "/a"));
    assert!(found("HEAD", "x.y.b.com", "/b"));
    assert!(!found("POST", "a.com", "/a"));
    assert!(!found("GET", "b.com", "/a"));
    assert!(!found("GET", "", "/a"));
    assert!(!found("GET", "a.com", "/c"));
}

#[test]
fn a_port_is_ambiguous_where_rules_look_at_hosts() {
    let with_port = request("GET", "a.com:80", "/");
    let judged = |rules: &Value| index(rules).host_ambiguity(&with_port);
    assert_eq!(judged(&json!([{ "hosts": ["a.com"] }])), Some(InvalidHost::Port));
    assert_eq!(judged(&json!([{ "hosts": ["*.com"] }])), Some(InvalidHost::Port));
    assert_eq!(judged(&json!([{ "hosts": ["*"] }, { "paths": ["/"] }])), None);
    assert_eq!(index(&json!([{ "hosts": ["a.com"] }])).host_ambiguity(&request("GET", "a.com", "/")), None);
}

#[test]
fn without_a_path_only_rules_without_paths_match() {
    let index = index(&json!([{ "paths": ["/{*rest}"] }, {}, { "hosts": ["a.com"] }, { "methods": ["OPTIONS"] }]));
    assert_eq!(ids(&index, &request("CONNECT", "a.com:443", "")), [1, 2]);
    assert_eq!(ids(&index, &request("OPTIONS", "a.com", "*")), [1, 2, 3]);
}

#[test]
fn captures_come_from_the_first_template_that_covers_the_path() {
    let index = index(&json!([{ "paths": ["/x/{a}", "/{b}/y"] }, {}]));
    let request = request("GET", "", "/x/y");
    let found: Vec<_> = index.matches(&request).map(|found| found.captures().iter().collect::<Vec<_>>()).collect();
    assert_eq!(found, [vec![("a", "y")], vec![]]);
    assert_eq!(index.first(&request).unwrap().template().unwrap().as_str(), "/x/{a}");
}

#[test]
fn a_very_long_path_is_no_deeper_than_the_tree() {
    let index = index(&json!([{ "paths": ["/{*rest}"] }, { "paths": ["/a/{b}/a"] }]));
    let path = "/a".repeat(100_000);
    assert_eq!(ids(&index, &request("GET", "", &path)), [0]);
}

#[test]
fn an_empty_list_is_refused() {
    for field in ["hosts", "methods", "paths"] {
        let error = from_value::<Vec<Match>>(&json!([{ field: [] }])).unwrap_err().to_string();
        assert_eq!(error, format!("[0].{field}: an empty list says nothing; leave the field out, or name at least one"));
    }
    let error = from_value::<Match>(&json!({ "paths": ["/a", "/b/{"] })).unwrap_err().to_string();
    assert_eq!(error, "paths[1]: unclosed `{` in \"/b/{\"");
}

/// The meaning of a rule, worked out from its text alone and one rule at a time.
mod naive {
    use super::*;

    pub(super) fn scan(rules: &[Match], request: &MatchRequest<'_>) -> Vec<usize> {
        rules.iter().enumerate().filter(|(_, rule)| is_for(rule, request)).map(|(id, _)| id).collect()
    }

    fn is_for(rule: &Match, request: &MatchRequest<'_>) -> bool {
        let host = request.host.as_ref().map(|host| host.as_str().to_owned());
        let method = str::from_utf8(request.method).unwrap();
        let any =
            |list: Option<Vec<String>>, test: &dyn Fn(&str) -> bool| list.is_none_or(|list| list.iter().any(|item| test(item)));
        any(texts(&rule.hosts), &|pattern| host_is(pattern, host.as_deref()))
            && any(texts(&rule.methods), &|name| name == method)
            && any(texts(&rule.paths), &|template| request.path().is_some_and(|path| path_is(template, path)))
    }

    fn texts<T: ToString>(list: &Option<NonEmpty<T>>) -> Option<Vec<String>> {
        list.as_ref().map(|list| list.iter().map(ToString::to_string).collect())
    }

    fn host_is(pattern: &str, host: Option<&str>) -> bool {
        pattern == "*"
            || host.is_some_and(|host| pattern.strip_prefix('*').map_or(host == pattern, |suffix| host.ends_with(suffix)))
    }

    fn path_is(template: &str, path: &str) -> bool {
        if let Some(base) = template.split("/{*").next().filter(|base| base.len() < template.len()) {
            let depth = base.matches('/').count();
            let head: Vec<&str> = path.split('/').take(depth + 1).collect();
            return path_is(base, &head.join("/"));
        }
        let (wanted, found): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        let same = |(wanted, found): (&&str, &&str)| if wanted.starts_with('{') { !found.is_empty() } else { wanted == found };
        wanted.len() == found.len() && wanted.iter().zip(&found).all(same)
    }
}

fn some_of(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(prop::sample::select(values), 1..4).prop_map(|list| json!(list));
    prop_oneof![1 => Just(Value::Null), 2 => list]
}

fn templates() -> impl Strategy<Value = Value> {
    let segment = prop::sample::select(vec!["a", "b", "c", "{x}", "{y}"]);
    let template = (prop::collection::vec(segment, 0..5), prop::sample::select(vec!["", "", "/", "/{*rest}"])).prop_map(
        |(segments, end)| {
            let mut names = 0;
            let mut text = String::new();
            for segment in segments {
                names += 1;
                text += &if segment.starts_with('{') { format!("/{{v{names}}}") } else { format!("/{segment}") };
            }
            text += end;
            if text.is_empty() { "/".to_owned() } else { text }
        },
    );
    let list = prop::collection::vec(template, 1..4).prop_map(|list| json!(list));
    prop_oneof![1 => Just(Value::Null), 4 => list]
}

fn rule() -> impl Strategy<Value = Match> {
    let hosts = some_of(&["a.com", "b.com", "x.a.com", "*.a.com", "*.com", "*.x.a.com", "*", "localhost"]);
    let methods = some_of(&["GET", "POST", "CONNECT", "OPTIONS"]);
    (hosts, methods, templates()).prop_map(|(hosts, methods, paths)| {
        let fields = [("hosts", hosts), ("methods", methods), ("paths", paths)];
        let fields: serde_json::Map<String, Value> =
            fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.to_owned(), value)).collect();
        from_value(&Value::Object(fields)).unwrap()
    })
}

fn raw_request() -> impl Strategy<Value = (&'static str, &'static str, String)> {
    let host = prop::sample::select(vec!["", "a.com", "b.com:80", "X.a.com", "y.x.a.com", "localhost", "com", "other.org"]);
    let method = prop::sample::select(vec!["GET", "POST", "DELETE", "OPTIONS"]);
    let path = (prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", "%61"]), 0..6), any::<bool>())
        .prop_map(|(segments, slash)| format!("/{}{}", segments.join("/"), if slash && !segments.is_empty() { "/" } else { "" }));
    prop_oneof![
        8 => (method, host.clone(), path),
        1 => host.clone().prop_map(|host| ("OPTIONS", host, "*".to_owned())),
        1 => host.prop_map(|host| ("CONNECT", host, String::new())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_index_agrees_with_a_linear_scan(
        rules in prop::collection::vec(rule(), 0..12),
        requests in prop::collection::vec(raw_request(), 1..8),
    ) {
        let index = RuleIndex::new(rules.clone());
        for (method, host, path) in &requests {
            let request = request(method, host, path);
            let found = ids(&index, &request);
            prop_assert_eq!(&found, &naive::scan(&rules, &request), "{:?}", request);
            prop_assert_eq!(index.first(&request).map(|found| found.rule), found.first().copied());
            for (id, rule) in rules.iter().enumerate() {
                prop_assert_eq!(rule.matches(&request), found.contains(&id), "{:?}", rule);
            }
        }
    }
}
