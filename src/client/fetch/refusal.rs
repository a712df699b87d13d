//! What a call was refused for.

use crate::core::error::{ChallengeDetails, Error};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;

/// A call that failed for want of scopes or of a stronger authentication.
pub(super) struct Refusal {
    pub(super) error: Error,
    pub(super) missing: ScopeSet,
    /// The token that the API refused; nothing where none was sent.
    pub(super) sent: Option<AccessToken>,
}

impl Refusal {
    /// The outcome of another call's upgrade is for all who wait, unless its caller aborted it, or the server refused what
    /// this call does not ask for.
    pub(super) fn is_not_meant(&self, error: &Error, details: &ChallengeDetails) -> bool {
        match error.cause() {
            Error::Aborted => true,
            Error::InsufficientUserAuthentication(wanted) => {
                (&wanted.acr_values, wanted.max_age) != (&details.acr_values, details.max_age)
            }
            Error::Server(refused) if refused.code.as_str() == "invalid_scope" => !self
                .missing
                .iter()
                .all(|scope| refused.requested.iter().any(|named| named == scope)),
            _ => false,
        }
    }
}
