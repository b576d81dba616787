//! Any bytes as an answer, however they are cut: what comes out is the same, and nothing to take out is left in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_redaction::{Redaction, Redactor};

fn redact(redaction: &Redaction, json: bool, text: &[u8], piece: usize) -> Vec<u8> {
    let mut redactor = Redactor::new(json);
    let mut out: Vec<u8> = text.chunks(piece).flat_map(|piece| redactor.feed(redaction, piece, false)).collect();
    out.extend(redactor.feed(redaction, b"", true));
    out
}

fuzz_target!(|data: &[u8]| {
    let Some(([first, ..], text)) = data.split_at_checked(1) else { return };
    let redaction = Redaction { cards: first & 1 == 0, keys: first & 2 == 0, patterns: Vec::new() };
    let (json, piece) = (first & 4 == 0, usize::from(first >> 3) + 1);
    let whole = redact(&redaction, json, text, text.len().max(1));
    assert_eq!(redact(&redaction, json, text, piece), whole, "in pieces of {piece}");
    if !redaction.cards && !redaction.keys {
        assert_eq!(whole, text);
    }
});
