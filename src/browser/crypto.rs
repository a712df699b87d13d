//! Randomness.

use crate::core::error::{Code, Error, Result};

/// 256 bits from the platform's generator. Never anything else: without it there is no sign-in.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(Error::new(
            Code::NotInBrowser,
            "crypto.getRandomValues is missing here. A browser of this decade has it.",
        )),
    }
}
