//! Texts of an application.

use super::error::{Error, Result};

/// The most bytes of one.
pub(crate) const MAX_TEXT: usize = 64 * 1024;

/// Refuses a text that is longer than any that makes sense.
pub(crate) fn check_text(name: &str, text: &str) -> Result<()> {
    if text.len() > MAX_TEXT {
        return Err(too_long(name));
    }
    Ok(())
}

/// The failure for an option with a text that is too long.
pub(crate) fn too_long(name: &str) -> Error {
    Error::invalid_options(["\"", name, "\" must have texts of 64 KiB at the most"].concat())
}
