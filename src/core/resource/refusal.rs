//! What a call was refused for.

use crate::core::demands::Demands;
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::target::Target;

/// A call that failed for want of scopes or of another authentication.
pub(crate) struct Refusal {
    pub(crate) error: Error,
    pub(crate) missing: ScopeSet,
    pub(crate) demands: Demands,
    /// It is for another authentication: scopes alone do not help.
    pub(crate) is_step_up: bool,
}

/// What an upgrade asks for besides scopes.
#[derive(Clone, Default)]
pub(crate) struct Asked {
    pub(crate) target: Target,
    pub(crate) demands: Demands,
}

impl Refusal {
    /// Gives back an error that an upgrade cannot help.
    pub(crate) fn new(error: Error) -> Result<Refusal> {
        let is_step_up = match &error {
            Error::MissingScope(_) | Error::InsufficientScope(_) | Error::UpgradeLoop(_) => false,
            Error::InsufficientUserAuthentication(_) => true,
            _ => return Err(error),
        };
        Ok(Refusal {
            missing: ScopeSet::from_answer(error.missing().unwrap_or_default()),
            demands: error
                .challenge()
                .map(|details| details.demands.clone())
                .unwrap_or_default(),
            is_step_up,
            error,
        })
    }

    /// Whether there is something to ask the user for, where these scopes are lacking.
    pub(crate) fn asks_for(&self, lacking: &ScopeSet) -> bool {
        let is_without_grant = matches!(self.error, Error::MissingScope(_)) && self.missing.is_empty();
        !lacking.is_empty() || is_without_grant || self.is_step_up && self.demands != Demands::default()
    }

    /// The outcome of another call's upgrade is for all who wait, unless its caller aborted it, or the server refused what
    /// this call, for this target, does not ask for.
    pub(crate) fn is_not_meant(&self, error: &Error, target: &Target, theirs: &Asked) -> bool {
        let (is_alike, is_elsewhere) = (self.demands == theirs.demands, *target != theirs.target);
        match error.cause() {
            Error::Aborted => true,
            Error::InsufficientUserAuthentication(_) => !is_alike,
            Error::Server(refused) => match refused.code.as_str() {
                // RFC 9470 §5, RFC 8707 §2.
                "unmet_authentication_requirements" => !is_alike,
                "invalid_target" => is_elsewhere,
                "invalid_scope" => {
                    let is_named = |scope| refused.requested.iter().any(|named| named == scope);
                    is_elsewhere || !self.missing.iter().all(is_named)
                }
                _ => false,
            },
            _ => false,
        }
    }
}
