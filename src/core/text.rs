//! Texts: those of an application, and many at once.

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

/// Which of some texts are the first of their spelling. They are put in order for that: many take little time.
pub(super) fn are_first<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<bool> {
    let mut order: Vec<(&str, usize)> = texts.zip(0..).collect();
    let mut are_first = vec![false; order.len()];
    order.sort_unstable();
    order.dedup_by_key(|(text, _)| *text);
    for (_, index) in order {
        if let Some(is_first) = are_first.get_mut(index) {
            *is_first = true;
        }
    }
    are_first
}
