//! The authorization response: recognised and cleaned away at once, then handled, once.

use super::Client;
use super::task::settled;
use crate::browser::lock::{self, Held};
use crate::browser::{clock, crypto, json, navigation};
use crate::core::callback::{self, Answer, Response};
use crate::core::error::{Code, Error, Result};
use crate::core::grant::Grant;
use crate::core::http::Failure;
use crate::core::id_token::{self, Expected, IdToken};
use crate::core::outcome::Outcome;
use crate::core::pkce;
use crate::core::secret::Secret;
use crate::core::session::{self, Event, Refusal};
use crate::core::step_up;
use crate::core::text::Text;
use crate::core::token::{self, TokenResponse};
use crate::core::transaction::{self, Kind, Mode, Status, Transaction};
use crate::core::url;

/// A response that belongs to a request of this client.
pub struct Landed {
    state: Secret,
    code: Option<Secret>,
}

impl Client {
    /// Recognises a response in a URL (the page's by default), checks it, and takes it out of the address bar.
    /// All before anything is awaited, so that nothing else on the page gets to see it.
    pub fn land(&self, given: Option<&str>) -> Result<Option<Landed>> {
        let page = navigation::href();
        let url = match given {
            Some(text) => navigation::resolve(text)
                .ok_or_else(|| Error::new(Code::ResponseMalformed, "handleCallback was given no URL."))?,
            None => page.clone(),
        };
        if !callback::lands_on(&url, &self.callback) {
            return Ok(None);
        }
        let landed = self.recognise(&url).transpose();
        if landed.is_some() && url == page {
            navigation::replace(&callback::cleaned(&url));
        }
        landed.transpose()
    }

    fn recognise(&self, url: &str) -> Result<Option<Landed>> {
        let (query, fragment) = url::parts(url);
        let parts = [(query, Mode::Query), (fragment, Mode::Fragment)];
        let mut found = parts
            .into_iter()
            .filter(|(part, _)| callback::is_response(part))
            .map(|(part, mode)| callback::read(part, mode));
        let Some(first) = found.next() else { return Ok(None) };
        // Only the part that was asked for is read, whatever stands in the other.
        let expected = |response: &Response| match self.transaction(response.state.secret()) {
            Some(transaction) => transaction.status() != Status::Pending || transaction.mode() == response.mode,
            None => false,
        };
        let response = match first {
            Ok(response) if expected(&response) => response,
            first => found
                .find_map(|second| second.ok().filter(|second| expected(second)))
                .map_or(first, Ok)?,
        };
        self.check(response).map(Some)
    }

    fn check(&self, response: Response) -> Result<Landed> {
        let transaction = self
            .transaction(response.state.secret())
            .ok_or_else(transaction::missing)?;
        if transaction.is_expired(clock::now()) {
            self.drop_transaction(response.state.secret());
            return Err(transaction::expired());
        }
        if transaction.status() != Status::Pending {
            return Ok(Landed {
                state: response.state,
                code: None,
            });
        }
        let app_state = transaction.app_state();
        let code = match response.check(&transaction, &self.options.issuer) {
            Ok(Answer::Code(code)) => Some(code.clone()),
            Ok(Answer::Refused(error)) if transaction.kind() == Kind::Upgrade && error.code() == Code::AccessDenied => {
                None
            }
            Ok(Answer::Refused(error)) => {
                self.keep(&response.state, &transaction.done(None));
                return Err(error.with_app_state(app_state.as_deref()));
            }
            Err(error) => return Err(error.with_app_state(app_state.as_deref())),
        };
        Ok(Landed {
            state: response.state,
            code,
        })
    }

    /// Handles a response: one exchange however often and wherever it is called, and the same outcome for all.
    pub async fn handle(&self, landed: Landed) -> Result<Outcome> {
        let _held = self.lock(&landed.state).await?;
        let transaction = self
            .transaction(landed.state.secret())
            .ok_or_else(transaction::missing)?;
        match transaction.status() {
            Status::InFlight => return Err(Failure::Lost.of_one_time()),
            Status::Done => return self.recorded(&transaction).await,
            Status::Pending => {}
        }
        let outcome = match &landed.code {
            Some(code) => self.exchange(&landed.state, &transaction, code).await,
            None => Ok(self.deny(&transaction).await),
        };
        match outcome {
            Ok(outcome) => {
                let session = self.session();
                let result = session.as_ref().map(|session| (&outcome, session.id.as_str()));
                self.keep(&landed.state, &transaction.done(result));
                Ok(outcome)
            }
            Err(error) => {
                // Nothing was sent: the same response may be handled again.
                if self
                    .transaction(landed.state.secret())
                    .is_some_and(|left| left.status() != Status::Pending)
                {
                    self.keep(&landed.state, &transaction.done(None));
                }
                Err(error.with_app_state(transaction.app_state().as_deref()))
            }
        }
    }

    /// What a response came to when it was handled before, for as long as the session lives.
    async fn recorded(&self, transaction: &Transaction) -> Result<Outcome> {
        self.reload().await;
        let session = self.session();
        let alive = |id: &Text| session.is_some_and(|session| session.id == *id);
        transaction
            .result()
            .filter(|(_, id)| alive(id))
            .map(|(outcome, _)| outcome)
            .ok_or_else(transaction::consumed)
    }

    async fn exchange(&self, state: &Secret, transaction: &Transaction, code: &Secret) -> Result<Outcome> {
        let metadata = self.metadata().await?;
        self.keep(state, &transaction.in_flight());
        let request = token::request(&metadata, &self.options.client_id, transaction, code);
        let response = self.send(&request).await.map_err(|failure| {
            if failure == Failure::NotSent {
                self.keep(state, transaction);
            }
            failure.of_one_time()
        })?;
        let now = clock::now();
        let answer = token::response(&response)?;
        let id_token = self.id_token_of(&answer, transaction, now)?;
        let grant = Grant::new(transaction.target(), transaction.requested(), answer, now);
        self.commit(transaction, grant, id_token).await
    }

    /// Commit last: everything is checked, the session is read again, changed and written in one piece.
    async fn commit(&self, transaction: &Transaction, grant: Grant, id_token: Option<IdToken>) -> Result<Outcome> {
        self.reload().await;
        let id = pkce::token(&crypto::random()?).secret().into();
        let event = Event::Answered {
            transaction,
            grant: Box::new(grant),
            id_token,
            id,
        };
        match session::apply(self.session().as_deref(), event) {
            Ok(Some(after)) => {
                let outcome = Outcome::of(transaction, &after.granted(&transaction.target()));
                self.save(after).await;
                self.remember(transaction, &outcome).await;
                Ok(outcome)
            }
            Ok(None) => Err(transaction::consumed()),
            Err(Refusal { error, revoke }) => {
                if let Some(token) = revoke {
                    self.revoke(&token).await;
                }
                Err(error)
            }
        }
    }

    /// The user said no to an upgrade: an outcome, and the session stays as it was.
    async fn deny(&self, transaction: &Transaction) -> Outcome {
        self.reload().await;
        let granted = self
            .session()
            .map(|session| session.granted(&transaction.target()))
            .unwrap_or_default();
        let outcome = Outcome::of(transaction, &granted);
        self.remember(transaction, &outcome).await;
        outcome
    }

    async fn remember(&self, transaction: &Transaction, outcome: &Outcome) {
        if let Some(session) = self.session() {
            let mut denied = self.denied.take().of_session_or_new(&session.id);
            denied.record(&transaction.target(), &transaction.requested(), &outcome.missing());
            self.denied.replace(denied);
            self.save_denied().await;
        }
    }

    /// The checked ID token of an answer. Without `openid` there may be none.
    fn id_token_of(&self, answer: &TokenResponse, transaction: &Transaction, now: i64) -> Result<Option<IdToken>> {
        let Some(raw) = &answer.id_token else {
            return if answer.promises_id_token(transaction) {
                Err(id_token::malformed())
            } else {
                Ok(None)
            };
        };
        let (header, claims) = id_token::decode(raw.secret())?;
        let (header, claims) = json::parse(&header)
            .zip(json::parse(&claims))
            .ok_or_else(id_token::malformed)?;
        let nonce = transaction.nonce();
        let expected = Expected {
            issuer: &self.options.issuer,
            client_id: &self.options.client_id,
            nonce: nonce.as_deref(),
            max_age: transaction.max_age(),
            tolerance: self.options.clock_tolerance,
            now,
        };
        step_up::check(transaction, &claims, id_token::check(&header, &claims, &expected))?;
        Ok(Some(IdToken {
            raw: raw.clone(),
            claims,
        }))
    }

    /// Best effort: the token is given up either way (RFC 7009).
    async fn revoke(&self, token: &Secret) {
        let request = self
            .known_metadata()
            .and_then(|metadata| token::revocation(&metadata, &self.options.client_id, token));
        if let Some(request) = request {
            let _ = self.send(&request).await;
        }
    }

    async fn lock(&self, state: &Secret) -> Result<Held> {
        // The holder makes two requests at the most.
        let name = Text::of(&[&self.key, state.secret()]);
        let settled = settled(lock::acquire(&name, self.options.timeout.saturating_mul(3))).await;
        Held::new(settled).ok_or_else(|| {
            Error::new(
                Code::Timeout,
                "Another tab or call is still handling this authorization response.",
            )
            .retryable(true)
        })
    }
}
