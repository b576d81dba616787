//! Envoy's foreign function `verify_signature`: a protobuf message there, one back.

use std::cell::Cell;

use portcullis_filter::{HashFunction, HostError, Verdict};

use crate::abi;

/// Envoy's `envoy.source.extensions.common.wasm.VerifySignatureArguments`.
mod field {
    pub(super) const HASH_FUNCTION: u8 = 1;
    pub(super) const PUBLIC_KEY: u8 = 2;
    pub(super) const SIGNATURE: u8 = 3;
    pub(super) const TEXT: u8 = 4;
}

thread_local! {
    /// Set once the host has said that it has no such function: a VM asks once.
    static ABSENT: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn verify_signature(hash: HashFunction, public_key: &[u8], signature: &[u8], text: &[u8]) -> Verdict {
    if ABSENT.get() {
        return Verdict::Unavailable;
    }
    let fields = [
        (field::HASH_FUNCTION, hash.name().as_bytes()),
        (field::PUBLIC_KEY, public_key),
        (field::SIGNATURE, signature),
        (field::TEXT, text),
    ];
    match abi::call_foreign_function("verify_signature", &message(&fields)) {
        Ok(answer) => verdict(&answer),
        // The host has the function and cannot read the key.
        Err(HostError::BAD_ARGUMENT) => Verdict::Unavailable,
        Err(_) => {
            ABSENT.set(true);
            Verdict::Unavailable
        }
    }
}

/// A protobuf message of length-delimited fields.
fn message(fields: &[(u8, &[u8])]) -> Vec<u8> {
    // A tag takes a byte, a length of ours at most five.
    let size = fields.iter().map(|(_, value)| value.len() + 6).sum();
    let mut message = Vec::with_capacity(size);
    for (number, value) in fields {
        message.push(number << 3 | 2);
        push_varint(&mut message, value.len());
        message.extend_from_slice(value);
    }
    message
}

fn push_varint(message: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        message.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

/// `VerifySignatureResult`: field 1 is the boolean, left out when false and first when there.
fn verdict(answer: &[u8]) -> Verdict {
    if answer.starts_with(&[1 << 3, 1]) { Verdict::Valid } else { Verdict::Invalid }
}
