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

/// A response that belongs to a request of this client. Without a code: the user said no, or it was handled before.
pub struct Landed {
    state: Secret,
    code: Option<Secret>,
}

impl Client {
    /// Recognises a response in a URL (the page's by default), checks it, and takes it out of the address bar.
    /// All before anything is awaited, so that nothing else on the page gets to see it.
    pub fn land(&self, given: Option<&str>) -> Result<Option<Landed>> {
        let page = navigation::href();
        let url = navigation::resolve(given.unwrap_or(&page));
        let url = url.ok_or_else(|| Error::new(Code::ResponseMalformed, "handleCallback was given no URL."))?;
        let (query, fragment) = url::parts(&url);
        let is_response = callback::is_response(query) || callback::is_response(fragment);
        if !is_response || !callback::lands_on(&url, &self.callback) {
            return Ok(None);
        }
        let landed = self
            .recognise(query, fragment)
            .and_then(|response| self.check(response));
        if url == page {
            navigation::replace(&callback::cleaned(&url));
        }
        landed.map(Some)
    }

    /// Only the part that was asked for is read, whatever stands in the other.
    fn recognise(&self, query: &str, fragment: &str) -> Result<Response> {
        let mut response = None;
        for (part, mode) in [(query, Mode::Query), (fragment, Mode::Fragment)] {
            if callback::is_response(part) {
                let read = callback::read(part, mode);
                let is_expected = |response: &Response| {
                    let transaction = self.transaction(response.state.secret());
                    transaction.is_some_and(|transaction| {
                        transaction.status() != Status::Pending || transaction.mode() == mode
                    })
                };
                if read.as_ref().is_ok_and(is_expected) {
                    return read;
                }
                response = response.or(Some(read));
            }
        }
        response.unwrap_or_else(|| Err(transaction::missing()))
    }

    fn check(&self, response: Response) -> Result<Landed> {
        let transaction = self
            .transaction(response.state.secret())
            .ok_or_else(transaction::missing)?;
        if transaction.is_expired(clock::now()) {
            self.drop_transaction(response.state.secret());
            return Err(transaction::expired());
        }
        let mut code = None;
        if transaction.status() == Status::Pending {
            let with_state = |error: Error| error.with_app_state(transaction.app_state().as_deref());
            match response.check(&transaction, &self.options.issuer).map_err(with_state)? {
                Answer::Code(found) => code = Some(found.clone()),
                Answer::Refused(error) if transaction.kind() == Kind::Upgrade && error.code() == Code::AccessDenied => {
                }
                Answer::Refused(error) => {
                    self.keep(&response.state, &transaction.done(None));
                    return Err(with_state(error));
                }
            }
        }
        Ok(Landed {
            state: response.state,
            code,
        })
    }

    /// Handles a response: one exchange however often and wherever it is called, and the same outcome for all.
    pub async fn handle(&self, landed: Landed) -> Result<Outcome> {
        let _held = self.lock(&landed.state).await?;
        self.reload().await;
        let transaction = self
            .transaction(landed.state.secret())
            .ok_or_else(transaction::missing)?;
        let outcome = match (transaction.status(), &landed.code) {
            (Status::InFlight, _) => return Err(Failure::Lost.of_one_time()),
            (Status::Done, _) => return self.recorded(&transaction),
            (Status::Pending, Some(code)) => self.exchange(&landed.state, &transaction, code).await,
            (Status::Pending, None) => {
                let held = self.session().map(|session| session.granted(&transaction.target()));
                Ok(Outcome::of(&transaction, &held.unwrap_or_default()))
            }
        };
        // Where nothing was sent, the same response may be handled again.
        let is_sent = self
            .transaction(landed.state.secret())
            .is_none_or(|left| left.status() != Status::Pending);
        if outcome.is_ok() || is_sent {
            let session = self.session();
            let result = outcome
                .as_ref()
                .ok()
                .zip(session.as_ref().map(|session| session.id.as_str()));
            self.keep(&landed.state, &transaction.done(result));
        }
        outcome.map_err(|error| error.with_app_state(transaction.app_state().as_deref()))
    }

    /// What a response came to when it was handled before, for as long as the session lives.
    fn recorded(&self, transaction: &Transaction) -> Result<Outcome> {
        let (session, result) = (self.session(), transaction.result());
        let alive = result.filter(|(_, id)| session.is_some_and(|session| session.id == *id));
        alive.map(|(outcome, _)| outcome).ok_or_else(transaction::consumed)
    }

    async fn exchange(&self, state: &Secret, transaction: &Transaction, code: &Secret) -> Result<Outcome> {
        let metadata = self.metadata().await?;
        let client_id = self.options.client_id();
        self.keep(state, &transaction.in_flight());
        let response = match self
            .send(&token::request(&metadata, &client_id, transaction, code))
            .await
        {
            Ok(response) => response,
            Err(failure) => {
                if failure == Failure::NotSent {
                    self.keep(state, transaction);
                }
                return Err(failure.of_one_time());
            }
        };
        let now = clock::now();
        let answer = token::response(&response)?;
        let id_token = self.id_token_of(&answer, transaction, now)?;
        let grant = Grant::new(transaction.target(), transaction.requested(), answer, now);
        // Commit last: everything is checked, the session is read again, changed and written in one piece.
        self.reload().await;
        let id = pkce::token(&crypto::random()?).text();
        let refusal = match session::apply(
            self.session().as_deref(),
            Event {
                transaction,
                grant,
                id_token,
                id,
            },
        ) {
            Ok(after) => {
                let outcome = Outcome::of(transaction, &after.granted(&transaction.target()));
                self.save(Some(after));
                return Ok(outcome);
            }
            Err(Refusal { error, unused }) => {
                // Best effort: the token is given up either way.
                if let Some(request) = token::revocation(&metadata, &client_id, &unused) {
                    self.send(&request).await.ok();
                }
                error
            }
        };
        Err(refusal)
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
        let (nonce, client_id) = (transaction.nonce(), self.options.client_id());
        let expected = Expected {
            issuer: &self.options.issuer,
            client_id: &client_id,
            nonce: nonce.as_deref(),
            max_age: transaction.max_age(),
            tolerance: self.options.clock_tolerance(),
            now,
        };
        step_up::check(transaction, &claims, id_token::check(&header, &claims, &expected))?;
        Ok(Some(IdToken {
            raw: raw.clone(),
            claims,
        }))
    }

    async fn lock(&self, state: &Secret) -> Result<Held> {
        // The holder makes three requests at the most.
        let timeout = self.options.timeout().saturating_mul(4);
        let settled = settled(lock::acquire(&Text::of(&[&self.key, state.secret()]), timeout)).await;
        Held::new(settled).ok_or_else(|| {
            Error::new(
                Code::Timeout,
                "Another tab or call is still handling this authorization response.",
            )
            .retryable(true)
        })
    }
}
