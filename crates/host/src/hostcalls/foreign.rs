//! Foreign functions.

mod signature;

use super::protobuf::{Field, fields, put_bool, put_bytes};
use crate::model::{Status, Worker};

impl Worker {
    /// `proxy_call_foreign_function`
    pub(crate) fn call_foreign_function(&mut self, name: &[u8], arguments: &[u8]) -> Result<Vec<u8>, Status> {
        self.admit("proxy_call_foreign_function")?;
        match name {
            b"verify_signature" if self.shared.options.native_crypto => verify_signature(arguments),
            b"clear_route_cache" => Ok(Vec::new()),
            _ => Err(Status::NotFound),
        }
    }
}

/// The arguments of `verify_signature`.
pub(crate) fn verify_signature_arguments(hash: &str, public_key: &[u8], signature: &[u8], text: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    put_bytes(&mut message, 1, hash.as_bytes());
    put_bytes(&mut message, 2, public_key);
    put_bytes(&mut message, 3, signature);
    put_bytes(&mut message, 4, text);
    message
}

/// Envoy's `VerifySignatureArguments` to its `VerifySignatureResult`.
fn verify_signature(arguments: &[u8]) -> Result<Vec<u8>, Status> {
    let (mut hash, mut key, mut pem) = (&b""[..], &b""[..], &b""[..]);
    let (mut signature, mut text) = (&b""[..], &b""[..]);
    for field in fields(arguments).ok_or(Status::BadArgument)? {
        match field {
            Field::Bytes(1, bytes) => hash = bytes,
            Field::Bytes(2, bytes) => key = bytes,
            Field::Bytes(3, bytes) => signature = bytes,
            Field::Bytes(4, bytes) => text = bytes,
            Field::Bytes(5, bytes) => pem = bytes,
            _ => {}
        }
    }
    let key = if pem.is_empty() { signature::Key::from_der(key) } else { signature::Key::from_pem(pem) };
    let verdict = key.ok_or(Status::BadArgument)?.verify(hash, signature, text);
    let mut answer = Vec::new();
    match verdict {
        Ok(()) => put_bool(&mut answer, 1),
        Err(error) => put_bytes(&mut answer, 2, error.as_bytes()),
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
