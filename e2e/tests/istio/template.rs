//! Istio's test templates, with fixed values in place of a cluster's.

use std::fs;
use std::path::Path;

/// The service that every policy is for.
pub(crate) const SERVICE: &str = "svc-b";

/// Where the tokens' keys are.
pub(crate) const JWKS_URI: &str = "http://keys.example/jwks.json";

/// The file at `path` with its expressions evaluated; a `range` over services is about the one.
pub(crate) fn rendered(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let mut parts = text.split("{{");
    let mut rendered = parts.next().unwrap().to_owned();
    for part in parts {
        let (expression, after) = part.split_once("}}").unwrap();
        rendered.push_str(value(expression.trim_start_matches('-').trim()));
        rendered.push_str(after);
    }
    rendered
}

fn value(expression: &str) -> &'static str {
    let words: Vec<&str> = expression.split_whitespace().collect();
    match words.join(" ").as_str() {
        ".To.ServiceName" | "$svc.ServiceName" => SERVICE,
        ".To.NamespaceName" | ".Allowed.NamespaceName" => "echo",
        ".Denied.NamespaceName" => "other",
        ".SystemNamespace.Name" => "istio-system",
        ".To.ClusterLocalFQDN" => "svc-b.echo.svc.cluster.local",
        ".JWTServer.JwksURI" => JWKS_URI,
        ".Allowed.SpiffeIdentity" => "cluster.local/ns/echo/sa/a",
        ".Denied.SpiffeIdentity" => "cluster.local/ns/other/sa/c",
        ".Allowed.MustWorkloads.Addresses | toJson" => r#"["10.0.0.1"]"#,
        ".Denied.MustWorkloads.Addresses | toJson" => r#"["10.0.0.2"]"#,
        ".To.MustWorkloads.Addresses | toJson" => r#"["10.0.0.3"]"#,
        ".GatewayIstioLabel | default \"ingressgateway\"" => "ingressgateway",
        ".GatewayIstioLabel | default \"istio-ingressgateway\"" => "istio-ingressgateway",
        "range $svc := .Services" | "end" => "",
        port if port.contains(".ServicePort") => "80",
        port if port.contains(".WorkloadPort") => "8080",
        other => panic!("no value for {other}"),
    }
}
