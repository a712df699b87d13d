//! Text that must not leak into logs, errors or serialised output.

use super::text::Text;

/// A code, verifier, state, nonce or token. Its `Debug` is redacted, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Text);

impl Secret {
    /// Takes a secret in.
    pub fn new(text: impl Into<Text>) -> Secret {
        Secret(text.into())
    }

    /// The secret itself: for a request, the storage record, or the application that asked for its token.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The same, to keep.
    pub fn text(&self) -> Text {
        self.0.clone()
    }
}

/// Whether it is `1*VSCHAR`, printable ASCII: all that a code, an error code or a token may hold (RFC 6749 appendix A).
pub fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}
