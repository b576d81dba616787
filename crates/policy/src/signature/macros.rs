//! Macros: what the parser replaces.

use super::{Group, functions};

/// None of them is a function: their first argument is a name, or a field.
pub(super) const GROUP: Group = Group {
    title: "Macros",
    doc: "`x` is a name of your choice for the element; of a map the macros see the keys. At most two of them may be nested.",
    functions: functions! {
        "has" Fixed: ["has(x.field) -> bool"], "Whether the field is there. For a header or another key: `\"x-team\" in request.headers`.", ["has(jwt.claims.tenant)" => "true", "has(jwt.claims.nobody)" => "false"];
        "all" Fixed: ["list(A).all(x, condition) -> bool"], "Whether the condition holds for every element; true for an empty list.", ["[1, 2].all(x, x > 0)" => "true"];
        "exists" Fixed: ["list(A).exists(x, condition) -> bool"], "Whether the condition holds for an element.", ["jwt.claims.groups.exists(g, g == \"dev\")" => "true"];
        "exists_one" Fixed: ["list(A).exists_one(x, condition) -> bool"], "Whether the condition holds for exactly one element. Also `existsOne`.", ["[1, 2, 2].exists_one(x, x == 2)" => "false"];
        "filter" Fixed: ["list(A).filter(x, condition) -> list(A)"], "The elements for which the condition holds.", ["[1, 2, 3].filter(x, x > 1)" => "[2, 3]"];
        "map" Fixed: ["list(A).map(x, value) -> list(B)", "list(A).map(x, condition, value) -> list(B)"], "The value for each element; with three arguments for each element for which the condition holds.", ["[1, 2].map(x, x * 2)" => "[2, 4]", "[1, 2].map(x, x > 1, x * 2)" => "[4]"];
    },
};
