//! Any bytes as JSON, however they are cut: the check takes what `serde_json` takes, and holds no more than the keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_validation::json::{DuplicateKeys, JsonCheck, JsonFault, JsonLimits, JsonProblem, parse};

const DEPTH: u32 = 64;

fn check(limits: JsonLimits, text: &[u8], piece: usize) -> Result<(), JsonFault> {
    let mut check = JsonCheck::new(limits);
    for piece in text.chunks(piece.max(1)) {
        check.feed(piece)?;
        assert!(check.memory() <= 16 * text.len() + (16 << 10), "{} for {}", check.memory(), text.len());
    }
    check.finish()
}

fuzz_target!(|input: &[u8]| {
    let Some((piece, text)) = input.split_first() else { return };
    let strict = JsonLimits::unlimited(DEPTH);
    let lenient = JsonLimits { duplicate_keys: DuplicateKeys::Allow, ..strict };
    let whole = check(lenient, text, text.len());
    assert_eq!(check(lenient, text, usize::from(*piece)), whole, "pieces matter");
    assert_eq!(check(strict, text, 1), check(strict, text, text.len()), "pieces matter");
    // What is skipped there need not be UTF-8, half a pair passes, and the depth is another one.
    let other = |fault: JsonFault| {
        matches!(fault.problem, JsonProblem::LoneSurrogate | JsonProblem::Utf8 | JsonProblem::TooDeep)
    };
    let taken = serde_json::from_slice::<&serde_json::value::RawValue>(text).is_ok();
    assert!(whole.is_err_and(other) || whole.is_ok() == taken, "{whole:?}");
    if whole.is_ok() {
        // A number may be out of range; nothing else can be wrong.
        let _ = parse(text);
    }
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(text)
        && whole.is_ok()
    {
        let again = value.to_string();
        assert_eq!(check(strict, again.as_bytes(), again.len()), Ok(()), "{again}");
    }
});
