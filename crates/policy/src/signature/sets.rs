//! Lists as sets, named as in cel-go.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Sets",
    doc: "Lists whose order and repetitions do not count.",
    functions: functions! {
        "sets.contains" Pairs: ["sets.contains(list(A), list(A)) -> bool"], "Whether every element of the second is in the first.", ["sets.contains([\"a\", \"b\"], [\"b\"])" => "true"];
        "sets.equivalent" Pairs: ["sets.equivalent(list(A), list(A)) -> bool"], "Whether each is in the other.", ["sets.equivalent([1, 2], [2, 1, 1])" => "true"];
        "sets.intersects" Pairs: ["sets.intersects(list(A), list(A)) -> bool"], "Whether they have an element in common.", ["sets.intersects(jwt.claims.groups, [\"ops\", \"admin\"])" => "true"];
    },
};
