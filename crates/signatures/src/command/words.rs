//! Programs that a shell is told to run.

/// Programs whose names are no words of prose. Sorted.
const PROGRAMS: &[&[u8]] = &include!("programs.in");

/// Programs whose names are words, too: only with what a program is given. Sorted.
const WORDS: &[&[u8]] = &include!("programs_and_words.in");

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// Of a program, and nothing else.
    Program,
    /// Of a program, or a word.
    Ambiguous,
    /// Of no program.
    None,
}

/// What `name`, in lower case, is; versions and endings do not count.
pub(super) fn classify(name: &[u8]) -> Name {
    let name = name.strip_suffix(b".exe").unwrap_or(name);
    let end = name.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let plain = name.get(..name.len() - end).unwrap_or_default();
    let has = |list: &[&[u8]]| {
        list.binary_search(&name).is_ok() || (!plain.is_empty() && plain.len() > 2 && list.binary_search(&plain).is_ok())
    };
    if has(PROGRAMS) {
        Name::Program
    } else if has(WORDS) {
        Name::Ambiguous
    } else {
        Name::None
    }
}

#[cfg(test)]
mod tests {
    use super::{PROGRAMS, WORDS};

    #[test]
    fn the_names_are_sorted() {
        assert!(PROGRAMS.is_sorted());
        assert!(WORDS.is_sorted());
        assert!(PROGRAMS.iter().all(|program| WORDS.binary_search(program).is_err()));
    }
}
