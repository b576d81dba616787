//! What the captures of a path template caught.

/// The captured parts of a path, by name, in the template's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Captures<'a> {
    /// What `{name}` or `{*name}` caught.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(found, _)| *found == name).map(|(_, value)| *value)
    }

    /// Every capture: name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().copied()
    }

    pub(crate) fn push(&mut self, name: &'a str, value: &'a str) {
        self.0.push((name, value));
    }
}
