//! Refreshing an access token (RFC 6749 §6): once over all calls and tabs, and each refresh token is sent once.

mod answer;

use std::rc::Rc;

use super::Client;
use super::interactive::{InteractionMode, SignInOptions, Surface};
use super::shared::Shared;
use super::store::Audience;
use super::token_request::TokenEndpoint;
use crate::core::authorize::{AuthorizationParams, AuthorizeOptions, OutcomeStatus};
use crate::core::error::{Error, Result};
use crate::core::http::Request;
use crate::core::scope::ScopeSet;
use crate::core::secret::{AccessToken, RefreshToken};
use crate::core::session::{Event, Grant, RefreshBackoff, RefreshStep, Session, TokenRequirements};
use crate::core::target::Target;

/// How long a frame may take that stands in for a refresh, milliseconds. Others wait behind it.
const SILENT_TIMEOUT: u32 = 3_000;

/// A refresh whose request is about to leave.
struct RefreshAttempt {
    /// The session before it.
    session: Rc<Session>,
    wanted: TokenRequirements,
    refresh_token: RefreshToken,
    request: Request,
    /// A stored token that will do where there is no other.
    fallback: Option<AccessToken>,
}

/// What there is to do once it is this call's turn.
enum RefreshPlan {
    /// Another call or tab has a token already, or the stored one has to do.
    Token(AccessToken),
    /// Send the refresh token.
    Send(Box<RefreshAttempt>),
    /// Ask the server silently, in place of a refresh token whose answer was lost.
    AskSilently(Box<AuthorizationParams>),
}

impl Client {
    /// Another access token. Calls that want one of the same target at once share a refresh, which goes on whoever gives
    /// up waiting.
    pub(super) async fn refresh(&self, mut wanted: TokenRequirements) -> Result<AccessToken> {
        let is_insisted = wanted.force_refresh && wanted.rejected.is_none();
        if !is_insisted && let Some(refusal) = self.refusal(&wanted.target) {
            return self.refresh_unavailable(&wanted, refusal).await;
        }
        if wanted.rejected.is_none() {
            wanted.rejected = self.stored_access_token(&wanted.target);
        }
        let shared = self.shared_refresh(&wanted.target);
        loop {
            let (refreshed, leader) = shared.join();
            let is_own = leader.is_some();
            if let Some(leader) = leader {
                let wanted = wanted.clone();
                self.spawn(|client| async move { leader.finish(&client.refresh_in_turn(&wanted).await) });
            }
            match refreshed.get().await {
                Some(result) if is_own => return result,
                Some(Ok(_)) => {
                    let found = self.stored_token(&TokenRequirements {
                        force_refresh: false,
                        ..wanted.clone()
                    })?;
                    // It may have been no other: the server was out of reach, say. Then this call tries by itself.
                    let is_other = !wanted.force_refresh || found.as_ref() != wanted.rejected.as_ref();
                    if let Some(token) = found.filter(|_| is_other) {
                        return Ok(token);
                    }
                }
                Some(Err(error)) => return self.refresh_unavailable(&wanted, error).await,
                // The task that did the work was dropped: this call takes its place.
                None => {}
            }
        }
    }

    /// The refresh that calls for a target share.
    fn shared_refresh(&self, target: &Target) -> Rc<Shared<Result<AccessToken>>> {
        let mut refreshing = self.0.under_way.refreshes.borrow_mut();
        if let Some((_, shared)) = refreshing.iter().find(|(held, _)| held == target) {
            return shared.clone();
        }
        let shared = Rc::new(Shared::default());
        refreshing.push((target.clone(), shared.clone()));
        shared
    }

    /// One refresh over all tabs.
    async fn refresh_in_turn(&self, wanted: &TokenRequirements) -> Result<AccessToken> {
        self.check_not_closed()?;
        // Before anybody's turn: waiting for the metadata holds up nobody else, and leaves no note where it fails.
        let endpoint = match self.before_refresh(wanted).await {
            Ok(endpoint) => endpoint,
            Err(error) => return self.refresh_unavailable(wanted, error).await,
        };
        let turn = match self.take_turn("refresh").await {
            Ok(turn) => turn,
            Err(error) => return self.refresh_unavailable(wanted, error).await,
        };
        let begun = self
            .0
            .store
            .update(|is_latest| self.begin_refresh(wanted, &endpoint, is_latest));
        match begun.await? {
            RefreshPlan::Token(token) => Ok(token),
            RefreshPlan::AskSilently(params) => {
                self.replace_grant_silently(*params, &wanted.target).await?;
                self.current_token(wanted)
            }
            RefreshPlan::Send(attempt) if !self.session().is_some_and(|session| attempt.is_of(&session)) => {
                // Signed out while the note was written: nothing was sent yet, and nothing is.
                self.token_of_later_session(&attempt)
            }
            RefreshPlan::Send(attempt) => {
                if !self.0.store.is_persisted() {
                    // What others read does not say that the token was sent.
                    self.0.store.withdraw(&|stored| attempt.is_of(stored)).await;
                }
                let answer = self.request_tokens(&endpoint, &attempt.request).await;
                let finished = self
                    .0
                    .store
                    .update(|_| self.finish_refresh(&endpoint, &attempt, answer));
                let (result, unused) = finished.await;
                drop(turn);
                self.send_best_effort(unused).await;
                result
            }
        }
    }

    /// Why there is no use in sending a refresh token again.
    fn refusal(&self, target: &Target) -> Option<Error> {
        let session = self.session()?;
        session.grant(target)?.refresh()?.refusal().cloned()
    }

    pub(super) fn stored_access_token(&self, target: &Target) -> Option<AccessToken> {
        let session = self.session()?;
        Some(session.grant(target)?.access_token().clone())
    }

    /// What it takes to send a request: time since the last failure, the server's metadata, and the tokens' key.
    async fn before_refresh(&self, wanted: &TokenRequirements) -> Result<TokenEndpoint> {
        if !self.is_ready_for_token_request() {
            self.check_backoff(&*self.signed_in()?, &wanted.target)?;
        }
        let held = self.stored_access_token(&wanted.target);
        let endpoint = self.before_token_request(held.as_ref()).await;
        if let Err(error) = &endpoint
            && self.can_refresh(wanted)
            && error.is_retryable()
        {
            self.back_off(error);
        }
        endpoint
    }

    /// What a refresh comes to that could not begin.
    async fn refresh_unavailable(&self, wanted: &TokenRequirements, error: Error) -> Result<AccessToken> {
        self.0.store.load().await;
        let session = self.signed_in()?;
        let grant = wanted.grant(&session)?;
        let token = wanted.sufficient_token(grant, self.now());
        token.or_else(|| wanted.fallback_token(grant, self.now())).ok_or(error)
    }

    /// Decides in one's turn, with the latest session: another call or tab may have a newer token.
    fn begin_refresh(
        &self,
        wanted: &TokenRequirements,
        endpoint: &TokenEndpoint,
        is_latest: bool,
    ) -> Result<RefreshPlan> {
        self.check_not_closed()?;
        let session = self.signed_in()?;
        let grant = wanted.grant(&session)?;
        if let Some(token) = wanted.sufficient_token(grant, self.now()) {
            return Ok(RefreshPlan::Token(token));
        }
        let fallback = wanted.fallback_token(grant, self.now());
        let or_fallback = |error: Error| fallback.clone().map(RefreshPlan::Token).ok_or(error);
        if !is_latest && self.0.store.is_persisted() {
            // What another tab made of the refresh token may not be seen yet.
            return or_fallback(Error::Timeout(None));
        }
        let Some(refresh) = grant.refresh().filter(|_| self.may_refresh()) else {
            return or_fallback(Error::LoginRequired);
        };
        if let Err(error) = self.check_backoff(&session, &wanted.target) {
            return or_fallback(error);
        }
        match refresh.next_step(self.0.host.loaded_at().floor() as i64, self.now_ms()) {
            // Another tab's sign-in, meanwhile, bound it to another key.
            RefreshStep::Send if !endpoint.may_renew(grant.access_token()) => or_fallback(Error::LoginRequired),
            RefreshStep::Send => self.plan_to_send(&session, grant, wanted, endpoint, fallback),
            RefreshStep::Wait => or_fallback(Error::TokenResponseLost),
            // A frame in a frame may be cut off from the server's cookies.
            RefreshStep::AskSilently if self.0.host.is_framed() => or_fallback(Error::TokenResponseLost),
            RefreshStep::AskSilently => match fallback {
                Some(token) => Ok(RefreshPlan::Token(token)),
                None => self.plan_to_ask_silently(&session, &wanted.target),
            },
        }
    }

    /// From here on the refresh token counts as sent: the record says so before the request leaves, for other tabs and
    /// for this page after a reload.
    fn plan_to_send(
        &self,
        session: &Rc<Session>,
        grant: &Grant,
        wanted: &TokenRequirements,
        endpoint: &TokenEndpoint,
        fallback: Option<AccessToken>,
    ) -> Result<RefreshPlan> {
        let request = grant
            .refresh_request(&self.0.config.provider)
            .ok_or(Error::LoginRequired)?;
        self.note(
            session,
            Event::RefreshSent {
                target: &wanted.target,
                at: self.now_ms(),
            },
        );
        Ok(RefreshPlan::Send(Box::new(RefreshAttempt {
            session: session.clone(),
            wanted: wanted.clone(),
            request: request.request(&endpoint.metadata, &self.0.config.client_id),
            refresh_token: request.refresh_token,
            fallback,
        })))
    }

    fn plan_to_ask_silently(&self, session: &Session, target: &Target) -> Result<RefreshPlan> {
        self.note(
            session,
            Event::AskedSilently {
                target,
                at: self.now_ms(),
            },
        );
        let options = SignInOptions {
            authorize: AuthorizeOptions {
                target: Some(target.clone()),
                ..AuthorizeOptions::default()
            },
            ..SignInOptions::new(InteractionMode::Silent)
        };
        let params = self.upgrade_params(session, target, &ScopeSet::default(), &options)?;
        Ok(RefreshPlan::AskSilently(Box::new(params)))
    }

    /// Asks the server silently, where the user may still be signed in, for a new grant in place of one whose refresh
    /// token may have been used. A failure puts off the next try.
    async fn replace_grant_silently(&self, params: AuthorizationParams, target: &Target) -> Result<()> {
        let session = self.signed_in()?;
        let timeout = self.0.config.timeout.min(SILENT_TIMEOUT);
        let asked = self.ask_user(params, Surface::Frame(timeout), None).await;
        let error = match asked {
            Ok(outcome) if outcome.status != OutcomeStatus::Denied => return Ok(()),
            // The server said no, and the grant is the one that has run out.
            Ok(_) => Error::LoginRequired,
            Err(error) => match error.cause() {
                Error::Server(_) | Error::SubjectMismatch | Error::IdTokenInvalid(_) => error,
                _ => Error::TokenResponseLost,
            },
        };
        let backoff = self.next_backoff(&error).of_grant(&session, target);
        self.0.backoff.replace(Some(backoff));
        Err(error)
    }

    /// The token of the session that is there by now, if it is the same user's, and has not ended with its key.
    fn token_of_later_session(&self, attempt: &RefreshAttempt) -> Result<AccessToken> {
        let session = self.signed_in()?;
        if session.subject() != attempt.session.subject() {
            return Err(Error::NotSignedIn);
        }
        let grant = attempt.wanted.grant(&session)?;
        let is_usable = grant.is_usable(self.now());
        is_usable
            .then(|| grant.access_token().clone())
            .ok_or(Error::LoginRequired)
    }

    /// Where tabs cannot wait for each other, nobody may send what can be sent once.
    fn may_refresh(&self) -> bool {
        self.0.host.are_shared() || self.0.store.is_memory()
    }

    fn can_refresh(&self, wanted: &TokenRequirements) -> bool {
        let session = self.session();
        let grant = session.as_ref().and_then(|session| session.grant(&wanted.target));
        grant.is_some_and(|grant| grant.refresh_token().is_some()) && self.may_refresh()
    }

    fn check_backoff(&self, session: &Session, target: &Target) -> Result<()> {
        match &*self.0.backoff.borrow() {
            Some(backoff) => backoff.check(session, target, self.now()),
            None => Ok(()),
        }
    }

    /// Counts a failure of the server's, and puts off the next try.
    fn back_off(&self, error: &Error) {
        let backoff = self.next_backoff(error);
        self.0.backoff.replace(Some(backoff));
    }

    fn next_backoff(&self, error: &Error) -> RefreshBackoff {
        let [random, ..] = self.0.host.random().unwrap_or_default();
        RefreshBackoff::after(self.0.backoff.borrow().as_ref(), error.clone(), random, self.now())
    }

    fn note(&self, session: &Session, event: Event<'_>) {
        self.note_for(Audience::Nobody, session, event);
    }

    fn note_for(&self, audience: Audience, session: &Session, event: Event<'_>) {
        if let Ok(after) = Session::apply(Some(session), event) {
            self.0.store.save(Some(after), audience);
        }
    }
}

impl RefreshAttempt {
    /// Whether a session is the one that the refresh token was sent for. A server may have given the same one again with
    /// an upgrade, whose access token has more scopes than the refresh brings.
    fn is_of(&self, session: &Session) -> bool {
        let held = self.session.grant(&self.wanted.target).map(Grant::access_token);
        let is_same =
            |grant: &Grant| grant.refresh_token() == Some(&self.refresh_token) && Some(grant.access_token()) == held;
        session.id() == self.session.id() && session.grant(&self.wanted.target).is_some_and(is_same)
    }
}
