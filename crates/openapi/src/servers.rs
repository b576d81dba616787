//! The base paths of servers (OpenAPI 3.1 section 4.8.5).

use std::collections::BTreeSet;

use portcullis_http::PathTemplate;

use crate::node::Node;
use crate::report::Report;

/// So many base paths are told apart.
const PATHS_MAX: usize = 16;

/// The base paths of the `servers` of `node`, without a slash at their end; `None` where it has no `servers`.
pub(crate) fn base_paths(node: &Node<'_>, report: &Report) -> Option<Vec<String>> {
    let servers = node.get("servers").filter(|servers| servers.value.as_array().is_some_and(|servers| !servers.is_empty()))?;
    let mut paths = BTreeSet::new();
    for server in servers.elements() {
        for url in urls(&server) {
            match base_path(&url) {
                Some(path) => drop(paths.insert(path)),
                None => report.stricter(&server.pointer, "its URL has a path that cannot be matched: it is left out"),
            }
        }
    }
    if paths.len() > PATHS_MAX {
        report.stricter(&servers.pointer, format!("more than {PATHS_MAX} base paths: the others are left out"));
    }
    Some(paths.into_iter().take(PATHS_MAX).collect())
}

/// The URL with every value that its variables may have.
fn urls(server: &Node<'_>) -> Vec<String> {
    let mut urls = vec![server.text("url").unwrap_or_default().to_owned()];
    for (name, variable) in server.get("variables").iter().flat_map(Node::entries) {
        let named = variable.get("enum").into_iter().flat_map(|values| values.elements().collect::<Vec<_>>());
        let mut values: Vec<&str> = named.filter_map(|value| value.value.as_str()).collect();
        values.extend(variable.text("default"));
        values.sort_unstable();
        values.dedup();
        let placeholder = format!("{{{name}}}");
        let replaced = urls.iter().flat_map(|url| values.iter().map(|value| url.replace(&placeholder, value)));
        urls = replaced.take(PATHS_MAX * PATHS_MAX).collect();
    }
    urls
}

/// The path of a URL, absolute or not; `None` where no path can have it.
pub(crate) fn base_path(url: &str) -> Option<String> {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default());
    let path = after.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let path = path.strip_prefix("./").unwrap_or(path).trim_start_matches('/');
    if path.is_empty() || path == "." {
        return Some(String::new());
    }
    let path = format!("/{path}");
    path.parse::<PathTemplate>().ok().filter(|path| path.capture_names().next().is_none()).map(|_| path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_path_of_a_url_is_the_base() {
        for (url, path) in [
            ("https://api.example.com", Some("")),
            ("https://api.example.com/", Some("")),
            ("https://api.example.com/v1/", Some("/v1")),
            ("/v1/x", Some("/v1/x")),
            ("/", Some("")),
            ("", Some("")),
            ("v2", Some("/v2")),
            ("./v2", Some("/v2")),
            ("https://example.com/{tenant}", None),
            ("https://example.com/a//b", None),
            ("../v2", None),
        ] {
            assert_eq!(base_path(url).as_deref(), path, "{url}");
        }
    }

    #[test]
    fn variables_have_each_of_their_values() {
        let document = json!({ "servers": [
            { "url": "https://{host}.example.com/{version}", "variables": {
                "host": { "default": "api" }, "version": { "default": "v1", "enum": ["v1", "v2"] } } },
            { "url": "/{free}" },
        ] });
        let report = Report::default();
        assert_eq!(base_paths(&Node::root(&document), &report).unwrap(), ["/v1", "/v2"]);
        assert_eq!(report.into_remarks().len(), 1);
        assert_eq!(base_paths(&Node::root(&json!({ "servers": [] })), &Report::default()), None);
    }
}
