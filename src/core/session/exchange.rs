//! The responses of the token endpoint, every check of them (RFC 6749 §5.1, OpenID Connect Core §3.1.3 and §12.2).

use super::{Event, Grant, Rejected, Session};
use crate::core::authorize::{PendingRequest, step_up};
use crate::core::config::Config;
use crate::core::error::{Error, Result};
use crate::core::http::Response;
use crate::core::target::Target;
use crate::core::token::{Claims, Expected, IdToken, JsonParser, TokenResponse, same_authentication};

/// What a code was exchanged for (RFC 6749 §4.1.4), and all that is needed to check it.
pub struct CodeExchange<'a> {
    /// The client.
    pub config: &'a Config,
    /// The authorization request that the code belongs to.
    pub request: &'a PendingRequest,
    /// The token endpoint's response.
    pub response: &'a Response,
    /// Seconds since the epoch.
    pub now: i64,
    /// Reads what is in an ID token.
    pub parse_json: JsonParser<'a>,
}

impl CodeExchange<'_> {
    /// The session after it. `before` is the one that an upgrade adds to; `session_id` is for one that begins: random
    /// text. On a rejection the session before stays as it was.
    pub fn session(&self, before: Option<&Session>, session_id: String) -> Result<Session, Rejected> {
        let answer = TokenResponse::parse(self.response);
        let answer = answer.map_err(|error| not_applied(self.config.provider.explain(error)))?;
        let id_token = self.id_token(&answer).map_err(not_applied)?;
        let (target, requested) = (self.request.target.clone(), self.request.requested.clone());
        let grant = Grant::new(&self.config.provider, target, requested, answer, self.now);
        let event = Event::Authorized {
            request: self.request,
            grant,
            id_token,
            session_id,
        };
        Session::apply(before, event)
    }

    /// The checked ID token of an answer. Without `openid` there may be none.
    fn id_token(&self, answer: &TokenResponse) -> Result<Option<IdToken>> {
        let request = self.request;
        let Some(raw) = &answer.id_token else {
            if answer.promises_id_token(request, &self.config.provider) {
                return Err(IdToken::malformed());
            }
            return step_up::check(request, step_up::Authentication::default(), Ok(())).map(|()| None);
        };
        let token = IdToken::decode(raw.clone(), self.parse_json)?;
        let nonce = request.nonce.as_ref().map(|nonce| nonce.secret());
        let checked = token.check(&Expected::of(self.config, nonce, request.max_age, self.now));
        step_up::check(request, token.claims.authentication(), checked)?;
        Ok(Some(token))
    }
}

/// What a refresh brought (RFC 6749 §6), and all that is needed to check it.
pub struct RefreshExchange<'a> {
    /// The client.
    pub config: &'a Config,
    /// What the grant that is refreshed is for.
    pub target: &'a Target,
    /// The token endpoint's response.
    pub response: &'a Response,
    /// Seconds since the epoch.
    pub now: i64,
    /// Reads what is in an ID token.
    pub parse_json: JsonParser<'a>,
}

impl RefreshExchange<'_> {
    /// The session after it. On a rejection the session before stays as it was.
    pub fn session(&self, before: &Session) -> Result<Session, Rejected> {
        let answer = TokenResponse::parse(self.response).map_err(|error| {
            // A server that fails says nothing of the token; the caller may try again.
            let is_retryable = self.response.status == 429 || self.response.status >= 500;
            not_applied(self.config.provider.explain(error).with_retryable(is_retryable))
        })?;
        let id_token = self.id_token(before.claims(), &answer).map_err(not_applied)?;
        let grant = before.grant(self.target).ok_or(not_applied(Error::NotSignedIn))?;
        let has_id_token = answer.id_token.is_some() || before.id_token().is_some();
        let grant = grant.refreshed(&self.config.provider, answer, has_id_token, self.now);
        Session::apply(Some(before), Event::Refreshed { grant, id_token })
    }

    /// The checked ID token of the answer, if there is one: of the same authentication as the one before.
    fn id_token(&self, before: Option<&Claims>, answer: &TokenResponse) -> Result<Option<IdToken>> {
        let Some(raw) = &answer.id_token else { return Ok(None) };
        let token = IdToken::decode(raw.clone(), self.parse_json)?;
        let nonce = token.nonce_of_refresh(before);
        token.check(&Expected::of(self.config, nonce, None, self.now))?;
        same_authentication(before, &token.claims)?;
        Ok(Some(token))
    }
}

fn not_applied(error: Error) -> Rejected {
    Rejected { error, unused: None }
}
