//! Signatures of injection in one decoded value: SQL, markup and scripts, paths, commands, templates, header lines. Each byte is read
//! a bounded number of times, nothing recurses, and nothing that a client sends makes it fail.

mod bytes;
mod command;
mod crlf;
mod decode;
mod shape;
mod sqli;
mod template;
mod traversal;
mod triggers;
mod xss;

use shape::Shape;
use triggers::Triggers;

/// What a value may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Signature {
    /// SQL that leaves the literal in which it was to stand.
    Sqli,
    /// Markup or script that a browser would run.
    Xss,
    /// A way to a file that was not offered.
    PathTraversal,
    /// A command of a shell.
    Command,
    /// An expression that a template engine would evaluate.
    Template,
    /// A line of its own in a header.
    Crlf,
}

/// A set of signatures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signatures(u8);

/// What a value is in its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The name of a parameter, a field, a cookie or a key.
    Name,
    /// A value.
    Value,
    /// The value of a header: products, comments and references, in which parentheses and semicolons are ordinary.
    Header,
}

impl Signature {
    /// Each of them.
    pub const ALL: [Self; 6] = [Self::Sqli, Self::Xss, Self::PathTraversal, Self::Command, Self::Template, Self::Crlf];

    /// Its name in configurations, metrics and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqli => "sqli",
            Self::Xss => "xss",
            Self::PathTraversal => "path_traversal",
            Self::Command => "command",
            Self::Template => "template",
            Self::Crlf => "crlf",
        }
    }
}

impl Signatures {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// All of them.
    pub const ALL: Self = Self(0b11_1111);

    /// Whether `signature` is among them.
    #[must_use]
    pub const fn contains(self, signature: Signature) -> bool {
        self.0 & (1 << signature as u8) != 0
    }

    /// With `signature`.
    #[must_use]
    pub const fn with(self, signature: Signature) -> Self {
        Self(self.0 | (1 << signature as u8))
    }

    /// Those of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those that are in `other` too.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each, in the order of [`Signature::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Signature> {
        Signature::ALL.into_iter().filter(move |signature| self.contains(*signature))
    }
}

impl FromIterator<Signature> for Signatures {
    fn from_iter<I: IntoIterator<Item = Signature>>(signatures: I) -> Self {
        signatures.into_iter().fold(Self::NONE, Self::with)
    }
}

/// A value, and what is known of it at a glance.
#[derive(Debug, Clone, Copy)]
struct Seen<'v> {
    /// In lower case.
    value: &'v [u8],
    shape: Shape,
    place: Place,
    triggers: Triggers,
}

/// How often escapes within escapes are resolved.
const ROUNDS: usize = 3;

/// Which of `wanted` are in `value`, as it is once its server has decoded it, and as whoever decodes it again would have it: percent
/// escapes, HTML entities, escapes of JavaScript, overlong and full-width characters, three rounds of each.
#[must_use]
pub fn scan(value: &[u8], place: Place, wanted: Signatures) -> Signatures {
    let shape = Shape::of(value);
    if shape.is_plain() || wanted.is_empty() {
        return Signatures::NONE;
    }
    let mut found = scan_as_it_is(value, shape, place, wanted);
    if !shape.may_be_escaped() {
        return found;
    }
    let mut decoded = decode::decode(value);
    for _ in 0..ROUNDS {
        let left = wanted.without(found);
        let Some(value) = decoded.filter(|_| !left.is_empty()) else { break };
        found = found.union(scan_as_it_is(&value, Shape::of(&value), place, left));
        decoded = decode::decode(&value);
    }
    found
}

fn scan_as_it_is(value: &[u8], shape: Shape, place: Place, wanted: Signatures) -> Signatures {
    if shape.is_plain() {
        return Signatures::NONE;
    }
    let lower = value.to_ascii_lowercase();
    let seen = Seen { value: &lower, shape, place, triggers: Triggers::of(&lower) };
    let has = |signature: Signature| match signature {
        Signature::Sqli => sqli::is_in(seen),
        Signature::Xss => xss::is_in(seen),
        Signature::PathTraversal => traversal::is_in(seen),
        Signature::Command => command::is_in(seen),
        Signature::Template => template::is_in(seen),
        Signature::Crlf => crlf::is_in(seen),
    };
    wanted.iter().filter(|signature| has(*signature)).collect()
}

#[cfg(test)]
mod tests;
