//! From one type to another.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Conversions",
    doc: "What does not convert is an error.",
    functions: functions! {
        "bool" Fixed: ["bool(bool) -> bool", "bool(string) -> bool"], "From `true`, `false` and their like.", ["bool(\"true\")" => "true"];
        "int" Fixed: ["int(int) -> int", "int(uint) -> int", "int(double) -> int", "int(string) -> int", "int(timestamp) -> int", "int(duration) -> int"], "A double is cut towards zero; an instant is its seconds since 1970.", ["int(\"42\")" => "42", "int(params.id) > 40" => "true"];
        "uint" Fixed: ["uint(uint) -> uint", "uint(int) -> uint", "uint(double) -> uint", "uint(string) -> uint"], "A negative number is an error.", ["uint(\"42\")" => "42u"];
        "double" Fixed: ["double(double) -> double", "double(int) -> double", "double(uint) -> double", "double(string) -> double"], "The nearest double.", ["double(\"1.5\")" => "1.5"];
        "string" Text: ["string(string) -> string", "string(bool) -> string", "string(int) -> string", "string(uint) -> string", "string(double) -> string", "string(bytes) -> string", "string(timestamp) -> string", "string(duration) -> string", "string(ip) -> string", "string(cidr) -> string"], "As text. Bytes that are not UTF-8 are an error.", ["string(42)" => "\"42\"", "string(source.ip)" => "\"10.1.2.3\""];
        "bytes" Text: ["bytes(bytes) -> bytes", "bytes(string) -> bytes"], "The bytes of the text in UTF-8.", ["bytes(\"é\").size()" => "2"];
        "dyn" Fixed: ["dyn(A) -> dyn"], "The same value, whose type is looked at only when the expression runs.", ["dyn(1) == dyn(\"1\")" => "false"];
        "type" Fixed: ["type(A) -> type"], "The type of a value: `bool`, `int`, `uint`, `double`, `string`, `bytes`, `list`, `map`, `null_type`.", ["type(jwt.claims.groups) == list" => "true"];
    },
};

pub(super) const OPTIONALS: Group = Group {
    title: "Optional values",
    doc: "What `a.?field` and `a[?key]` give: a value, or none.",
    functions: functions! {
        "orValue" Fixed: ["optional(A).orValue(A) -> A"], "The value, or the other where there is none.", ["jwt.claims.?plan.orValue(\"free\")" => "\"free\""];
        "or" Fixed: ["optional(A).or(optional(A)) -> optional(A)"], "The first of both that has a value.", ["jwt.claims.?plan.or(jwt.claims.?tenant).orValue(\"\")" => "\"acme\""];
        "hasValue" Fixed: ["optional(A).hasValue() -> bool"], "Whether there is a value.", ["jwt.claims.?tenant.hasValue()" => "true"];
        "value" Fixed: ["optional(A).value() -> A"], "The value; none is an error.", ["jwt.claims.?tenant.value()" => "\"acme\""];
        "optional.of" Fixed: ["optional.of(A) -> optional(A)"], "This value.", ["optional.of(1).value()" => "1"];
        "optional.none" Fixed: ["optional.none() -> optional(dyn)"], "No value.", ["optional.none().hasValue()" => "false"];
        "optional.ofNonZeroValue" Fixed: ["optional.ofNonZeroValue(A) -> optional(A)"], "This value, or none where it is zero, empty, false or null.", ["optional.ofNonZeroValue(\"\").hasValue()" => "false"];
    },
};

pub(super) const ENCODERS: Group = Group {
    title: "Encodings",
    doc: "",
    functions: functions! {
        "base64.encode" Text: ["base64.encode(bytes) -> string"], "In base64, with padding.", ["base64.encode(b\"hello\")" => "\"aGVsbG8=\""];
        "base64.decode" Text: ["base64.decode(string) -> bytes"], "From base64, with or without padding.", ["string(base64.decode(\"aGVsbG8\"))" => "\"hello\""];
    },
};
