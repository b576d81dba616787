//! The valid word that somebody probably meant.

/// Longer words are never compared: nobody mistypes them, and the comparison is quadratic.
const WORD_MAX: usize = 64;

/// The candidate nearest to `word`, if it is near enough to be what was meant; the first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > WORD_MAX {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= WORD_MAX)
        .map(|candidate| (distance(&fold(word), &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= tolerance(word, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// One edit for each three letters, but never so many that a short word becomes any other.
fn tolerance(word: &str, candidate: &str) -> usize {
    let length = word.chars().count().max(candidate.chars().count());
    if length <= 2 { 0 } else { (length / 3).max(1) }
}

/// Case and the separator do not count.
fn fold(word: &str) -> Vec<char> {
    word.chars().map(|letter| if letter == '-' { '_' } else { letter.to_ascii_lowercase() }).collect()
}

/// Insertions, deletions, substitutions and transpositions of neighbours (optimal string alignment).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut left_before = None;
    for (row, &l) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut right_before = None;
        for (column, &r) in right.iter().enumerate() {
            let at = |costs: &[usize], index: usize| costs.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (at(&last, column) + usize::from(l != r)).min(at(&last, column + 1) + 1).min(at(&current, column) + 1);
            if column > 0 && left_before == Some(r) && right_before == Some(l) {
                cost = cost.min(at(&before_last, column - 1) + 1);
            }
            current.push(cost);
            right_before = Some(r);
        }
        before_last = std::mem::replace(&mut last, current);
        left_before = Some(l);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits_and_transpositions() {
        let distance = |left, right| super::distance(&fold(left), &fold(right));
        assert_eq!(distance("issuer", "issuer"), 0);
        assert_eq!(distance("isuer", "issuer"), 1);
        assert_eq!(distance("isseur", "issuer"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn names_what_was_probably_meant() {
        let fields = ["issuer", "audiences", "remote_jwks", "id"];
        assert_eq!(nearest("isuer", fields), Some("issuer"));
        assert_eq!(nearest("remoteJwks", fields), Some("remote_jwks"));
        assert_eq!(nearest("Remote-JWKS", fields), Some("remote_jwks"));
        assert_eq!(nearest("audience", fields), Some("audiences"));
    }

    #[test]
    fn names_nothing_rather_than_a_guess() {
        assert_eq!(nearest("colour", ["issuer", "id"]), None);
        assert_eq!(nearest("xy", ["id"]), None);
        assert_eq!(nearest("", ["id"]), None);
        assert_eq!(nearest(&"x".repeat(65), ["x"]), None);
    }

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(nearest("cat", ["car", "can"]), Some("car"));
    }
}
