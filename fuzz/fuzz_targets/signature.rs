//! Any bytes as a value: each signature is found or not, whatever else is looked for, and a decoder ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_signatures::{Place, Signature, Signatures, scan};

fuzz_target!(|data: &[u8]| {
    for place in [Place::Name, Place::Value, Place::Header] {
        let all = scan(data, place, Signatures::ALL);
        for signature in Signature::ALL {
            let one = Signatures::NONE.with(signature);
            assert_eq!(scan(data, place, one), all.intersection(one), "{signature:?} at {place:?}");
        }
    }
});
