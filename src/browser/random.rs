//! Randomness.

use super::Browser;
use crate::core::error::{Error, Result};
use crate::host::Entropy;

impl Entropy for Browser {
    fn random(&self) -> Result<[u8; 32]> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| Error::NotInBrowser)?;
        Ok(bytes)
    }
}
