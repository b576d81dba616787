//! The page about cost.

use portcullis_policy::{
    Attribute, COMPILATION, MATCHED_PER_UNIT, PROGRAM_PER_WALK, Place, Scope, TEXT_PER_UNIT, Work, extent_of,
};

use super::GENERATED;
use super::functions::work;

pub(super) fn page() -> String {
    let scope = Scope::condition();
    let mut text = format!(
        "{GENERATED}\n# Cost\n\nWhat an expression can cost at most is worked out when the policy is loaded, from the sizes below. More than \
         {} units are refused: the error names the part that costs most.\nA unit is one step of evaluation, some ten nanoseconds; \
         what evaluation really meets is bounded as well: a value beyond those bounds is an error.\n\n## Units\n\n\
         | work | units |\n|---|---|\n",
        scope.cost_max
    );
    for kind in [Work::Fixed, Work::Text, Work::Regex, Work::Elements, Work::Pairs] {
        text += &format!("| {} | {} |\n", work(kind), units(kind));
    }
    text += &format!(
        "| a name, a field, an index, a list or a map that is written down | 1 |\n| a macro, and `sortBy` | for each element 3, and \
         what stands in its brackets |\n| a pattern that is no literal | {COMPILATION} more: it is compiled at each call |\n\n\
         An element of a list counts with its share of the whole, since all of them together hold no more than that; an entry that \
         is looked up counts with all that it may be. Macros are nested at most two deep.\n\n## Sizes\n\n\
         | attribute | bytes | elements | bytes of an entry |\n|---|---|---|---|\n"
    );
    for attribute in Attribute::ALL.iter().filter(|attribute| attribute.place() != Place::Hidden) {
        let size = extent_of(*attribute, &scope);
        let (items, entry) =
            if size.items == 1 { (String::new(), String::new()) } else { (size.items.to_string(), size.entry.to_string()) };
        text += &format!("| `{}` | {} | {items} | {entry} |\n", attribute.name(), size.bytes);
    }
    text + "\nA body counts with the largest size that its rule takes.\n"
}

fn units(kind: Work) -> String {
    match kind {
        Work::Fixed => "1".to_owned(),
        Work::Text => format!("1, and 1 for each {TEXT_PER_UNIT} bytes"),
        Work::Regex => format!(
            "1, and 1 for each {MATCHED_PER_UNIT} bytes that are searched, once for each {PROGRAM_PER_WALK} bytes of the compiled pattern"
        ),
        Work::Elements => format!("1, and 1 for each element and for each {TEXT_PER_UNIT} bytes"),
        Work::Pairs => format!("1, 1 for each pair of elements, and 1 for each {TEXT_PER_UNIT} bytes"),
    }
}
