//! Lists, named as in cel-go and Kubernetes.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Lists",
    doc: "Also `size`, `join`, `reverse` and `indexOf` above.",
    functions: functions! {
        "slice" Elements: ["list(A).slice(int, int) -> list(A)"], "The elements from the first index up to, but without, the second.", ["[1, 2, 3, 4].slice(1, 3)" => "[2, 3]"];
        "flatten" Elements: ["list(A).flatten() -> list(dyn)", "list(A).flatten(int) -> list(dyn)"], "With the elements of its lists in their place, one level deep or so many.", ["[1, [2, [3]]].flatten()" => "[1, 2, [3]]"];
        "distinct" Pairs: ["list(A).distinct() -> list(A)"], "Each element once, where it first stands.", ["[1, 2, 1].distinct()" => "[1, 2]"];
        "sort" Elements: ["list(A).sort() -> list(A)"], "In ascending order. Elements of different types are an error.", ["[3, 1, 2].sort()" => "[1, 2, 3]"];
        "sortBy" Elements: ["list(A).sortBy(x, B) -> list(A)"], "In ascending order of the key, which is worked out for each element `x`.", ["[\"bb\", \"a\"].sortBy(x, size(x))" => "[\"a\", \"bb\"]"];
        "lists.range" Elements: ["lists.range(int) -> list(int)"], "The numbers from 0 up to, but without, the number.", ["lists.range(3)" => "[0, 1, 2]"];
        "sum" Elements: ["list(N).sum() -> N", "list(duration).sum() -> duration"], "The sum of the elements.", ["[1, 2].sum()" => "3"];
        "min" Elements: ["list(A).min() -> A"], "The least element; of an empty list an error.", ["[3, 1].min()" => "1"];
        "max" Elements: ["list(A).max() -> A"], "The greatest element; of an empty list an error.", ["[3, 1].max()" => "3"];
        "isSorted" Elements: ["list(A).isSorted() -> bool"], "Whether the elements ascend.", ["[1, 2, 2].isSorted()" => "true"];
    },
};
