//! Names of rules, each once.

use std::collections::BTreeSet;

/// The longest name that is made: the plugin takes 128 bytes.
const LENGTH_MAX: usize = 100;

/// The names that are given already, as metrics spell them.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// `wanted`, or something near it that no other rule is called by.
    pub(crate) fn give(&mut self, wanted: &str) -> String {
        let base: String = wanted.chars().filter(|c| !c.is_control()).collect();
        let end = (0..=LENGTH_MAX.min(base.len())).rev().find(|end| base.is_char_boundary(*end)).unwrap_or_default();
        let base = base.get(..end).filter(|base| !base.is_empty()).unwrap_or("rule").to_owned();
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(|name| !self.0.contains(&folded(name))).unwrap_or(base);
        self.0.insert(folded(&name));
        name
    }
}

/// The name of an operation that has none: `get-users-id`.
pub(crate) fn of_operation(method: &str, path: &str) -> String {
    let words: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    [vec![method], words].concat().join("-").to_ascii_lowercase()
}

/// As the plugin's metrics have it: two rules that share it are a mistake of the configuration.
fn folded(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rules_share_a_name() {
        let mut names = Names::default();
        let given: Vec<String> =
            ["listPets", "listpets", "list.pets", "list_pets", "", "é\n"].map(|name| names.give(name)).into();
        assert_eq!(given, ["listPets", "listpets-2", "list.pets", "list_pets-2", "rule", "é"]);
        assert!(names.give(&"é".repeat(100)).len() <= LENGTH_MAX);
    }

    #[test]
    fn an_operation_without_a_name_has_that_of_its_path() {
        assert_eq!(of_operation("get", "/users/{userId}"), "get-users-userid");
        assert_eq!(of_operation("post", "/"), "post");
    }
}
