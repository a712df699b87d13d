//! Proof Key for Code Exchange (RFC 7636), always with S256.

use sha2::digest::generic_array::GenericArray;

use super::base64url;
use super::secret::Secret;
use super::text::Text;

/// Bytes of a verifier: 256 bits as base64url.
const VERIFIER: usize = 43;

/// SHA-256's state at the start (FIPS 180-4 §5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// 256 random bits as 43 characters of base64url: a verifier (RFC 7636 §4.1), a state or a nonce.
pub fn token(entropy: &[u8; 32]) -> Secret {
    Secret::new(base64url::encode(entropy))
}

/// The S256 challenge of a verifier of ours (RFC 7636 §4.2). Its 43 bytes make one padded block, so that the library's
/// compression function alone will do, without its buffers; other lengths have no challenge.
pub fn challenge(verifier: &str) -> Option<Text> {
    if verifier.len() != VERIFIER {
        return None;
    }
    let mut block = [0; 64];
    for (slot, byte) in block.iter_mut().zip(verifier.bytes().chain([0x80])) {
        *slot = byte;
    }
    let [.., high, low] = &mut block;
    [*high, *low] = ((VERIFIER * 8) as u16).to_be_bytes();
    let mut state = START;
    sha2::compress256(&mut state, &[GenericArray::from(block)]);
    let mut digest = Vec::new();
    for word in state {
        digest.extend_from_slice(&word.to_be_bytes());
    }
    Some(base64url::encode(&digest))
}
