//! Access tokens: the stored one for as long as it lasts, then another one.

use std::rc::Rc;

use super::Client;
use crate::core::authorize::Asker;
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;
use crate::core::session::{Session, TokenRequirements};
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

    /// The same without a note. A token whose key is gone is none, and another user's is not for who waited.
    pub(super) async fn token(&self, wanted: TokenRequirements) -> Result<AccessToken> {
        let asker = self.signed_in()?.asker();
        let token = match self.stored_token(&wanted)? {
            Some(token) => token,
            None => self.refresh(wanted).await?,
        };
        self.key_of(&token).await?;
        self.check_asker(&asker)?;
        Ok(token)
    }

    /// Checks that whoever asked is still signed in, be it with another session.
    pub(super) fn check_asker(&self, asker: &Asker) -> Result<()> {
        match self.signed_in()?.is_of(asker) {
            true => Ok(()),
            false => Err(Error::NotSignedIn),
        }
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
            target: self.0.config.target.clone(),
            min_validity: DEFAULT_MIN_VALIDITY,
            ..TokenRequirements::default()
        }
    }

    /// The stored token, if it lasts and has the scopes; nothing where it takes a refresh.
    pub(super) fn stored_token(&self, wanted: &TokenRequirements) -> Result<Option<AccessToken>> {
        wanted.stored_token(&*self.signed_in()?, self.now())
    }

    /// The token of the session that is there by now.
    pub(super) fn current_token(&self, wanted: &TokenRequirements) -> Result<AccessToken> {
        let session = self.signed_in()?;
        Ok(wanted.grant(&session)?.access_token().clone())
    }

    pub(super) fn signed_in(&self) -> Result<Rc<Session>> {
        self.session().ok_or(Error::NotSignedIn)
    }
}
