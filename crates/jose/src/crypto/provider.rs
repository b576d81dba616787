//! This crate's verification for those who decode tokens with `jsonwebtoken` itself.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result, new_error};
use jsonwebtoken::{Algorithm as Name, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use signature::Verifier;

use super::{EcdsaKey, PublicKey, RsaKey};
use crate::algorithm::Algorithm;
use crate::error::KeyError;

/// Verifies with this crate's code and limits, signs nothing. Hand it to [`CryptoProvider::install_default`].
pub static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest: |_, _| Err(unsupported()),
    },
};

fn no_signer(_: &Name, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(unsupported())
}

fn verifier(name: &Name, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let algorithm = algorithm(*name)?;
    let key = public_key(algorithm, key)?;
    if !key.supports(algorithm) {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Box::new(KeyVerifier { name: *name, algorithm, key }))
}

fn public_key(algorithm: Algorithm, key: &DecodingKey) -> Result<PublicKey> {
    match (key.family(), key.kind()) {
        (AlgorithmFamily::Rsa, DecodingKeyKind::RsaModulusExponent { n, e }) => RsaKey::new(n, e).map(PublicKey::Rsa),
        (AlgorithmFamily::Ec, DecodingKeyKind::SecretOrDer(point)) => {
            EcdsaKey::from_uncompressed(algorithm, point).map(PublicKey::Ecdsa)
        }
        (AlgorithmFamily::Ed, DecodingKeyKind::SecretOrDer(x)) => PublicKey::ed25519(x),
        (AlgorithmFamily::Hmac, DecodingKeyKind::SecretOrDer(secret)) => Ok(PublicKey::Secret(secret.clone())),
        _ => return Err(unsupported()),
    }
    .map_err(|error: KeyError| ErrorKind::Provider(error.to_string()).into())
}

fn algorithm(name: Name) -> Result<Algorithm> {
    Ok(match name {
        Name::HS256 => Algorithm::HS256,
        Name::HS384 => Algorithm::HS384,
        Name::HS512 => Algorithm::HS512,
        Name::ES256 => Algorithm::ES256,
        Name::ES384 => Algorithm::ES384,
        Name::RS256 => Algorithm::RS256,
        Name::RS384 => Algorithm::RS384,
        Name::RS512 => Algorithm::RS512,
        Name::PS256 => Algorithm::PS256,
        Name::PS384 => Algorithm::PS384,
        Name::PS512 => Algorithm::PS512,
        Name::EdDSA => Algorithm::EdDSA,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    })
}

fn unsupported() -> Error {
    new_error(ErrorKind::InvalidKeyFormat)
}

struct KeyVerifier {
    name: Name,
    algorithm: Algorithm,
    key: PublicKey,
}

impl Verifier<Vec<u8>> for KeyVerifier {
    fn verify(&self, text: &[u8], signature: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        let valid = self.key.verify_here(self.algorithm, signature, text);
        if valid { Ok(()) } else { Err(signature::Error::new()) }
    }
}

impl JwtVerifier for KeyVerifier {
    fn algorithm(&self) -> Name {
        self.name
    }
}
