//! Step-up: an upgrade that asks for a stronger or fresher authentication (RFC 9470 §4 and §5).

use super::{PendingRequest, RequestKind};
use crate::core::demands::{Authentication, Demands};
use crate::core::error::{ChallengeDetails, Error, Result};

/// Turns the result of the ID token's checks into that of the step-up: with an upgrade, `acr_values` and `max_age`
/// are demands, and an answer below them is one that the session does not take.
pub fn check(request: &PendingRequest, found: Authentication<'_>, checked: Result<()>) -> Result<()> {
    let demands = &request.demands;
    let is_met = match &checked {
        // The checks of the ID token include auth_time. Without an ID token there were none.
        Ok(()) => demands.accept_class(found) && (demands.max_age.is_none() || found.auth_time.is_some()),
        Err(error) => demands.max_age.is_none() || error.reason() != Some("auth_time"),
    };
    if is_met || request.kind != RequestKind::Upgrade {
        return checked;
    }
    Err(Error::InsufficientUserAuthentication(Box::new(ChallengeDetails {
        demands: Demands {
            claims: None,
            ..demands.clone()
        },
        ..ChallengeDetails::default()
    })))
}
