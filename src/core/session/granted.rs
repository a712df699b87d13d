//! Which scopes a token response grants (RFC 6749 §3.3, §5.1).

use crate::core::provider::{OFTEN_OMITTED, ProviderProfile};
use crate::core::scope::ScopeSet;
use crate::core::token::TokenResponse;

/// Scopes that mean something to OpenID Connect only (OpenID Connect Core §5.4): without `openid`, they are what the answer
/// says.
const SCOPES_OF_OPENID: [&str; 4] = ["profile", "email", "address", "phone"];

/// What an answer shows besides its `scope`.
struct Evidence<'a> {
    openid: ScopeSet,
    offline_access: ScopeSet,
    response: &'a TokenResponse,
    has_id_token: bool,
}

impl Evidence<'_> {
    /// Whether a scope was granted, where something other than `scope` tells: `openid` is there with an ID token and
    /// `offline_access` with a refresh token, and not without.
    fn of(&self, scope: &str) -> Option<bool> {
        if self.openid.contains(scope) {
            Some(self.has_id_token)
        } else if self.offline_access.contains(scope) {
            Some(self.response.refresh_token.is_some())
        } else {
            None
        }
    }
}

/// What a token response grants.
pub(super) struct Granted {
    /// All of it, the assumed scopes included.
    pub(super) scopes: ScopeSet,
    /// Those that the answer could not show.
    pub(super) assumed: ScopeSet,
}

impl ProviderProfile {
    /// What of a request is granted. What the answer returns, or what that carries or is another spelling of, is granted;
    /// what has no scope member is as requested (RFC 6749 §5.1). An omitted scope is assumed: one that the profile says is
    /// never listed, or else one that often is not, unless the answer lists another of its kind (then the server does
    /// list them, and absence is a no) or none at all. Evidence has the last word; `has_id_token` says whether an ID token
    /// came, now or before a refresh.
    pub(super) fn resolve_granted(
        &self,
        requested: &ScopeSet,
        response: &TokenResponse,
        has_id_token: bool,
    ) -> Granted {
        let evidence = Evidence {
            openid: self.spellings("openid"),
            offline_access: self.spellings("offline_access"),
            response,
            has_id_token,
        };
        let returned = self.returned(response.scope.as_deref().unwrap_or_default());
        let closure = self.closure(&returned);
        let shown = closure.union(&self.respelled(&closure, requested));
        let is_often_omitted = |scope: &str| OFTEN_OMITTED.contains(&scope);
        let lists_its_kind = returned.is_empty()
            || shown
                .iter()
                .any(|scope| is_often_omitted(scope) && scope != "offline_access");
        let omitted = requested.minus(&shown);
        let assumed = omitted.filter(&|scope| {
            let is_unlisted = self.is_unlisted(scope);
            let is_invisible = is_unlisted.unwrap_or(is_often_omitted(scope) && !lists_its_kind)
                && (has_id_token || !SCOPES_OF_OPENID.contains(&scope));
            evidence.of(scope).unwrap_or(response.scope.is_none() || is_invisible)
        });
        let is_not_refuted = |scope: &str| evidence.of(scope) != Some(false);
        // The order of the request, then what the server added.
        let denied = omitted.minus(&assumed);
        let granted = requested
            .minus(&denied)
            .filter(&|scope| is_not_refuted(scope) || assumed.contains(scope));
        Granted {
            scopes: granted.union(&returned.filter(&is_not_refuted)),
            assumed,
        }
    }
}
