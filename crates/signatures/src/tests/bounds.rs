use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Pieces of which attacks are made, and on which a scanner could hang.
const PIECES: [&str; 44] = [
    "'", "\"", "`", "(", ")", "[", "]", "{", "}", "<", ">", "/", "\\", ";", "|", "&", "$", "%", "#", "=", ":", ".", ",", "*",
    "!", "@", "/*", "*/", "--", "\n", "\r", " ", "\t", "a", "1", "or ", "select ", "union ", "&#x27;", "%27", "\\u0027",
    "script:", "..", "bin/",
];

proptest! {
    #[test]
    fn any_bytes_are_scanned(value in vec(any::<u8>(), 0..200)) {
        let _ = scan(&value, Place::Value, Signatures::ALL);
    }

    #[test]
    fn any_pieces_are_scanned_and_only_what_is_wanted_is_found(
        pieces in vec(prop::sample::select(PIECES.to_vec()), 0..40),
        wanted in prop::sample::select(Signature::ALL.to_vec()),
    ) {
        let value = pieces.concat();
        let wanted = Signatures::NONE.with(wanted);
        for place in [Place::Name, Place::Value, Place::Header] {
            let all = scan(value.as_bytes(), place, Signatures::ALL);
            prop_assert_eq!(scan(value.as_bytes(), place, wanted), all.intersection(wanted), "{}", &value);
        }
    }
}

#[test]
fn an_attack_is_found_however_much_stands_before_it() {
    for length in [1, 511, 512, 513, 1_000, 1_024, 5_000] {
        let value = format!("{} ' or '1'='1", "word ".repeat(length));
        assert!(scan(value.as_bytes(), Place::Value, Signatures::ALL).contains(Signature::Sqli), "{length}");
    }
}

/// What grows with the square of the length would need minutes.
#[test]
fn no_repetition_costs_more_than_its_length() {
    let begun = Instant::now();
    for one in PIECES {
        for other in PIECES {
            let value = [one, other].concat().repeat(1_000);
            let _ = scan(value.as_bytes(), Place::Name, Signatures::ALL);
        }
    }
    for piece in PIECES {
        let _ = scan(piece.repeat(200_000).as_bytes(), Place::Name, Signatures::ALL);
    }
    assert!(begun.elapsed() < Duration::from_secs(300), "{:?}", begun.elapsed());
}
