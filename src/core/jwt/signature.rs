//! Signatures of JWTs: the algorithms (RFC 7518 §3.1, RFC 8037 §3.1), and what is signed (RFC 7515 §5.2). The
//! arithmetic is the host's.

use std::fmt;

use crate::core::error::FailedCheck;

/// A signature algorithm with a public key, of those that the platform has.
#[derive(Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// `alg`.
    pub name: &'static str,
    /// How it signs.
    pub scheme: SignatureScheme,
    /// The SHA-2 hash that it uses, in bits.
    pub hash_bits: u16,
    /// `crv` of its keys.
    pub curve: Option<&'static str>,
    /// Bytes of a signature, where that does not depend on the key.
    signature_length: Option<usize>,
}

/// How an algorithm signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS, with a salt as long as the hash.
    RsaPss,
    /// ECDSA; a signature is r and s in a row.
    Ecdsa,
    /// Ed25519.
    Ed25519,
}

use SignatureScheme::{Ecdsa, Ed25519, RsaPkcs1, RsaPss};

static ALGORITHMS: [SignatureAlgorithm; 10] = [
    rsa("RS256", RsaPkcs1, 256),
    rsa("RS384", RsaPkcs1, 384),
    rsa("RS512", RsaPkcs1, 512),
    rsa("PS256", RsaPss, 256),
    rsa("PS384", RsaPss, 384),
    rsa("PS512", RsaPss, 512),
    on_curve("ES256", Ecdsa, 256, "P-256", 64),
    on_curve("ES384", Ecdsa, 384, "P-384", 96),
    on_curve("ES512", Ecdsa, 512, "P-521", 132),
    on_curve("EdDSA", Ed25519, 512, "Ed25519", 64),
];

const fn rsa(name: &'static str, scheme: SignatureScheme, hash_bits: u16) -> SignatureAlgorithm {
    SignatureAlgorithm {
        name,
        scheme,
        hash_bits,
        curve: None,
        signature_length: None,
    }
}

const fn on_curve(
    name: &'static str,
    scheme: SignatureScheme,
    hash_bits: u16,
    curve: &'static str,
    signature_length: usize,
) -> SignatureAlgorithm {
    SignatureAlgorithm {
        name,
        scheme,
        hash_bits,
        curve: Some(curve),
        signature_length: Some(signature_length),
    }
}

impl SignatureAlgorithm {
    /// The algorithm of a name. `Ed25519` is the newer one of `EdDSA` (RFC 9864 §2.2).
    pub fn named(name: &str) -> Option<&'static SignatureAlgorithm> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name)
    }

    /// `kty` of its keys, and the members that make up such a key.
    pub(crate) fn key_members(&self) -> (&'static str, &'static [&'static str]) {
        match self.scheme {
            RsaPkcs1 | RsaPss => ("RSA", &["n", "e"]),
            Ecdsa => ("EC", &["x", "y"]),
            Ed25519 => ("OKP", &["x"]),
        }
    }

    /// Whether a signature may be one of this algorithm: DER in place of r and s, say, is not.
    pub(super) fn is_length_right(&self, signature: &[u8]) -> bool {
        self.signature_length.is_none_or(|length| signature.len() == length)
    }
}

/// What a signature is checked against.
pub struct SignedToken<'a> {
    /// How it is signed.
    pub algorithm: &'static SignatureAlgorithm,
    /// The name of the key, where the token says it.
    pub kid: Option<&'a str>,
    /// What is signed: header and claims as they came.
    pub data: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Not what is signed: claims are a person's data.
impl fmt::Debug for SignedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedToken")
            .field("algorithm", &self.algorithm.name)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// No key of the issuer fits.
    NoKey,
    /// More than one key fits, and the token does not say which it is.
    SeveralKeys,
    /// The platform does not take the key, or not the algorithm.
    KeyRefused,
    /// It is not a signature of this key and text.
    Signature,
}

impl Unverified {
    /// Whether the issuer may have another key by now, with which the same token passes. A key that the token names stays
    /// what it is.
    pub fn may_pass_with_new_keys(self, token: &SignedToken<'_>) -> bool {
        match self {
            Unverified::NoKey => true,
            Unverified::Signature => token.kid.is_none(),
            Unverified::SeveralKeys | Unverified::KeyRefused => false,
        }
    }
}

impl From<Unverified> for Box<FailedCheck> {
    fn from(failure: Unverified) -> Box<FailedCheck> {
        FailedCheck::new(match failure {
            Unverified::Signature => "signature",
            Unverified::NoKey | Unverified::SeveralKeys | Unverified::KeyRefused => "key",
        })
    }
}
