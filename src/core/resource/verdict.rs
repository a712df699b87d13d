//! What an API's response says of the token that it was sent with.

use super::{Challenge, ChallengeKind};
use crate::core::apis::Api;
use crate::core::demands::Demands;
use crate::core::error::{ChallengeDetails, Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::session::Session;
use crate::core::target::Target;

/// An API that refuses what is granted has the token renewed no more often than this, seconds.
const RENEWAL_INTERVAL: i64 = 60;

/// What the client reads of an API's response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiResponse {
    /// HTTP status.
    pub status: u16,
    /// Where it came from in the end.
    pub url: String,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// True where the page may not see the header (CORS).
    pub is_challenge_hidden: bool,
    /// `DPoP-Nonce`.
    pub dpop_nonce: Option<String>,
}

impl ApiResponse {
    /// Whether the API wants its nonce in the proof (RFC 9449 §9), as far as the page may see that.
    pub fn wants_nonce(&self) -> bool {
        let challenge = self.challenge.as_deref().unwrap_or_default();
        let is_named = Challenge::parse(self.status, challenge).kind == ChallengeKind::UseDpopNonce;
        is_named || self.status == 401 && self.is_challenge_hidden
    }
}

/// What a response says of the token.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing: it is the application's.
    Passed,
    /// Another token may help. Where there is none, the call fails with this, or else the response is the application's.
    TokenRejected(Option<Error>),
    /// No other token for the same helps: the call fails with this.
    Refused(Error),
}

impl Verdict {
    /// What a call comes to that no other token helps.
    pub fn settle(self, response: ApiResponse) -> Result<ApiResponse> {
        match self {
            Verdict::TokenRejected(Some(error)) | Verdict::Refused(error) => Err(error),
            Verdict::TokenRejected(None) | Verdict::Passed => Ok(response),
        }
    }
}

/// A call of an API, and what is known when its response is there.
pub struct ApiCall<'a> {
    /// The API.
    pub api: &'a Api,
    /// What the call's token is for.
    pub target: &'a Target,
    /// The scopes that the call itself named.
    pub scope: &'a ScopeSet,
    /// The session, if there still is one.
    pub session: Option<&'a Session>,
    /// Seconds since the epoch.
    pub now: i64,
    /// Whether the server granted a request with just these demands a moment ago.
    pub was_granted: &'a dyn Fn(&Demands) -> bool,
}

impl ApiCall<'_> {
    /// What a response says of the token, and where it says that the API's metadata is.
    pub fn judge(&self, response: &ApiResponse) -> (Verdict, Option<String>) {
        if !self.api.contains(&response.url) {
            return (Verdict::Refused(Error::UntrustedOrigin), None);
        }
        if !matches!(response.status, 401 | 403) {
            return (Verdict::Passed, None);
        }
        let header = response.challenge.as_deref().unwrap_or_default();
        let challenge = Challenge::parse(response.status, header);
        (self.verdict(response, &challenge), challenge.resource_metadata)
    }

    fn verdict(&self, response: &ApiResponse, challenge: &Challenge) -> Verdict {
        // An API that names no scope wants those that the call itself named.
        let is_nameless = challenge.scope.is_empty() && challenge.kind == ChallengeKind::InsufficientScope;
        let named = if is_nameless { self.scope } else { &challenge.scope };
        let lacking = Session::missing(self.session, named, self.target, self.now);
        let details = Box::new(ChallengeDetails {
            status: Some(response.status),
            missing: lacking.filter(&|scope| self.api.may_challenge_for(scope)).to_strings(),
            demands: challenge.demands.clone(),
        });
        let is_hidden = response.is_challenge_hidden;
        match challenge.kind {
            ChallengeKind::Nothing if response.status == 401 && !challenge.is_readable => {
                Verdict::TokenRejected(is_hidden.then_some(Error::ChallengeUnreadable(details)))
            }
            ChallengeKind::Nothing if is_hidden => Verdict::Refused(Error::ChallengeUnreadable(details)),
            ChallengeKind::Nothing => Verdict::Passed,
            // It was tried again, or cannot be.
            ChallengeKind::UseDpopNonce => Verdict::Passed,
            ChallengeKind::InvalidToken => Verdict::TokenRejected(None),
            ChallengeKind::InsufficientScope if named.is_empty() => {
                Verdict::Refused(Error::ChallengeUnreadable(details))
            }
            // All of it is granted already: an upgrade would not help. A new token may, where this one is from before.
            ChallengeKind::InsufficientScope if lacking.is_empty() && self.is_token_of_some_age() => {
                Verdict::TokenRejected(Some(Error::UpgradeLoop(details)))
            }
            ChallengeKind::InsufficientScope if lacking.is_empty() => Verdict::Refused(Error::UpgradeLoop(details)),
            ChallengeKind::InsufficientScope => Verdict::Refused(Error::InsufficientScope(details)),
            ChallengeKind::InsufficientUserAuthentication
                if lacking.is_empty() && self.is_step_up_met(&challenge.demands) =>
            {
                Verdict::Refused(Error::UpgradeLoop(details))
            }
            ChallengeKind::InsufficientUserAuthentication => {
                Verdict::Refused(Error::InsufficientUserAuthentication(details))
            }
        }
    }

    /// Whether the token was issued so long ago that the server may say something else by now.
    fn is_token_of_some_age(&self) -> bool {
        let grant = self.session.and_then(|session| session.grant(self.target));
        grant.is_some_and(|grant| self.now.saturating_sub(grant.answered_at()) >= RENEWAL_INTERVAL)
    }

    /// Whether the session's token came of an authentication as strong and as fresh as a challenge wants. What claims do
    /// nobody can tell: if the server granted them a moment ago, it would do no more.
    pub fn is_step_up_met(&self, demands: &Demands) -> bool {
        if demands.claims.is_some() {
            return (self.was_granted)(demands);
        }
        let found = self.session.and_then(|session| session.authentication(self.target));
        found.is_some_and(|found| demands.are_met_by(found, self.now))
    }
}
