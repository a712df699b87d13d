//! Access tokens: the stored one for as long as it lasts, then another one.

use std::rc::Rc;

use super::Client;
use super::dpop::ProofKey;
use super::signature::TokenEndpoint;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Response};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;
use crate::core::server::revocation;
use crate::core::session::{Grant, Session, TokenEndpointAnswer, TokenRequirements};
use crate::core::target::Target;

/// Seconds that a token lasts at least, where the caller does not say.
pub const DEFAULT_MIN_VALIDITY: i64 = 30;

/// Options of `get_access_token`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TokenOptions {
    /// Scopes that the token must have.
    pub scope: Option<ScopeSet>,
    /// Another audience or resource than the client's.
    pub target: Option<Target>,
    /// Seconds that the token must last; half its lifetime at the most. Default: 30.
    pub min_validity: Option<i64>,
    /// Refresh even if the stored token is still valid.
    pub force_refresh: bool,
}

impl TokenOptions {
    /// Names scopes that the token must have.
    #[must_use]
    pub fn with_scope(mut self, scope: ScopeSet) -> TokenOptions {
        self.scope = Some(scope);
        self
    }

    /// Asks for the token of another audience or resource.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> TokenOptions {
        self.target = Some(target);
        self
    }

    /// Sets how many seconds the token must last.
    #[must_use]
    pub fn with_min_validity(mut self, seconds: i64) -> TokenOptions {
        self.min_validity = Some(seconds);
        self
    }

    /// Refreshes even if the stored token is still valid.
    #[must_use]
    pub fn with_force_refresh(mut self) -> TokenOptions {
        self.force_refresh = true;
        self
    }
}

impl Client {
    /// A valid access token for the target, refreshed if need be: once, however many callers and tabs ask.
    pub async fn get_access_token(&self, options: TokenOptions) -> Result<AccessToken> {
        self.check_open()?;
        let wanted = self.requirements(options)?;
        self.note_used(&wanted.scopes, &wanted.target);
        self.token(wanted).await
    }

    /// The same without a note. A token whose key is gone is none.
    pub(super) async fn token(&self, wanted: TokenRequirements) -> Result<AccessToken> {
        let token = match self.stored_token(&wanted)? {
            Some(token) => token,
            None => self.refresh(wanted).await?,
        };
        self.key_of(&token).await?;
        Ok(token)
    }

    fn requirements(&self, options: TokenOptions) -> Result<TokenRequirements> {
        let min_validity = options.min_validity.unwrap_or(DEFAULT_MIN_VALIDITY);
        if !(0..=i64::from(i32::MAX)).contains(&min_validity) {
            return Err(Error::invalid_options(
                "\"minValidity\" must be 0 to 2,147,483,647 seconds",
            ));
        }
        Ok(TokenRequirements {
            scopes: options.scope.unwrap_or_default(),
            target: options.target.unwrap_or_else(|| self.0.config.target.clone()),
            min_validity,
            force_refresh: options.force_refresh,
            rejected: None,
        })
    }

    pub(super) fn default_requirements(&self) -> TokenRequirements {
        TokenRequirements {
            scopes: ScopeSet::default(),
            target: self.0.config.target.clone(),
            min_validity: DEFAULT_MIN_VALIDITY,
            force_refresh: false,
            rejected: None,
        }
    }

    /// The stored token, if it lasts and has the scopes; nothing where it takes a refresh.
    pub(super) fn stored_token(&self, wanted: &TokenRequirements) -> Result<Option<AccessToken>> {
        let session = self.signed_in()?;
        let grant = grant_for(&session, wanted)?;
        if !wanted.force_refresh && grant.is_fresh(self.now(), wanted.min_validity) {
            return Ok(Some(grant.access_token().clone()));
        }
        if grant.refresh_token().is_some() {
            return Ok(None);
        }
        let token = grant
            .is_unexpired(self.now(), wanted.min_validity)
            .then(|| grant.access_token().clone());
        token.map(Some).ok_or(Error::LoginRequired)
    }

    /// The token of the session that is there by now.
    pub(super) fn current_token(&self, wanted: &TokenRequirements) -> Result<AccessToken> {
        let session = self.signed_in()?;
        Ok(grant_for(&session, wanted)?.access_token().clone())
    }

    /// Looks at what the token endpoint answered.
    pub(super) fn read_answer<T>(
        &self,
        endpoint: &TokenEndpoint,
        response: &Response,
        read: impl FnOnce(&TokenEndpointAnswer<'_>) -> T,
    ) -> T {
        read(&TokenEndpointAnswer {
            config: &self.0.config,
            metadata: &endpoint.metadata,
            response,
            key: endpoint.key.as_ref().map(ProofKey::public),
            now: self.now(),
            parse_json: &|text| self.0.host.parse(text),
        })
    }

    /// The request that revokes what an answer brings that comes too late for the session that it was for. `subject` is
    /// the user who asked.
    pub(super) fn revocation_of_late(
        &self,
        endpoint: &TokenEndpoint,
        subject: Option<&str>,
        response: &Response,
    ) -> Option<Request> {
        let current = self.session();
        let token = self.read_answer(endpoint, response, |answer| {
            answer.unused_token(current.as_deref(), subject)
        })?;
        revocation::request(&endpoint.metadata, &self.0.config.client_id, &token)
    }

    pub(super) fn signed_in(&self) -> Result<Rc<Session>> {
        self.session().ok_or(Error::NotSignedIn)
    }
}

/// The grant with all wanted scopes.
pub(super) fn grant_for<'a>(session: &'a Session, wanted: &TokenRequirements) -> Result<&'a Grant> {
    let grant = session.grant(&wanted.target);
    let missing = match grant {
        Some(grant) => grant.missing(&wanted.scopes),
        // What there is to ask for where nothing is named.
        None if wanted.scopes.is_empty() => session.openid(),
        None => wanted.scopes.clone(),
    };
    grant
        .filter(|_| missing.is_empty())
        .ok_or_else(|| Error::missing_scope(missing.to_strings()))
}
