//! The authorization response: found and cleaned away at once, then handled, once.

mod find;

use super::Client;
use super::store::Audience;
use super::token_request::{TokenAnswer, TokenEndpoint};
use crate::core::authorize::pkce;
use crate::core::authorize::{Outcome, PendingRequest, RequestAnswer, RequestKind, Transaction, TransactionResult};
use crate::core::error::{Endpoint, Error, Result, ServerErrorCode};
use crate::core::http::{Request, Response, TransportError};
use crate::core::scope::ScopeSet;
use crate::core::secret::{AuthorizationCode, State};
use crate::core::server::revocation;
use crate::core::session::{Event, Rejected, Session};
use crate::core::token::code_request;
use crate::host::Pending;

use find::Answer;
pub(super) use find::{FoundCallback, Waiting};

/// What the key ends in under which the page's memory has the URL whose response is being handled: it is gone from the
/// address bar by then.
const UNDER_WAY: &str = "callback";

/// A code that is this call's to trade for tokens.
struct Exchange {
    state: State,
    request: PendingRequest,
    code: AuthorizationCode,
}

impl Client {
    /// Handles the authorization response in a URL, by default the page's. Resolves to nothing where there is none, and
    /// where the page's URL has the answer to another client of this origin, which stays there for that one. Once this
    /// returns, the parameters of any other response are gone from the address bar. Until it has resolved, further calls
    /// for the page's URL, of like clients on the page too, are about that response, and get the same outcome. This
    /// client's get the same error, too. Where it failed for now ([`Error::is_retryable`]) and the code was not used, the
    /// next call for the page's URL tries again.
    pub fn handle_callback(&self, url: Option<&str>) -> Pending<'static, Result<Option<Outcome>>> {
        let (memory, key) = (self.0.host.memory(), self.0.store.name(UNDER_WAY));
        let page = self.0.host.url();
        let find = |url: Option<&str>| self.find_callback(url, Waiting::PerhapsElsewhere);
        let mut found = self.check_open().and_then(|()| find(url));
        let mut known = None;
        if url.is_none() && matches!(found, Ok(None)) {
            if let Some(same) = self.0.under_way.callback.wait() {
                return Box::pin(async { same.get().await.unwrap_or(Err(Error::Aborted)) });
            }
            // A like client of the page's may be about it, or an earlier call failed for now.
            known = memory.get(&key);
            found = known.as_ref().map_or(Ok(None), |url| find(Some(url)));
        }
        let is_taken = self.0.host.url() != page;
        let leader = is_taken.then(|| self.0.under_way.callback.join().1).flatten();
        if is_taken {
            memory.set(&key, Some(&page));
        }
        let client = self.clone();
        Box::pin(async move {
            let state = found.iter().flatten().map(|found| found.state().clone()).next();
            let result = client.handle_found(found).await;
            let is_for_now = result.as_ref().is_err_and(Error::is_retryable);
            let can_be_tried_again = is_for_now && state.is_some_and(|state| client.is_under_way(&state));
            if (is_taken || known.is_some()) && !can_be_tried_again {
                memory.set(&key, None);
            }
            if let Some(leader) = leader {
                leader.finish(&result);
            }
            result
        })
    }

    async fn handle_found(&self, found: Result<Option<FoundCallback>>) -> Result<Option<Outcome>> {
        let found = match found {
            Ok(found) => found,
            Err(error) => return Err(self.with_listed_scopes(error).await),
        };
        let found = match found {
            Some(FoundCallback::Elsewhere {
                state,
                url,
                is_of_another_client,
            }) => {
                // A response that another page waits for is that page's: this never resolves then.
                self.0.host.hand_over(&url, state.secret()).await;
                if is_of_another_client {
                    return Ok(None);
                }
                self.find_callback(Some(&url), Waiting::Here)?
            }
            found => found,
        };
        let Some(found) = found else {
            return Ok(None);
        };
        let found = self.verified(found).await?;
        self.complete_callback(&found).await.map(Some)
    }

    /// Handles a verified response: one exchange however often it is handled, over all calls and tabs, and the same outcome
    /// for all.
    pub(super) async fn complete_callback(&self, found: &FoundCallback) -> Result<Outcome> {
        let _turn = self.take_turn(found.state().secret()).await?;
        self.0.transactions.load(found.state()).await;
        let Some(exchange) = self.begin_exchange(found) else {
            return self.0.store.update(|_| self.outcome_without_exchange(found)).await;
        };
        let result = self.exchange_code(&exchange).await;
        result.map_err(|error| exchange.request.failed(error))
    }

    /// The exchange that a response begins: what was never answered, and has a code. It needs no session for that, and
    /// so no lock of it.
    fn begin_exchange(&self, found: &FoundCallback) -> Option<Exchange> {
        let FoundCallback::Here {
            state,
            answer: Answer::Code(code),
        } = found
        else {
            return None;
        };
        match self.0.transactions.get(state)? {
            Transaction::Pending(request) => Some(Exchange {
                state: state.clone(),
                request: *request,
                code: code.clone(),
            }),
            _ => None,
        }
    }

    /// What any other response comes to, with the session that is stored.
    fn outcome_without_exchange(&self, found: &FoundCallback) -> Result<Outcome> {
        let state = found.state();
        match self.0.transactions.get(state).ok_or(Error::TransactionMissing)? {
            Transaction::Exchanging { .. } => Err(TransportError::Lost.of_one_time()),
            // What it came to when it was handled before, for as long as the session lives.
            Transaction::Done { result, .. } => {
                let session = self.session();
                result
                    .filter(|result| session.is_some_and(|session| session.id() == result.session_id))
                    .map(|result| result.outcome)
                    .ok_or(Error::CallbackConsumed)
            }
            // Another tab did not get to send its code.
            Transaction::Pending(request) if !found.is_denial() => {
                Err(request.failed(Error::Network(Some(Endpoint::Token))))
            }
            Transaction::Pending(request) => {
                let session = self.session();
                match request.check_denial(session.as_deref(), self.0.store.note(), self.may_lose_session()) {
                    Ok(()) => Ok(self.record_denial(state, &request)),
                    Err(error) => {
                        self.finish_transaction(state, &request, Err(&error));
                        Err(request.failed(error))
                    }
                }
            }
        }
    }

    /// The user said no to an upgrade: an outcome, and the session stays as it was.
    fn record_denial(&self, state: &State, request: &PendingRequest) -> Outcome {
        let session = self.session();
        let target = &request.target;
        let granted = session
            .as_ref()
            .map(|session| session.granted(target))
            .unwrap_or_default();
        let details = session
            .as_ref()
            .and_then(|session| session.authorization_details(target));
        let outcome = request.outcome_of_denial(&granted).with_authorization_details(details);
        let answer = self.answer_to(request, Err(ServerErrorCode::AccessDenied.as_str()));
        self.save_result(state, request, answer, Some(&outcome));
        self.note_answer(request, session.as_deref(), &outcome);
        if let Some(session) = session.filter(|_| !request.is_recall()) {
            let scopes = &outcome.missing;
            let after = Session::apply(Some(&session), Event::Denied { target, scopes });
            match after {
                Ok(after) if after != *session => self.0.store.save(Some(after), Audience::AllTabs),
                _ => {}
            }
        }
        outcome
    }

    /// Trades a code for tokens (RFC 6749 §4.1.3), and revokes those that nobody will use.
    async fn exchange_code(&self, exchange: &Exchange) -> Result<Outcome> {
        let Exchange { state, request, code } = exchange;
        let endpoint = self.before_token_request(None).await?;
        // The user signed out meanwhile, which ended the request.
        if !self.is_under_way(state) {
            return Err(Error::TransactionMissing);
        }
        // From here on the code counts as used.
        let exchanging = Transaction::Exchanging {
            created_at: request.created_at,
            last_sign_out: request.last_sign_out,
        };
        self.0.transactions.save_answered(state, request, &exchanging);
        let token_request = code_request(&endpoint.metadata, &self.0.config.client_id, request, code);
        let answer = self.request_tokens(&endpoint, &token_request).await;
        let completed = self
            .0
            .store
            .update(|_| self.complete_exchange(&endpoint, exchange, answer));
        let (result, unused) = completed.await;
        self.send_best_effort(unused).await;
        result
    }

    /// Everything is checked first; then the session is read again, changed and written in one piece.
    fn complete_exchange(
        &self,
        endpoint: &TokenEndpoint,
        exchange: &Exchange,
        answer: TokenAnswer,
    ) -> (Result<Outcome>, Option<Request>) {
        let Exchange { state, request, .. } = exchange;
        let is_under_way = matches!(self.0.transactions.get(state), Some(Transaction::Exchanging { .. }));
        if !is_under_way || self.is_of_former_session(request) {
            // The user signed out meanwhile, or another one signed in: the answer's tokens are for no session here.
            if is_under_way {
                self.finish_transaction(state, request, Err(&Error::TransactionMissing));
            }
            let subject = request.subject.as_deref();
            let unused = answer.sent.ok();
            let unused = unused.and_then(|response| self.revocation_of_late(endpoint, subject, &response));
            return (Err(Error::TransactionMissing), unused);
        }
        match self.accept(endpoint, exchange, answer.checked()) {
            Ok(after) => (Ok(self.store_granted(exchange, after)), None),
            Err(Rejected { error, unused }) => {
                let error = self.with_scopes(error, &request.requested);
                if matches!(error, Error::Network(Some(Endpoint::Token))) {
                    // Nothing was sent: the same response may be handled again.
                    let pending = Transaction::Pending(Box::new(request.clone()));
                    self.0.transactions.save_answered(state, request, &pending);
                } else {
                    self.finish_transaction(state, request, Err(&error));
                }
                let client_id = &self.0.config.client_id;
                let unused = unused.and_then(|token| revocation::request(&endpoint.metadata, client_id, &token));
                (Err(error), unused)
            }
        }
    }

    /// Stores the session that a code brought, and what its request came to.
    fn store_granted(&self, Exchange { state, request, .. }: &Exchange, after: Session) -> Outcome {
        let before = self.session();
        let target = &request.target;
        let is_new = before.as_ref().is_none_or(|before| before.id() != after.id());
        let outcome = match before.filter(|_| request.kind == RequestKind::Upgrade) {
            Some(before) => request.outcome_with_loss(&after.granted(target), &after.loss(&before, target)),
            None => request.outcome(&after.granted(target)),
        };
        let outcome = outcome.with_authorization_details(after.authorization_details(target));
        self.note_answer(request, Some(&after), &outcome);
        self.0.store.save(Some(after), Audience::AllTabs);
        if is_new {
            self.recall_later();
        }
        // The server answers: an earlier failure of a refresh does not put off the next one.
        self.0.backoff.take();
        self.finish_transaction(state, request, Ok(&outcome));
        outcome
    }

    /// Whether the session that asked is over.
    fn is_of_former_session(&self, request: &PendingRequest) -> bool {
        let session = self.session();
        request.is_of_former_session(session.as_deref(), self.0.store.note(), self.may_lose_session())
    }

    /// A page whose storage does not outlive it lost the session on the way of a redirect, and goes on with what the answer
    /// brings.
    fn may_lose_session(&self) -> bool {
        !self.0.store.kind.outlives_pages() || self.0.store.is_memory()
    }

    /// The session after a token response, every check of it passed.
    fn accept(
        &self,
        endpoint: &TokenEndpoint,
        exchange: &Exchange,
        response: Result<Response>,
    ) -> Result<Session, Rejected> {
        let response = response?;
        let random = self.0.host.random()?;
        let before = self.session();
        let after = self.read_answer(endpoint, &response, |answer| {
            let id = pkce::random_text(&random);
            answer.session_after_code(&exchange.request, &exchange.code, before.as_deref(), id)
        })?;
        let lost = before.map(|before| after.loss(&before, &exchange.request.target));
        // What nobody asked for takes nothing away.
        if exchange.request.is_recall() && lost.is_some_and(|lost| !lost.is_empty()) {
            return Err(Error::TransactionMissing.into());
        }
        Ok(after)
    }

    /// Leaves a record of what a response came to, and no code.
    pub(super) fn finish_transaction(&self, state: &State, request: &PendingRequest, result: Result<&Outcome, &Error>) {
        let granted = result.map(|outcome| &outcome.granted).map_err(Error::code);
        let answer = self.answer_to(request, granted);
        self.save_result(state, request, answer, result.ok());
    }

    /// What there is to know of an answer; nothing of one that was for a former session.
    fn answer_to(&self, request: &PendingRequest, granted: Result<&ScopeSet, &str>) -> Option<RequestAnswer> {
        let session = self.session();
        let session_id = session.as_ref().map(|session| session.id());
        let answer = || request.answered(granted, session_id, self.now_ms());
        (!self.is_of_former_session(request)).then(answer)
    }

    fn save_result(
        &self,
        state: &State,
        request: &PendingRequest,
        answer: Option<RequestAnswer>,
        outcome: Option<&Outcome>,
    ) {
        let result = outcome.zip(self.session()).map(|(outcome, session)| TransactionResult {
            outcome: outcome.clone(),
            session_id: session.id().to_owned(),
        });
        let done = Transaction::Done {
            created_at: request.created_at,
            answer: answer.map(Box::new),
            result,
        };
        self.0.transactions.save_answered(state, request, &done);
    }
}
