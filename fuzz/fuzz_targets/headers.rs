//! Any bytes as the table of headers that a host hands over: nothing panics, and what is read stands in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_filter::HeaderBlock;

fuzz_target!(|table: &[u8]| {
    let Ok(block) = HeaderBlock::parse(table.to_vec()) else { return };
    assert!(block.len() <= table.len() / 8, "more headers than their lengths take");
    let total: usize = block.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(total <= table.len() * block.len().max(1));
    for (name, value) in block.iter() {
        if let Ok(name) = str::from_utf8(name) {
            assert!(block.all(name).any(|found| found == value));
            let _ = block.only(name);
        }
    }
    assert_eq!(HeaderBlock::from_pairs(block.iter()).len(), block.len());
});
