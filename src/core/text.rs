//! Shared, immutable text in one machine word.
//!
//! A `String` is three words that travel through memory; text that is mostly passed on compiles to half the code
//! when it travels in a register.

use std::mem::ManuallyDrop;
use std::rc::Rc;

/// Shared, immutable text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(ManuallyDrop<Rc<String>>);

impl Text {
    /// Pieces of text in a row.
    pub fn of(pieces: &[&str]) -> Text {
        let mut text = String::new();
        for piece in pieces {
            text.push_str(piece);
        }
        Text::from(text)
    }

    /// The text as a slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(ManuallyDrop::new(Rc::new(text)))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::of(&[text])
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.as_str(), f)
    }
}

#[allow(unsafe_code, reason = "taken once, in drop; it saves a fortieth of the module")]
impl Drop for Text {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: nothing reads the text after its drop.
        release(unsafe { ManuallyDrop::take(&mut self.0) });
    }
}

/// Takes its argument in a register: what is dropped through a reference has to be put into memory first.
#[inline(never)]
fn release(text: Rc<String>) {
    drop(text);
}
