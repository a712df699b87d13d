//! Proof Key for Code Exchange (RFC 7636), always with S256.

use sha2::{Digest, Sha256};

use super::base64url;
use super::secret::Secret;
use super::text::Text;

/// 256 random bits as 43 characters of base64url: a verifier (RFC 7636 §4.1), a state or a nonce.
pub fn token(entropy: &[u8; 32]) -> Secret {
    Secret::new(base64url::encode(entropy))
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
pub fn challenge(verifier: &str) -> Text {
    base64url::encode(&Sha256::digest(verifier.as_bytes()))
}
