//! What a caller wants of an access token, and whether the one that is there will do.

use super::{Grant, Session};
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;
use crate::core::target::Target;

/// What a caller wants of a token.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TokenRequirements {
    /// Scopes that it must have.
    pub(crate) scopes: ScopeSet,
    /// What it is for.
    pub(crate) target: Target,
    /// Seconds that it must last.
    pub(crate) min_validity: i64,
    /// Whether it must be another one than that which is stored.
    pub(crate) force_refresh: bool,
    /// The token that an API did not take.
    pub(crate) rejected: Option<AccessToken>,
}

impl TokenRequirements {
    /// The grant with all wanted scopes; without it the failure is `missing_scope`.
    pub(crate) fn grant<'a>(&self, session: &'a Session) -> Result<&'a Grant> {
        let grant = session.grant(&self.target);
        let missing = match grant {
            Some(grant) => grant.missing(&self.scopes),
            // What there is to ask for where nothing is named.
            None if self.scopes.is_empty() => session.openid(),
            None => self.scopes.clone(),
        };
        grant
            .filter(|_| missing.is_empty())
            .ok_or_else(|| Error::missing_scope(missing.to_strings()))
    }

    /// The stored token, before anybody's turn to refresh it; nothing where it takes a refresh, and `login_required` where
    /// none is possible.
    pub(crate) fn stored_token(&self, session: &Session, now: i64) -> Result<Option<AccessToken>> {
        let grant = self.grant(session)?;
        let token = || Some(grant.access_token().clone());
        if !self.force_refresh && grant.is_fresh(now, self.min_validity) {
            Ok(token())
        } else if grant.refresh_token().is_some() {
            Ok(None)
        } else if grant.is_unexpired(now, self.min_validity) {
            Ok(token())
        } else {
            Err(Error::LoginRequired)
        }
    }

    /// The token of a grant in one's turn, if it is what the caller wants: another call or tab may have refreshed it.
    pub(crate) fn sufficient_token(&self, grant: &Grant, now: i64) -> Option<AccessToken> {
        let is_sufficient = !self.rejects(grant) && grant.is_fresh(now, self.min_validity);
        is_sufficient.then(|| grant.access_token().clone())
    }

    /// A token that does not last as long as the caller wants, which is better than none.
    pub(crate) fn fallback_token(&self, grant: &Grant, now: i64) -> Option<AccessToken> {
        let is_usable = !self.rejects(grant) && grant.is_unexpired(now, 0);
        is_usable.then(|| grant.access_token().clone())
    }

    /// Whether the token that is there will not do, however long it lasts: the caller wants another one than that.
    fn rejects(&self, grant: &Grant) -> bool {
        self.force_refresh && self.rejected.as_ref() == Some(grant.access_token())
    }
}
