//! Signatures made for tests: a signature is a hash of the key and the text, so whoever knows the one can make the other.
//! What is real in them is that they are of one key and one text.

use scopewise::core::token::{Jwk, SignedToken, Unverified};
use scopewise::host::{Crypto, Pending};
use sha2::{Digest as _, Sha512};

use super::FakePage;
use super::executor::turn;

/// The signature of a text with the key that has this `x` or `n`, as long as one of ES256.
pub(crate) fn signature(material: &str, data: &str) -> Vec<u8> {
    Sha512::digest([material, ".", data].concat()).to_vec()
}

impl Crypto for FakePage {
    fn can_verify(&self) -> bool {
        !self.is_insecure.get()
    }

    fn verify<'a>(&'a self, token: &'a SignedToken<'_>, key: &'a Jwk) -> Pending<'a, Result<(), Unverified>> {
        Box::pin(async move {
            turn().await;
            let material = key.as_value().text("x").or(key.as_value().text("n"));
            if signature(material.unwrap_or_default(), token.data) == token.signature {
                Ok(())
            } else {
                Err(Unverified::Signature)
            }
        })
    }
}
