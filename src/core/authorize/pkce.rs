//! Proof Key for Code Exchange (RFC 7636), always with S256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::core::secret::CodeVerifier;

/// 256 random bits as 43 characters of base64url: a verifier (RFC 7636 §4.1), a state or a nonce.
pub fn random_text(entropy: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(entropy)
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
pub fn challenge(verifier: &CodeVerifier) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.secret()))
}
