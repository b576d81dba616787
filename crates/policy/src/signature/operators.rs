//! Operators.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Operators",
    doc: "`&&` and `||` do not mind an error on one side where the other side decides. Numbers of different kinds compare, and never add up: write `double(x) + 0.5`.",
    functions: functions! {
        "_==_" Elements: ["A == A -> bool"], "Equal. Numbers of different kinds are equal when their values are.", ["1 == 1.0" => "true", "[1, 2] == [2, 1]" => "false"];
        "_!=_" Elements: ["A != A -> bool"], "Not equal.", ["request.method != \"GET\"" => "false"];
        "_<_" Text: ["N < N -> bool", "string < string -> bool", "bytes < bytes -> bool", "bool < bool -> bool", "timestamp < timestamp -> bool", "duration < duration -> bool"], "Less. Strings compare by code point.", ["source.port < 1024" => "false", "\"a\" < \"b\"" => "true"];
        "_<=_" Text: ["N <= N -> bool", "string <= string -> bool", "bytes <= bytes -> bool", "bool <= bool -> bool", "timestamp <= timestamp -> bool", "duration <= duration -> bool"], "Less or equal.", ["2 <= 2" => "true"];
        "_>_" Text: ["N > N -> bool", "string > string -> bool", "bytes > bytes -> bool", "bool > bool -> bool", "timestamp > timestamp -> bool", "duration > duration -> bool"], "Greater.", ["2u > 1" => "true"];
        "_>=_" Text: ["N >= N -> bool", "string >= string -> bool", "bytes >= bytes -> bool", "bool >= bool -> bool", "timestamp >= timestamp -> bool", "duration >= duration -> bool"], "Greater or equal.", ["request.time >= timestamp(\"2026-01-01T00:00:00Z\")" => "true"];
        "@in" Elements: ["A in list(A) -> bool", "A in map(A,B) -> bool"], "Whether a list has the element, or a map the key.", ["request.method in [\"GET\", \"HEAD\"]" => "true", "\"x-team\" in request.headers" => "true"];
        "_&&_" Fixed: ["bool && bool -> bool"], "Both.", ["true && false" => "false", "false && 1 / 0 > 1" => "false"];
        "_||_" Fixed: ["bool || bool -> bool"], "One of them, or both.", ["true || 1 / 0 > 1" => "true"];
        "!_" Fixed: ["! bool -> bool"], "Not.", ["!connection.mtls" => "true"];
        "_?_:_" Fixed: ["bool ? A : A -> A"], "The first value where the condition is true, else the second.", ["source.port < 1024 ? \"low\" : \"high\"" => "\"high\""];
        "_+_" Elements: ["int + int -> int", "uint + uint -> uint", "double + double -> double", "string + string -> string", "bytes + bytes -> bytes", "list(A) + list(A) -> list(A)", "timestamp + duration -> timestamp", "duration + timestamp -> timestamp", "duration + duration -> duration"], "Sum, or one after the other. An overflow is an error.", ["1 + 2" => "3", "\"a\" + \"b\"" => "\"ab\"", "[1] + [2]" => "[1, 2]"];
        "_-_" Fixed: ["int - int -> int", "uint - uint -> uint", "double - double -> double", "timestamp - timestamp -> duration", "timestamp - duration -> timestamp", "duration - duration -> duration"], "Difference. An overflow is an error.", ["1 - 2" => "-1", "1u - 2u" => "error"];
        "_*_" Fixed: ["int * int -> int", "uint * uint -> uint", "double * double -> double"], "Product. An overflow is an error.", ["2 * 3" => "6"];
        "_/_" Fixed: ["int / int -> int", "uint / uint -> uint", "double / double -> double"], "Quotient, rounded towards zero for integers. Division of an integer by zero is an error.", ["7 / 2" => "3", "7.0 / 2.0" => "3.5"];
        "_%_" Fixed: ["int % int -> int", "uint % uint -> uint"], "Remainder, with the sign of the left side.", ["-7 % 3" => "-1"];
        "-_" Fixed: ["- int -> int", "- double -> double"], "Negative.", ["-(1 + 2)" => "-3"];
        "_[_]" Fixed: ["list(A)[int] -> A", "map(A,B)[A] -> B"], "The element at an index from 0, or the value of a key. One that is not there is an error.", ["jwt.claims.groups[0]" => "\"dev\"", "request.headers[\"x-team\"]" => "\"payments\"", "[1][1]" => "error"];
        "_[?_]" Fixed: ["list(A)[?int] -> optional(A)", "map(A,B)[?A] -> optional(B)"], "The same, without error: an optional value.", ["request.headers[?\"x-debug\"].orValue(\"off\")" => "\"off\""];
        "_?._" Fixed: ["map(string,A).?field -> optional(A)"], "The value of a field, without error: an optional value.", ["jwt.claims.?tenant.orValue(\"none\")" => "\"acme\""];
    },
};
