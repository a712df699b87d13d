//! Randomness.

use wasm_bindgen::prelude::*;

use crate::core::error::{Code, Error, Result};

#[wasm_bindgen(module = "/src/browser/crypto.js")]
extern "C" {
    fn fill(bytes: &mut [u8]) -> bool;
}

/// 256 bits from the platform's generator. Never anything else: without it there is no sign-in.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    if fill(&mut bytes) {
        return Ok(bytes);
    }
    Err(Error::new(Code::NotInBrowser))
}
