//! The answers of the token endpoint, every check of them (RFC 6749 §5.1, OpenID Connect Core §3.1.3 and §12.2).

use super::{Event, Grant, RefreshTokenUse, Rejected, Session};
use crate::core::authorize::{PendingRequest, step_up};
use crate::core::config::Config;
use crate::core::demands::Authentication;
use crate::core::dpop::PublicKey;
use crate::core::error::{Error, Result};
use crate::core::http::Response;
use crate::core::jwt::JsonParser;
use crate::core::secret::{AuthorizationCode, Nonce};
use crate::core::server::ServerMetadata;
use crate::core::server::revocation::RevocableToken;
use crate::core::target::Target;
use crate::core::token::{Expected, IdToken, TokenResponse};

/// What the token endpoint answered, and all that is needed to check it.
pub struct TokenEndpointAnswer<'a> {
    /// The client.
    pub config: &'a Config,
    /// The server.
    pub metadata: &'a ServerMetadata,
    /// The response.
    pub response: &'a Response,
    /// The key that the request had a proof of (RFC 9449 §5).
    pub key: Option<&'a PublicKey>,
    /// Seconds since the epoch.
    pub now: i64,
    /// Reads what is in an ID token.
    pub parse_json: JsonParser<'a>,
}

impl TokenEndpointAnswer<'_> {
    /// The session after a code was traded for tokens (RFC 6749 §4.1.4). `before` is the one that an upgrade adds to;
    /// `session_id` is for one that begins: random text. On a rejection the session before stays as it was.
    pub fn session_after_code(
        &self,
        request: &PendingRequest,
        code: &AuthorizationCode,
        before: Option<&Session>,
        session_id: String,
    ) -> Result<Session, Rejected> {
        let answer = TokenResponse::parse_bound(self.response, self.key);
        let answer = answer.map_err(|error| self.config.provider.explain(error))?;
        let id_token = self.id_token_of_code(request, code, &answer)?;
        let (target, requested) = (request.target.clone(), request.requested.clone());
        let grant = Grant::new(&self.config.provider, target, requested, answer, self.now);
        let event = Event::Authorized {
            request,
            grant,
            id_token,
            session_id,
        };
        Session::apply(before, event)
    }

    /// The session after a refresh (RFC 6749 §6) of the grant for a target. On a rejection the session before stays as it
    /// was.
    pub fn session_after_refresh(&self, target: &Target, before: &Session) -> Result<Session, Rejected> {
        let answer = TokenResponse::parse_bound(self.response, self.key).map_err(|error| {
            let is_retryable = RefreshTokenUse::of(self.response) == RefreshTokenUse::Unused;
            self.config.provider.explain(error).with_retryable(is_retryable)
        })?;
        let grant = before.grant(target).ok_or(Error::NotSignedIn)?;
        let id_token = self.id_token_of_refresh(grant, &answer)?;
        let has_id_token = answer.id_token.is_some() || before.id_token().is_some();
        let grant = grant.refreshed(&self.config.provider, answer, has_id_token, self.now);
        Session::apply(Some(before), Event::Refreshed { grant, id_token })
    }

    /// The token to revoke of an answer that comes too late: after a sign-out, or where another user is signed in by now.
    /// While a session of the same user lives there is none, since servers end the whole grant with one of its tokens.
    /// `subject` is the user who asked, where the answer has no ID token.
    pub fn unused_token(&self, current: Option<&Session>, subject: Option<&str>) -> Option<RevocableToken> {
        let answer = TokenResponse::parse(self.response).ok()?;
        let id_token = answer.id_token.clone();
        let id_token = id_token.and_then(|raw| IdToken::decode(raw, self.parse_json).ok());
        let named = id_token.as_ref().and_then(|token| token.claims.subject().ok());
        let is_other_user = |session: &Session| {
            let users = named.or(subject).zip(session.subject());
            users.is_some_and(|(late, current)| late != current)
        };
        current
            .is_none_or(is_other_user)
            .then(|| RevocableToken::of(&answer.access_token, answer.refresh_token.as_ref()))
    }

    /// The checked ID token of an answer to a code. Without `openid` there may be none.
    fn id_token_of_code(
        &self,
        request: &PendingRequest,
        code: &AuthorizationCode,
        answer: &TokenResponse,
    ) -> Result<Option<IdToken>> {
        let Some(raw) = &answer.id_token else {
            if answer.promises_id_token(request, &self.config.provider) {
                return Err(IdToken::malformed());
            }
            return step_up::check(request, Authentication::default(), Ok(())).map(|()| None);
        };
        let token = IdToken::decode(raw.clone(), self.parse_json)?;
        let nonce = request.nonce.as_ref().map(|nonce| nonce.secret());
        let audiences = self.config.known_audiences(&request.target);
        let checked = token.check(&Expected {
            code: Some(code),
            max_age: request.max_age_of_answer(self.now),
            ..self.expected(answer, &audiences, nonce)
        });
        step_up::check(request, token.claims.authentication(), checked)?;
        Ok(Some(token))
    }

    /// The checked ID token of an answer to a refresh, if there is one: of the authentication that the grant began with, or
    /// of a later one (OpenID Connect Core §12.2).
    fn id_token_of_refresh(&self, before: &Grant, answer: &TokenResponse) -> Result<Option<IdToken>> {
        let Some(raw) = &answer.id_token else { return Ok(None) };
        let token = IdToken::decode(raw.clone(), self.parse_json)?;
        // It need not have a nonce.
        let first = before.nonce.as_ref().map(Nonce::secret);
        let nonce = token.claims.nonce().map(|own| first.unwrap_or(own));
        let audiences = self.config.known_audiences(before.target());
        token.check(&self.expected(answer, &audiences, nonce))?;
        token.claims.check_not_before(before.auth_time)?;
        Ok(Some(token))
    }

    /// What an ID token must say that came with an access token.
    fn expected<'b>(
        &'b self,
        answer: &'b TokenResponse,
        audiences: &'b [&'b str],
        nonce: Option<&'b str>,
    ) -> Expected<'b> {
        Expected {
            audiences,
            algorithms: self.metadata.id_token_algorithms.as_deref(),
            access_token: Some(&answer.access_token),
            ..Expected::of(self.config, nonce, None, self.now)
        }
    }
}
