//! Text that must not leak into logs, errors or serialised output. Each kind is a type of its own.

use std::fmt;

use super::dpop::PublicKey;

/// Declares a secret: its `Debug` is redacted, it has no `Display`, and `secret()` says where it leaves.
macro_rules! secret {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Takes a secret in.
            pub fn new(text: impl Into<String>) -> $name {
                $name(text.into())
            }

            /// The secret itself: for a request, the storage record, or the application that asked for its token.
            pub fn secret(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )*};
}

secret! {
    /// `state` (RFC 6749 §4.1.1), the key of a transaction.
    State,
    /// `nonce` (OpenID Connect Core §3.1.2.1).
    Nonce,
    /// `code_verifier` (RFC 7636 §4.1).
    CodeVerifier,
    /// `code` (RFC 6749 §4.1.2), for one use.
    AuthorizationCode,
    /// `refresh_token` (RFC 6749 §1.5).
    RefreshToken,
    /// `id_token` as it came (OpenID Connect Core §2).
    RawIdToken,
}

/// `access_token` (RFC 6749 §1.4), and the key that it is bound to, where it is (RFC 9449 §5).
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    text: String,
    key: Option<PublicKey>,
}

impl AccessToken {
    /// A token that whoever has it may use (RFC 6750).
    pub fn new(text: impl Into<String>) -> AccessToken {
        AccessToken {
            text: text.into(),
            key: None,
        }
    }

    /// The same token, bound to a key.
    #[must_use]
    pub fn bound_to(self, key: Option<PublicKey>) -> AccessToken {
        AccessToken { key, ..self }
    }

    /// The token itself: for a request, the storage record, or the application that asked for it.
    pub fn secret(&self) -> &str {
        &self.text
    }

    /// The key whose proof it needs, if it does.
    pub fn key(&self) -> Option<&PublicKey> {
        self.key.as_ref()
    }

    /// `Authorization` (RFC 6750 §2.1, RFC 9449 §7.1).
    pub fn authorization(&self) -> String {
        let scheme = if self.key.is_some() { "DPoP " } else { "Bearer " };
        [scheme, &self.text].concat()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

/// Whether it is `1*VSCHAR`, printable ASCII: all that a code, an error code or a token may hold (RFC 6749 appendix A).
pub(crate) fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}
