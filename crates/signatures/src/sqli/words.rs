//! The words of SQL that matter.

/// What a word is to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// A name, as far as anybody can tell.
    Name,
    Union,
    /// `all`, `distinct`: between `union` and `select`.
    Quantifier,
    Select,
    From,
    Where,
    Having,
    Or,
    And,
    /// An operator that is a word: `like`, `regexp`, `between`.
    Compare,
    Is,
    Insert,
    Into,
    Values,
    Update,
    Set,
    Delete,
    Drop,
    Create,
    Alter,
    Truncate,
    Exec,
    Declare,
    Replace,
    /// What statements make and drop: `table`, `database`.
    Object,
    /// `function`, `procedure`: objects with parameters.
    Routine,
    Group,
    Order,
    By,
    Limit,
    Case,
    When,
    Then,
    If,
    As,
    Waitfor,
    Delay,
    Null,
    Outfile,
    Shutdown,
    /// A name that only attacks know, wherever it stands.
    Telltale,
    /// A function that only attacks call.
    Attack,
    /// A function that statements call.
    Function,
    /// A function without arguments that tells of the server.
    Identity,
}

/// Sorted, for binary search.
const WORDS: [(&[u8], Word); 208] = include!("words.in");

/// What `word`, in lower case, is.
pub(super) fn classify(word: &[u8]) -> Word {
    let known = WORDS.binary_search_by(|(known, _)| (*known).cmp(word)).ok().and_then(|at| WORDS.get(at));
    match known {
        Some((_, kind)) => *kind,
        None if [&b"xp_"[..], b"dbms_", b"utl_", b"pg_read", b"pg_ls_"].iter().any(|prefix| word.starts_with(prefix)) => {
            Word::Telltale
        }
        None if word.starts_with(b"sp_") && SYSTEM_PROCEDURES.contains(&word) => Word::Telltale,
        None => Word::Name,
    }
}

/// Procedures of SQL Server that run code or change who may.
const SYSTEM_PROCEDURES: [&[u8]; 8] = [
    b"sp_addextendedproc",
    b"sp_addlogin",
    b"sp_addsrvrolemember",
    b"sp_configure",
    b"sp_execute",
    b"sp_executesql",
    b"sp_oacreate",
    b"sp_oamethod",
];

#[cfg(test)]
mod tests {
    use super::{WORDS, Word};
    use crate::sqli::TRIGGERS;

    #[test]
    fn the_words_are_sorted() {
        assert!(WORDS.is_sorted_by(|(one, _), (other, _)| one < other));
    }

    #[test]
    fn whatever_is_enough_by_itself_is_a_trigger() {
        for (word, kind) in WORDS {
            let triggers = TRIGGERS.iter().any(|trigger| memchr::memmem::find(word, trigger).is_some());
            assert!(triggers || !matches!(kind, Word::Telltale | Word::Attack), "{}", String::from_utf8_lossy(word));
        }
    }
}
