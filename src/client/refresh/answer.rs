//! What the answer to a refresh makes of the session.

use super::RefreshAttempt;
use crate::client::Client;
use crate::client::store::Audience;
use crate::client::token_request::{TokenAnswer, TokenEndpoint};
use crate::core::error::{Result, ServerErrorCode};
use crate::core::http::{Request, Response, TransportError};
use crate::core::secret::AccessToken;
use crate::core::session::{Event, RefreshTokenUse, Session};

impl Client {
    /// Takes the answer to a refresh. Also returns the request that revokes a token which nobody will use.
    pub(super) fn finish_refresh(
        &self,
        endpoint: &TokenEndpoint,
        attempt: &RefreshAttempt,
        answer: TokenAnswer,
    ) -> (Result<AccessToken>, Option<Request>) {
        let Some(current) = self.session().filter(|session| attempt.is_of(session)) else {
            // Signed out, another user, or another grant meanwhile: the answer's tokens are for no session here.
            let subject = attempt.session.subject();
            let unused = answer.sent.ok();
            let unused = unused.and_then(|response| self.revocation_of_late(endpoint, subject, &response));
            return (self.token_of_later_session(attempt), unused);
        };
        let token_use = match &answer.sent {
            Ok(response) => RefreshTokenUse::of(response),
            Err(TransportError::NotSent) => RefreshTokenUse::Unused,
            Err(_) => RefreshTokenUse::Unknown,
        };
        let answered = answer
            .checked()
            .and_then(|response| self.accept_refresh(endpoint, &current, attempt, &response));
        let Err(error) = answered else {
            self.0.backoff.take();
            return (self.token_of_later_session(attempt), None);
        };
        if error
            .server_error()
            .is_some_and(|error| error.code == ServerErrorCode::InvalidGrant)
        {
            let audience = if self.0.store.kind.has_session_for_each_tab() {
                Audience::ThisTab
            } else {
                Audience::AllTabs
            };
            self.0.store.save(None, audience);
            return (Err(error), None);
        }
        let target = &attempt.wanted.target;
        match token_use {
            // The record goes on saying that it was sent.
            RefreshTokenUse::Unknown => {}
            RefreshTokenUse::Unused => self.note(&current, Event::RefreshCancelled { target }),
            RefreshTokenUse::Refused => {
                let error = &error;
                self.note_for(Audience::ThisTab, &current, Event::RefreshRefused { target, error });
            }
        }
        if error.is_retryable() {
            self.back_off(&error);
        }
        (attempt.fallback.clone().ok_or(error), None)
    }

    /// The session after a refresh: everything is checked, then stored in one piece.
    fn accept_refresh(
        &self,
        endpoint: &TokenEndpoint,
        current: &Session,
        attempt: &RefreshAttempt,
        response: &Response,
    ) -> Result<()> {
        let after = self.read_answer(endpoint, response, |answer| {
            answer.session_after_refresh(&attempt.wanted.target, current)
        });
        let after = after.map_err(|rejected| rejected.error)?;
        self.note_loss(current, &after, &attempt.wanted.target);
        self.0.store.save(Some(after), Audience::AllTabs);
        Ok(())
    }
}
