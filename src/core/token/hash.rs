//! The hashes by which an ID token names what came with it (OpenID Connect Core §3.1.3.6, §3.3.2.11).

use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::core::base64url;

/// Whether a hash is that of a text, by the hash function of a signature algorithm. Where that is none of SHA-2's, nobody
/// can tell here, and it is.
pub(super) fn is_of(hash: &str, text: &str, algorithm: &str) -> bool {
    let expected = match algorithm {
        "ES256K" => half_of::<Sha256>(text),
        "Ed25519" => half_of::<Sha512>(text),
        // Ed448 has another hash function, with a longer result.
        "EdDSA" if hash.len() <= ED25519_LENGTH => half_of::<Sha512>(text),
        algorithm if algorithm.ends_with("S256") => half_of::<Sha256>(text),
        algorithm if algorithm.ends_with("S384") => half_of::<Sha384>(text),
        algorithm if algorithm.ends_with("S512") => half_of::<Sha512>(text),
        _ => return true,
    };
    hash == expected
}

/// Characters of half a SHA-512.
const ED25519_LENGTH: usize = 43;

fn half_of<D: Digest>(text: &str) -> String {
    let hash = D::digest(text);
    base64url::encode(hash.get(..hash.len() / 2).unwrap_or_default())
}
