//! Proof Key for Code Exchange (RFC 7636), always with S256.

use crate::core::base64url;
use crate::core::secret::CodeVerifier;

/// 256 random bits as 43 characters of base64url: a verifier (RFC 7636 §4.1), a state or a nonce.
pub fn random_text(entropy: &[u8; 32]) -> String {
    base64url::encode(entropy)
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
pub fn challenge(verifier: &CodeVerifier) -> String {
    base64url::sha256(verifier.secret())
}
