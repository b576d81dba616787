//! Names of policies and providers, each once.

use std::collections::BTreeSet;

/// The longest, in bytes, without the number that makes it one of a kind.
const NAME_MAX: usize = 100;

/// The names that are taken, as metrics spell them.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// `wanted`, with a number behind it if another one would share its metrics.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        let mut end = wanted.len().min(NAME_MAX);
        while !wanted.is_char_boundary(end) {
            end -= 1;
        }
        let base = wanted.get(..end).unwrap_or_default();
        let numbered = (2_usize..).map(|number| format!("{base}-{number}"));
        let free = std::iter::once(base.to_owned()).chain(numbered).find(|name| self.0.insert(in_metrics(name)));
        free.unwrap_or_default()
    }
}

fn in_metrics(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// A word for an issuer: `https://id.example/realms/a` as `id-example-realms-a`.
pub(super) fn of_issuer(issuer: &str) -> String {
    let bare = issuer.strip_prefix("https://").or(issuer.strip_prefix("http://")).unwrap_or(issuer);
    let words = bare.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if name.is_empty() { "issuer".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_share_a_metric() {
        let mut names = Names::default();
        assert_eq!(["a-b", "a.b", "A_b", "a-b"].map(|name| names.unique(name)), ["a-b", "a.b-2", "A_b-3", "a-b-4"]);
        assert_eq!(names.unique(&"ü".repeat(100)).len(), NAME_MAX);
    }

    #[test]
    fn an_issuer_is_a_word() {
        assert_eq!(of_issuer("https://id.example/realms/A"), "id-example-realms-a");
        assert_eq!(of_issuer("me@id.example"), "me-id-example");
        assert_eq!(of_issuer("://"), "issuer");
    }
}
