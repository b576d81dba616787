//! Of the request: repeated names, and who sent it.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "The request and its sender",
    doc: "",
    functions: functions! {
        "header_values" Elements: ["header_values(string) -> list(string)"], "Every line of the header, in order; empty where there is none.", ["header_values(\"x-tag\")" => "[\"red\", \"blue, green\"]", "header_values(\"x-none\")" => "[]"];
        "header_tokens" Elements: ["header_tokens(string) -> list(string)"], "Every line of the header split at its commas, without the spaces around.", ["header_tokens(\"x-tag\")" => "[\"red\", \"blue\", \"green\"]"];
        "query_values" Elements: ["query_values(string) -> list(string)"], "Every value of the query parameter, decoded, in order.", ["query_values(\"tag\")" => "[\"a\", \"b\"]"];
        "hasRole" Elements: ["hasRole(string) -> bool"], "Whether the caller has the role, itself or through another one.", ["hasRole(\"editor\")" => "true", "hasRole(\"admin\")" => "false"];
        "hasPermission" Elements: ["hasPermission(string) -> bool"], "Whether one of the caller's roles has the permission.", ["hasPermission(\"orders:read\")" => "true"];
        "hasScope" Elements: ["hasScope(string) -> bool"], "Whether the verified token has the scope.", ["hasScope(\"orders.read\")" => "true"];
    },
};
