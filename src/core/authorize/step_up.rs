//! Step-up: an upgrade that asks for a stronger or fresher authentication (RFC 9470 §4 and §5).

use super::{PendingRequest, RequestKind};
use crate::core::error::{ChallengeDetails, Error, Result};

/// What an ID token says of the authentication.
#[derive(Clone, Copy, Debug, Default)]
pub struct Authentication<'a> {
    /// `acr`.
    pub acr: Option<&'a str>,
    /// `auth_time`, seconds since the epoch.
    pub auth_time: Option<i64>,
}

/// Turns the result of the ID token's checks into that of the step-up: with an upgrade, `acr_values` and `max_age`
/// are demands, and an answer below them is one that the session does not take.
pub fn check(request: &PendingRequest, found: Authentication<'_>, checked: Result<()>) -> Result<()> {
    let is_met = match &checked {
        // The checks of the ID token include auth_time. Without an ID token there were none.
        Ok(()) => {
            has_acr(request.acr_values.as_deref(), found) && (request.max_age.is_none() || found.auth_time.is_some())
        }
        Err(error) => request.max_age.is_none() || error.reason() != Some("auth_time"),
    };
    if is_met || request.kind != RequestKind::Upgrade {
        return checked;
    }
    Err(Error::InsufficientUserAuthentication(Box::new(ChallengeDetails {
        acr_values: request.acr_values.clone(),
        max_age: request.max_age,
        ..ChallengeDetails::default()
    })))
}

/// Whether an authentication is as strong and as fresh as an API wants it: another of the kind would change nothing.
pub fn is_met(acr_values: Option<&str>, max_age: Option<i64>, found: Authentication<'_>, now: i64) -> bool {
    let age = found.auth_time.map(|time| now.saturating_sub(time));
    (acr_values.is_some() || max_age.is_some())
        && has_acr(acr_values, found)
        && max_age.is_none_or(|most| age.is_some_and(|age| age <= most))
}

fn has_acr(acr_values: Option<&str>, found: Authentication<'_>) -> bool {
    acr_values.is_none_or(|wanted| {
        wanted
            .split(' ')
            .any(|wanted| !wanted.is_empty() && found.acr == Some(wanted))
    })
}
