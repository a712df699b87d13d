//! One target's entry in the ledger: what was requested, what was granted and on whose word, and its token.

use super::granted::Granted;
use super::{FirstAuthentication, Refresh};
use crate::core::authorization_details::AuthorizationDetails;
use crate::core::provider::{ProviderProfile, RefreshScope};
use crate::core::scope::ScopeSet;
use crate::core::secret::{AccessToken, RefreshToken};
use crate::core::server::revocation::RevocableToken;
use crate::core::target::Target;
use crate::core::token::{RefreshRequest, TokenResponse};

/// For so many seconds nobody needs a newer token, whatever a server says of its lifetime.
const MIN_REFRESH_INTERVAL: i64 = 2;

/// Whether a scope is there, and on whose word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeStatus {
    /// The server said so.
    Granted,
    /// Requested, and the answer could not show it.
    Assumed,
    /// Requested, and the server said a scope without it, or the user said no.
    Denied,
    /// Never asked for.
    NotRequested,
}

impl ScopeStatus {
    /// As applications see it.
    pub fn as_str(self) -> &'static str {
        match self {
            ScopeStatus::Granted => "granted",
            ScopeStatus::Assumed => "assumed",
            ScopeStatus::Denied => "denied",
            ScopeStatus::NotRequested => "not-requested",
        }
    }
}

/// A grant. Scopes come only from a validated success response.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    pub(super) target: Target,
    pub(super) requested: ScopeSet,
    pub(super) granted: ScopeSet,
    pub(super) assumed: ScopeSet,
    pub(super) implied: ScopeSet,
    pub(super) access_token: AccessToken,
    pub(super) answered_at: i64,
    pub(super) expires_at: Option<i64>,
    pub(super) refresh: Option<Refresh>,
    pub(super) authorization_details: Option<AuthorizationDetails>,
    pub(super) authentication: FirstAuthentication,
}

impl Grant {
    /// The grant that a token response makes.
    pub fn new(
        profile: &ProviderProfile,
        target: Target,
        requested: ScopeSet,
        response: TokenResponse,
        now: i64,
    ) -> Grant {
        let granted = profile.resolve_granted(&requested, &response, response.id_token.is_some());
        Grant::of(profile, target, requested, granted, response, now)
    }

    /// The grant after a refresh. Without a scope member it is the one that was granted last, not what was requested
    /// first (RFC 6749 §6). What the answer leaves out stays as it was; `has_id_token` says whether the session has one.
    pub fn refreshed(
        &self,
        profile: &ProviderProfile,
        mut response: TokenResponse,
        has_id_token: bool,
        now: i64,
    ) -> Grant {
        if response.refresh_token.is_none() {
            response.refresh_token = self.refresh_token().cloned();
        }
        if response.authorization_details.is_none() {
            response.authorization_details = self.authorization_details.clone();
        }
        let granted = if response.scope.is_some() {
            profile.resolve_granted(&self.requested, &response, has_id_token)
        } else {
            Granted {
                scopes: self.granted.clone(),
                assumed: self.assumed.clone(),
            }
        };
        let (target, requested) = (self.target.clone(), self.requested.clone());
        Grant {
            authentication: self.authentication.clone(),
            ..Grant::of(profile, target, requested, granted, response, now)
        }
    }

    fn of(
        profile: &ProviderProfile,
        target: Target,
        requested: ScopeSet,
        granted: Granted,
        response: TokenResponse,
        now: i64,
    ) -> Grant {
        Grant {
            implied: profile.closure(&granted.scopes).minus(&granted.scopes),
            target,
            requested,
            granted: granted.scopes,
            assumed: granted.assumed,
            access_token: response.access_token,
            answered_at: now,
            expires_at: response.expires_in.map(|seconds| now.saturating_add(seconds)),
            refresh: response.refresh_token.map(Refresh::new),
            authorization_details: response.authorization_details,
            authentication: FirstAuthentication::default(),
        }
    }

    /// What the token is for.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Scopes as sent.
    pub fn requested(&self) -> &ScopeSet {
        &self.requested
    }

    /// Scopes as answered, the assumed ones included.
    pub fn granted(&self) -> &ScopeSet {
        &self.granted
    }

    /// Of the granted ones, those that the answer could not show.
    pub fn assumed(&self) -> &ScopeSet {
        &self.assumed
    }

    /// What was granted besides; nothing where the server did not say.
    pub fn authorization_details(&self) -> Option<&AuthorizationDetails> {
        self.authorization_details.as_ref()
    }

    /// Requested and not granted.
    pub fn denied(&self) -> ScopeSet {
        self.requested.minus(&self.granted)
    }

    /// All that the granted scopes cover: they, and what they carry.
    pub fn covered(&self) -> ScopeSet {
        self.granted.union(&self.implied)
    }

    /// Whether a scope is granted, or carried by one that is.
    pub fn covers(&self, scope: &str) -> bool {
        self.granted.contains(scope) || self.implied.contains(scope)
    }

    /// Those of some scopes that are not covered.
    pub fn missing(&self, scopes: &ScopeSet) -> ScopeSet {
        scopes.minus(&self.granted).minus(&self.implied)
    }

    /// Whether a scope is there, and on whose word.
    pub fn status(&self, scope: &str) -> ScopeStatus {
        if self.assumed.contains(scope) {
            ScopeStatus::Assumed
        } else if self.covers(scope) {
            ScopeStatus::Granted
        } else if self.requested.contains(scope) {
            ScopeStatus::Denied
        } else {
            ScopeStatus::NotRequested
        }
    }

    /// For the API.
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// For new access tokens.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh.as_ref().map(|refresh| &refresh.token)
    }

    /// The refresh token and how far its use is.
    pub fn refresh(&self) -> Option<&Refresh> {
        self.refresh.as_ref()
    }

    /// When the server's answer came, seconds since the epoch.
    pub fn answered_at(&self) -> i64 {
        self.answered_at
    }

    /// Seconds since the epoch; nothing where the server did not say.
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// True while the token lasts, or there can be another one.
    pub fn is_usable(&self, now: i64) -> bool {
        self.usable_until().is_none_or(|end| end > now)
    }

    /// When the grant ends for good, seconds since the epoch; nothing where that is not known.
    pub fn usable_until(&self) -> Option<i64> {
        match &self.refresh {
            Some(refresh) if refresh.refusal.is_none() => None,
            _ => self.expires_at,
        }
    }

    /// Whether there is no need for another token yet.
    pub fn is_fresh(&self, now: i64, seconds: i64) -> bool {
        self.fresh_until(seconds).is_none_or(|end| end > now)
    }

    /// Until when there is no need for another token, seconds since the epoch; nothing for ever: for as long as this one
    /// lasts for so many more seconds, or for half its life where that is shorter, or is new.
    pub fn fresh_until(&self, seconds: i64) -> Option<i64> {
        let expires_at = self.expires_at?;
        let lifetime = expires_at.saturating_sub(self.answered_at);
        let fresh_until = expires_at.saturating_sub(seconds.min(lifetime / 2));
        Some(match self.refresh {
            Some(_) => fresh_until.max(self.answered_at.saturating_add(MIN_REFRESH_INTERVAL)),
            None => fresh_until,
        })
    }

    /// True where the token lasts for some more seconds; an unknown lifetime lasts until the API says no.
    pub fn is_unexpired(&self, now: i64, seconds: i64) -> bool {
        self.expires_at.is_none_or(|end| end > now.saturating_add(seconds))
    }

    /// Ends the grant: its tokens cannot be used any more.
    pub(super) fn end(&mut self, now: i64) {
        self.refresh = None;
        self.expires_at = Some(self.expires_at.map_or(now, |end| end.min(now)));
    }

    /// What a refresh sends.
    pub fn refresh_request(&self, profile: &ProviderProfile) -> Option<RefreshRequest> {
        // An empty scope parameter is against the grammar.
        let scope = match profile.refresh_scope {
            RefreshScope::None => None,
            RefreshScope::Requested => {
                let held = self.requested.filter(&|scope| self.covers(scope));
                Some(profile.scopes_to_request(&held, &ScopeSet::default())).filter(|scope| !scope.is_empty())
            }
        };
        Some(RefreshRequest {
            refresh_token: self.refresh_token()?.clone(),
            scope,
            target: self.target.clone(),
        })
    }

    /// The token that ends this grant when it is revoked.
    pub fn revocable_token(&self) -> RevocableToken {
        RevocableToken::of(&self.access_token, self.refresh_token())
    }
}
