//! What a request for scopes came to.

use super::{PendingRequest, RequestKind};
use crate::core::authorization_details::AuthorizationDetails;
use crate::core::error::{Error, ServerErrorCode};
use crate::core::scope::ScopeSet;

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeStatus {
    /// All that was asked.
    Granted,
    /// Some of it.
    Partial,
    /// None of what was missing.
    Denied,
}

impl OutcomeStatus {
    /// As applications see it.
    pub fn as_str(self) -> &'static str {
        match self {
            OutcomeStatus::Granted => "granted",
            OutcomeStatus::Partial => "partial",
            OutcomeStatus::Denied => "denied",
        }
    }
}

/// What was asked, and what is held now.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// What the request was for.
    pub kind: RequestKind,
    /// In one word.
    pub status: OutcomeStatus,
    /// Scopes of the request, with an upgrade those held before included.
    pub requested: ScopeSet,
    /// Scopes of the grant after it.
    pub granted: ScopeSet,
    /// Requested and not granted, or lost to this answer.
    pub missing: ScopeSet,
    /// What is granted besides scopes (RFC 9396); nothing where the server did not say.
    pub authorization_details: Option<AuthorizationDetails>,
    /// The application's JSON text.
    pub app_state: Option<String>,
    /// Where the application wants its user.
    pub return_to: String,
}

impl PendingRequest {
    /// Compares what was requested, and within it what was `wanted` and not there before, with what the grant holds.
    pub fn outcome(&self, granted: &ScopeSet) -> Outcome {
        self.outcome_with_loss(granted, &ScopeSet::default())
    }

    /// The same where the answer took the place of a grant that another request got meanwhile: what is `lost` of that is
    /// missing too.
    pub fn outcome_with_loss(&self, granted: &ScopeSet, lost: &ScopeSet) -> Outcome {
        let missing = self.requested.minus(granted).union(lost);
        let status = if missing.is_empty() {
            OutcomeStatus::Granted
        } else if !self.wanted.is_empty() && missing.contains_all(&self.wanted) {
            OutcomeStatus::Denied
        } else {
            OutcomeStatus::Partial
        };
        Outcome {
            kind: self.kind,
            status,
            requested: self.requested.clone(),
            granted: granted.clone(),
            missing,
            authorization_details: None,
            app_state: self.app_state.clone(),
            return_to: self.return_to.clone(),
        }
    }

    /// Whether an error is the user's no to an upgrade: an outcome, and no failure.
    pub fn is_denied_by(&self, error: &Error) -> bool {
        let code = error.server_error().map(|error| &error.code);
        self.kind == RequestKind::Upgrade && code == Some(&ServerErrorCode::AccessDenied)
    }

    /// The same after a no. A step-up may miss no scope, and is denied all the same.
    pub fn outcome_of_denial(&self, granted: &ScopeSet) -> Outcome {
        let mut outcome = self.outcome(granted);
        if self.wanted.is_empty() {
            outcome.status = OutcomeStatus::Denied;
        }
        outcome
    }
}

impl Outcome {
    /// With what is granted besides scopes.
    #[must_use]
    pub fn with_authorization_details(mut self, details: Option<AuthorizationDetails>) -> Outcome {
        self.authorization_details = details;
        self
    }

    /// What comes of an upgrade that has nothing to ask.
    pub fn nothing_missing(
        requested: ScopeSet,
        granted: ScopeSet,
        return_to: String,
        app_state: Option<String>,
    ) -> Outcome {
        Outcome {
            kind: RequestKind::Upgrade,
            status: OutcomeStatus::Granted,
            requested,
            granted,
            missing: ScopeSet::default(),
            authorization_details: None,
            app_state,
            return_to,
        }
    }
}
