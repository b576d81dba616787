//! All that is looked for literally, found in one pass: what is not there needs no closer look.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::{command, sqli, template, traversal, xss};

/// What was found, by groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Triggers(u16);

/// What finding one of a group means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Trigger {
    /// A word or a sign of SQL.
    Sql,
    /// Markup or style that needs no closer look.
    Markup,
    /// A name of script that does.
    Script,
    /// A file that everybody knows.
    File,
    /// A scheme of an address.
    Scheme,
    /// Two dots.
    Dots,
    /// What only shells know.
    Shell,
    /// `bin/`
    Program,
    /// `for`, `if`, `cmd`: of the shell of Windows.
    Windows,
    /// The insides of a language.
    Insides,
    /// The beginning of an expression.
    Expression,
    /// `<?` and the like.
    Php,
    /// `while`
    Loop,
    /// A function that runs its argument.
    Run,
}

const GROUPS: [(Trigger, &[&[u8]]); 14] = [
    (Trigger::Sql, sqli::TRIGGERS),
    (Trigger::Markup, xss::MARKUP),
    (Trigger::Script, xss::SCRIPT),
    (Trigger::File, traversal::FILES),
    (Trigger::Scheme, traversal::SCHEMES),
    (Trigger::Dots, &[b".."]),
    (Trigger::Shell, command::TELLTALES),
    (Trigger::Program, &[b"bin/"]),
    (Trigger::Windows, command::WINDOWS),
    (Trigger::Insides, template::INSIDES),
    (Trigger::Expression, template::EXPRESSIONS),
    (Trigger::Php, template::PHP),
    (Trigger::Loop, &[b"while"]),
    (Trigger::Run, template::RUNS),
];

/// The automaton of all, and the group of each pattern.
struct Automaton {
    search: Option<AhoCorasick>,
    groups: Vec<Trigger>,
}

static AUTOMATON: OnceLock<Automaton> = OnceLock::new();

impl Triggers {
    /// Those of a value in lower case. If there can be no automaton, everything gets its closer look.
    pub(crate) fn of(value: &[u8]) -> Self {
        let automaton = AUTOMATON.get_or_init(Automaton::new);
        let Some(search) = &automaton.search else { return Self(u16::MAX) };
        let bit = |pattern: usize| automaton.groups.get(pattern).map_or(u16::MAX, |trigger| 1 << *trigger as u16);
        Self(search.find_overlapping_iter(value).fold(0, |found, one| found | bit(one.pattern().as_usize())))
    }

    pub(crate) const fn has(self, trigger: Trigger) -> bool {
        self.0 & (1 << trigger as u16) != 0
    }
}

impl Automaton {
    fn new() -> Self {
        let patterns = GROUPS.iter().flat_map(|(_, patterns)| patterns.iter());
        let search = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(patterns);
        let groups = GROUPS.iter().flat_map(|(trigger, patterns)| patterns.iter().map(|_| *trigger)).collect();
        Self { search: search.ok(), groups }
    }
}
