//! Base64url without padding (RFC 7515 §2), in which JWTs, proofs and hashes are written.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Bytes as text.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a text, if it is one.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The SHA-256 of a text: of a verifier (RFC 7636 §4.2), say, or of a token (RFC 9449 §4.2).
pub(super) fn sha256(text: &str) -> String {
    encode(&Sha256::digest(text))
}
