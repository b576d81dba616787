//! Each signature, by what has it and by what only looks like it.

use super::*;

mod benign;
mod bounds;
mod hostile;

fn found(value: &str) -> Vec<&'static str> {
    scan(value.as_bytes(), Place::Value, Signatures::ALL).iter().map(Signature::name).collect()
}
