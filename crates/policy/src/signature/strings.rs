//! Text, named as in cel-go.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Strings",
    doc: "Indices count code points from 0.",
    functions: functions! {
        "contains" Text: ["string.contains(string) -> bool"], "Whether the other string is in it.", ["\"tacocat\".contains(\"coca\")" => "true"];
        "startsWith" Text: ["string.startsWith(string) -> bool"], "Whether it begins with the other.", ["request.canonical_path.startsWith(\"/orders/\")" => "true"];
        "endsWith" Text: ["string.endsWith(string) -> bool"], "Whether it ends with the other.", ["request.host.endsWith(\".example.com\")" => "true"];
        "size" Text: ["size(string) -> int", "size(bytes) -> int", "size(list(A)) -> int", "size(map(A,B)) -> int", "string.size() -> int", "bytes.size() -> int", "list(A).size() -> int", "map(A,B).size() -> int"], "The number of code points, bytes, elements or entries.", ["size(\"héllo\")" => "5", "jwt.claims.groups.size()" => "2"];
        "charAt" Text: ["string.charAt(int) -> string"], "The character at the index; empty at the end.", ["\"hello\".charAt(4)" => "\"o\"", "\"hello\".charAt(6)" => "error"];
        "indexOf" Text: ["string.indexOf(string) -> int", "string.indexOf(string, int) -> int", "list(A).indexOf(A) -> int"], "Where the other string, or the element, first stands, from the offset on; -1 where it does not.", ["\"hello mellow\".indexOf(\"ello\", 2)" => "7", "[5, 6].indexOf(6)" => "1"];
        "lastIndexOf" Text: ["string.lastIndexOf(string) -> int", "string.lastIndexOf(string, int) -> int"], "Where the other string last stands, up to the offset; -1 where it does not.", ["\"hello mellow\".lastIndexOf(\"ello\")" => "7"];
        "substring" Text: ["string.substring(int) -> string", "string.substring(int, int) -> string"], "The part from the first index up to, but without, the second.", ["\"tacocat\".substring(1, 4)" => "\"aco\""];
        "replace" Text: ["string.replace(string, string) -> string", "string.replace(string, string, int) -> string"], "With the first string replaced by the second; at most so many times.", ["\"hello\".replace(\"l\", \"r\", 1)" => "\"herlo\""];
        "split" Elements: ["string.split(string) -> list(string)", "string.split(string, int) -> list(string)"], "The parts between the separators; at most so many.", ["\"a,b,c\".split(\",\", 2)" => "[\"a\", \"b,c\"]"];
        "join" Elements: ["list(string).join() -> string", "list(string).join(string) -> string"], "The strings one after the other, with the separator between.", ["[\"a\", \"b\"].join(\"-\")" => "\"a-b\""];
        "lowerAscii" Text: ["string.lowerAscii() -> string"], "With A to Z in lower case.", ["\"TacoCÆt\".lowerAscii()" => "\"tacocÆt\""];
        "upperAscii" Text: ["string.upperAscii() -> string"], "With a to z in upper case.", ["\"TacoCÆt\".upperAscii()" => "\"TACOCÆT\""];
        "trim" Text: ["string.trim() -> string"], "Without the white space around it.", ["\" a \".trim()" => "\"a\""];
        "reverse" Elements: ["string.reverse() -> string", "list(A).reverse() -> list(A)"], "Back to front.", ["\"abc\".reverse()" => "\"cba\"", "[1, 2].reverse()" => "[2, 1]"];
        "format" Elements: ["string.format(list(dyn)) -> string"], "With `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X` and `%o` replaced by the elements in turn.", ["\"%s has %d\".format([\"dev\", 2])" => "\"dev has 2\""];
        "strings.quote" Text: ["strings.quote(string) -> string"], "In quotes, with what cannot stand in them escaped.", ["strings.quote(\"a\\nb\")" => "\"\\\"a\\\\nb\\\"\""];
    },
};

pub(super) const PATTERNS: Group = Group {
    title: "Regular expressions",
    doc: "Syntax of RE2, without look-around and back-references; found anywhere in the string unless anchored with `^` and `$`. Write them as raw strings: `r\"^/v\\d+/\"`. A literal is compiled once, when the policy is loaded; any other pattern costs its compilation each time.",
    functions: functions! {
        "matches" Regex: ["string.matches(string) -> bool", "matches(string, string) -> bool"], "Whether the expression is found in the string.", ["request.canonical_path.matches(r\"^/orders/\\d+$\")" => "true"];
        "find" Regex: ["string.find(string) -> string"], "The first place that matches; empty where there is none.", ["\"order 42 of 50\".find(r\"\\d+\")" => "\"42\""];
        "findAll" Regex: ["string.findAll(string) -> list(string)", "string.findAll(string, int) -> list(string)"], "Every place that matches; at most so many.", ["\"order 42 of 50\".findAll(r\"\\d+\")" => "[\"42\", \"50\"]"];
    },
};
