//! The authorization response: recognised and cleaned away at once, then handled, once.

use super::Client;
use crate::browser::lock::{self, Held};
use crate::browser::timer::Deadline;
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
use crate::core::token::{self, TokenResponse};
use crate::core::transaction::{self, Entry, Kind, Mode, Transaction};
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
        let expected = |response: &Response| match self.transactions.get(&response.state) {
            Some(Entry::Pending(transaction)) => transaction.mode == response.mode,
            entry => entry.is_some(),
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
        let entry = self
            .transactions
            .get(&response.state)
            .ok_or_else(transaction::missing)?;
        if entry.is_expired(clock::now()) {
            self.transactions.remove(&response.state);
            return Err(transaction::expired());
        }
        let Entry::Pending(transaction) = entry else {
            return Ok(Landed {
                state: response.state,
                code: None,
            });
        };
        let code = match response
            .check(&transaction, &self.options.issuer)
            .map_err(|error| error.with_app_state(transaction.app_state.clone()))?
        {
            Answer::Code(code) => Some(code.clone()),
            Answer::Refused(error) if transaction.kind == Kind::Upgrade && *error.code() == Code::AccessDenied => None,
            Answer::Refused(error) => {
                self.done(&response.state, transaction.created_at, None);
                return Err(error.with_app_state(transaction.app_state));
            }
        };
        Ok(Landed {
            state: response.state,
            code,
        })
    }

    /// Handles a response: one exchange however often and wherever it is called, and the same outcome for all.
    pub async fn handle(&self, landed: Landed) -> Result<Outcome> {
        let _held = self.lock(&landed.state).await?;
        match self.transactions.get(&landed.state).ok_or_else(transaction::missing)? {
            Entry::Pending(transaction) => {
                let app_state = transaction.app_state.clone();
                let outcome = match &landed.code {
                    Some(code) => self.exchange(&landed.state, &transaction, code).await,
                    None => self.deny(&transaction).await,
                };
                let kept = self.transactions.get(&landed.state);
                if !matches!(kept, Some(Entry::Pending(_))) || outcome.is_ok() {
                    let result = outcome
                        .as_ref()
                        .ok()
                        .cloned()
                        .zip(self.session().map(|session| session.id.clone()));
                    self.done(&landed.state, transaction.created_at, result);
                }
                outcome.map_err(|error| error.with_app_state(app_state))
            }
            Entry::InFlight { .. } => Err(Failure::Lost.of_one_time()),
            Entry::Done { result, .. } => {
                self.reload().await;
                let alive = |id: &String| self.session().is_some_and(|session| session.id == *id);
                result
                    .filter(|(_, id)| alive(id))
                    .map(|(outcome, _)| outcome)
                    .ok_or_else(transaction::consumed)
            }
        }
    }

    async fn exchange(&self, state: &Secret, transaction: &Transaction, code: &Secret) -> Result<Outcome> {
        let metadata = self.metadata().await?;
        self.transactions.set(
            state,
            &Entry::InFlight {
                created_at: transaction.created_at,
            },
        );
        let request = token::request(&metadata, &self.options.client_id, transaction, code);
        let response = self.send(&request).await.map_err(|failure| {
            if failure == Failure::NotSent {
                self.transactions
                    .set(state, &Entry::Pending(Box::new(transaction.clone())));
            }
            failure.of_one_time()
        })?;
        let now = clock::now();
        let answer = token::response(&response)?;
        let id_token = self.id_token_of(&answer, transaction, now)?;
        let grant = Grant::new(transaction.target.clone(), transaction.requested.clone(), answer, now);
        self.commit(transaction, grant, id_token).await
    }

    /// Commit last: everything is checked, the session is read again, changed and written in one piece.
    async fn commit(&self, transaction: &Transaction, grant: Grant, id_token: Option<IdToken>) -> Result<Outcome> {
        self.reload().await;
        let id = pkce::token(&crypto::random()?).secret().to_owned();
        let event = Event::Answered {
            transaction,
            grant: Box::new(grant),
            id_token,
            id,
        };
        match session::apply(self.session().as_deref(), event) {
            Ok(Some(after)) => {
                let outcome = after.outcome(transaction);
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
    async fn deny(&self, transaction: &Transaction) -> Result<Outcome> {
        self.reload().await;
        let session = self.session();
        let held = session.as_ref().and_then(|session| session.grant(&transaction.target));
        let outcome = session::outcome(transaction, held.map(|grant| grant.granted.clone()).unwrap_or_default());
        self.remember(transaction, &outcome).await;
        Ok(outcome)
    }

    async fn remember(&self, transaction: &Transaction, outcome: &Outcome) {
        if self.session().is_some() {
            self.denied
                .borrow_mut()
                .record(&transaction.target, &transaction.requested, &outcome.missing);
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
        let expected = Expected {
            issuer: &self.options.issuer,
            client_id: &self.options.client_id,
            nonce: transaction.nonce.as_ref().map(Secret::secret),
            max_age: transaction.max_age,
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
        let deadline = Deadline::after(self.options.timeout.saturating_mul(3));
        let wait = lock::wait(&format!("scopewise:{}:{}", self.key, state.secret()));
        match deadline.race(wait.promise()).await {
            Ok(release) if !deadline.is_over(&release) => Ok(Held::new(release)),
            _ => Err(Error::new(
                Code::Timeout,
                "Another tab or call is still handling this authorization response.",
            )
            .retryable(true)),
        }
    }

    fn done(&self, state: &Secret, created_at: i64, result: Option<(Outcome, String)>) {
        self.transactions.set(state, &Entry::Done { created_at, result });
    }
}
