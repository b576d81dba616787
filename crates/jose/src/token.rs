//! Tokens in compact serialization (RFC 7515 section 7.1), taken apart and not yet believed.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claims::Claims;
use crate::error::{Part, TokenError};
use crate::json::{Object, WrongType, text};

/// The longest token that is read, in bytes: more than the 60 KiB that Envoy allows to all headers together.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// A well-formed JWT. Nothing in it is verified; [`verify`](crate::verify()) does that.
#[derive(Debug, Clone)]
pub struct CompactJws<'a> {
    pub(crate) signed: SignedText<'a>,
    pub(crate) content: Arc<Content>,
}

/// What a token says.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) header: Header,
    pub(crate) claims: Claims,
}

impl<'a> CompactJws<'a> {
    /// Takes a token apart: three parts of canonical base64url, header and payload strict JSON objects, registered header
    /// parameters and claims of the right type, no extension demanded.
    ///
    /// # Errors
    /// On the first thing that is wrong.
    pub fn parse(token: &'a [u8]) -> Result<Self, TokenError> {
        let parts = Parts::split(token)?;
        let (header, signed) = parts.open()?;
        let claims = Claims::parse(parts.payload()?)?;
        Ok(Self { signed, content: Arc::new(Content { header, claims }) })
    }

    /// `alg`
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.content.header.algorithm
    }

    /// `kid`
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.content.header.key_id.as_deref()
    }

    /// `typ`
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.content.header.token_type.as_deref()
    }

    /// The header. Keys in it (`jwk`, `jku`, `x5c`, `x5u`) are never used.
    #[must_use]
    pub fn header(&self) -> &Map<String, Value> {
        self.content.header.object.members()
    }

    /// The header's JSON as it was sent.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.content.header.object.text()
    }

    /// Who the token says issued it: to choose the provider by, and for nothing else.
    #[must_use]
    pub fn unverified_issuer(&self) -> Option<&str> {
        self.content.claims.issuer.as_deref()
    }
}

/// The three parts as they were sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    header: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8],
    signing_input: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(crate) fn split(token: &'a [u8]) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let mut dots = memchr::memchr_iter(b'.', token);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(TokenError::Parts);
        };
        let part = |range| token.get(range).ok_or(TokenError::Parts);
        Ok(Self {
            header: part(0..first)?,
            payload: part(first + 1..second)?,
            signature: part(second + 1..token.len())?,
            signing_input: part(0..second)?,
        })
    }

    /// Everything but the payload.
    pub(crate) fn open(&self) -> Result<(Header, SignedText<'a>), TokenError> {
        let header = Header::parse(base64url::decode(self.header).ok_or(TokenError::Encoding(Part::Header))?)?;
        let signature = base64url::decode(self.signature).ok_or(TokenError::Encoding(Part::Signature))?;
        Ok((header, SignedText { text: self.signing_input, signature }))
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>, TokenError> {
        base64url::decode(self.payload).ok_or(TokenError::Encoding(Part::Payload))
    }
}

/// What was signed, and the signature.
#[derive(Debug, Clone)]
pub(crate) struct SignedText<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

/// The protected header.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) object: Object,
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) token_type: Option<String>,
}

impl Header {
    fn parse(bytes: Vec<u8>) -> Result<Self, TokenError> {
        let (object, [typ, cty, kid, crit, b64, alg]) =
            Object::parse(bytes, ["typ", "cty", "kid", "crit", "b64", "alg"]).ok_or(TokenError::Json(Part::Header))?;
        let token_type = text(typ).map_err(|WrongType| TokenError::Header("typ"))?;
        text(cty).map_err(|WrongType| TokenError::Header("cty"))?;
        let key_id = text(kid).map_err(|WrongType| TokenError::Header("kid"))?;
        if crit.is_some() || b64.is_some() {
            return Err(TokenError::Extension);
        }
        let name = text(alg).map_err(|WrongType| TokenError::Header("alg"))?.ok_or(TokenError::UnknownAlgorithm)?;
        let algorithm = name.parse().map_err(|_| TokenError::UnknownAlgorithm)?;
        Ok(Self { object, algorithm, key_id, token_type })
    }
}

#[cfg(test)]
mod tests;
