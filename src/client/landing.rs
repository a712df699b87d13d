//! The authorization response: recognised and cleaned away at once, then handled, once.

use super::Client;
use super::run::Work;
use crate::browser::{clock, crypto, json, navigation};
use crate::core::callback::{self, Answer};
use crate::core::document::Document;
use crate::core::error::{Code, Error, Result};
use crate::core::grant;
use crate::core::http::{Failure, Request, Response};
use crate::core::id_token::{self, Expected, IdToken};
use crate::core::metadata::Metadata;
use crate::core::outcome::Outcome;
use crate::core::pkce;
use crate::core::secret::Secret;
use crate::core::session::{self, Event, Refusal, Session};
use crate::core::step_up;
use crate::core::text::Text;
use crate::core::token::{self, TokenResponse};
use crate::core::transaction::{self, Kind, Mode, Status, Transaction};
use crate::core::url;

/// A response that belongs to a request of this client. Without a code: the user said no, or it was handled before, or
/// another page may be waiting for it.
pub struct Landed {
    pub(super) state: Secret,
    code: Option<Secret>,
    /// All of it, for that other page.
    pub(super) url: Option<Text>,
}

/// A code to trade for tokens.
pub(super) struct Exchange {
    state: Secret,
    transaction: Transaction,
    code: Secret,
}

impl Client {
    /// Recognises a response in a URL (the page's by default), checks it, and takes it out of the address bar.
    /// All before anything is awaited, so that nothing else on the page gets to see it.
    pub fn land(&self, given: Option<&str>) -> Result<Option<Landed>> {
        self.land_as(given, false)
    }

    /// The same; `is_own` where no other page has to be looked for.
    pub(super) fn land_as(&self, given: Option<&str>, is_own: bool) -> Result<Option<Landed>> {
        let page = navigation::href();
        let url = navigation::resolve(given.unwrap_or(&page));
        let url = url.ok_or_else(|| Error::new(Code::ResponseMalformed))?;
        let (query, fragment) = url::parts(&url);
        let is_response = callback::is_response(query) || callback::is_response(fragment);
        let farewell = callback::read(query, Mode::Query);
        let is_farewell = farewell.is_ok_and(|response| response.is_farewell());
        if !is_response || !is_farewell && !callback::lands_on(&url, &self.callback) {
            return Ok(None);
        }
        let landed = if is_farewell {
            Ok(None)
        } else {
            let response = self.recognise(query, fragment);
            response
                .and_then(|response| self.check(response, &url, is_own))
                .map(Some)
        };
        if url == page {
            navigation::replace(&callback::cleaned(&url));
        }
        landed
    }

    /// Only the part that was asked for is read, whatever stands in the other.
    fn recognise(&self, query: &str, fragment: &str) -> Result<callback::Response> {
        let first = if callback::is_response(query) {
            callback::read(query, Mode::Query)
        } else {
            Err(transaction::missing())
        };
        if callback::is_response(fragment) && !first.as_ref().is_ok_and(|first| self.expects(first)) {
            let second = callback::read(fragment, Mode::Fragment);
            if !callback::is_response(query) || second.as_ref().is_ok_and(|second| self.expects(second)) {
                return second;
            }
        }
        first
    }

    fn expects(&self, response: &callback::Response) -> bool {
        let transaction = self.transaction(response.state.secret());
        transaction
            .is_some_and(|transaction| transaction.status() != Status::Pending || transaction.mode() == response.mode)
    }

    fn check(&self, response: callback::Response, url: &str, is_own: bool) -> Result<Landed> {
        let transaction = self.transaction(response.state.secret());
        if !is_own && transaction.as_ref().is_none_or(Transaction::is_in_window) {
            return Ok(Landed {
                state: response.state,
                code: None,
                url: Some(url.into()),
            });
        }
        let transaction = transaction.ok_or_else(transaction::missing)?;
        if transaction.is_expired(clock::now()) {
            self.drop_transaction(response.state.secret());
            return Err(transaction::expired());
        }
        let mut code = None;
        if transaction.status() == Status::Pending {
            let with_state = |error: Error| error.with_app_state(transaction.app_state());
            match response
                .check(&transaction, self.options.issuer())
                .map_err(with_state)?
            {
                Answer::Code(found) => code = Some(found),
                Answer::Refused(error) if transaction.kind() == Kind::Upgrade && error.code() == Code::AccessDenied => {
                }
                Answer::Refused(error) => {
                    self.keep(&response.state, &transaction.done(None));
                    return Err(with_state(self.options.profile().explain(error)));
                }
            }
        }
        Ok(Landed {
            state: response.state,
            code,
            url: None,
        })
    }

    /// What there is to do about a response: one exchange however often it is handled, and the same outcome for all.
    pub(super) fn take(&self, landed: Option<Landed>) -> Result<Work> {
        let Some(Landed { state, code, .. }) = landed else {
            return Ok(Work::Done(None));
        };
        let transaction = self.transaction(state.secret()).ok_or_else(transaction::missing)?;
        let session = self.session();
        match (transaction.status(), code) {
            (Status::InFlight, _) => Err(Failure::Lost.of_one_time()),
            // What it came to when it was handled before, for as long as the session lives.
            (Status::Done, _) => {
                let result = transaction
                    .result()
                    .filter(|(_, id)| session.is_some_and(|session| session.id() == *id));
                Ok(Work::Done(Some(result.ok_or_else(transaction::consumed)?.0)))
            }
            (Status::Pending, Some(code)) => Ok(Work::Exchange(Exchange {
                state,
                transaction,
                code,
            })),
            // The user said no to an upgrade: an outcome, and the session stays as it was.
            (Status::Pending, None) => {
                let target = transaction.target();
                let held = session.as_ref().map_or("", |session| session.granted(&target));
                let outcome = Outcome::refused(&transaction, held);
                self.finish(&state, &transaction, Some(&outcome));
                if let Some(session) = &session {
                    self.save(Some(session.refused(&target, outcome.missing())));
                }
                Ok(Work::Done(Some(outcome)))
            }
        }
    }

    /// The token request. From here on the code counts as used.
    pub(super) fn token_request(&self, metadata: &Metadata, exchange: &Exchange) -> Request {
        self.keep(&exchange.state, &exchange.transaction.in_flight());
        token::request(
            metadata,
            self.options.client_id(),
            &exchange.transaction,
            &exchange.code,
        )
    }

    /// Takes the token response: the session after it, or the one before where anything is wrong. Also returns the
    /// request that revokes tokens which nobody will use.
    pub(super) fn commit(
        &self,
        metadata: &Metadata,
        exchange: Exchange,
        response: Result<Response, Failure>,
    ) -> (Result<Text>, Option<Request>) {
        let Exchange { state, transaction, .. } = exchange;
        let held = self.transaction(state.secret());
        if !held.is_some_and(|held| held.status() == Status::InFlight) {
            // The user signed out meanwhile: what comes now belongs to nobody.
            let late = response.ok();
            let unused = late.and_then(|late| token::give_up(metadata, self.options.client_id(), &late));
            return (
                Err(transaction::missing().with_app_state(transaction.app_state())),
                unused,
            );
        }
        let mut unused = None;
        let outcome = match self.accept(&transaction, response.map_err(Failure::of_one_time)) {
            Ok(Ok(after)) => {
                let outcome = Outcome::of(&transaction, after.granted(&transaction.target()));
                self.save(Some(after));
                // The server is there, whatever came of a refresh before.
                self.setback.replace(None);
                Ok(outcome)
            }
            Ok(Err(refusal)) => {
                unused = token::revocation(metadata, self.options.client_id(), &refusal.unused);
                Err(refusal.error)
            }
            Err(error) => Err(error),
        };
        match &outcome {
            // Nothing was sent: the same response may be handled again.
            Err(error) if error.code() == Code::Network => drop(self.keep(&state, &transaction)),
            _ => self.finish(&state, &transaction, outcome.as_ref().ok()),
        }
        (
            outcome
                .map(|outcome| outcome.as_str().into())
                .map_err(|error| error.with_app_state(transaction.app_state())),
            unused,
        )
    }

    fn accept(&self, transaction: &Transaction, response: Result<Response>) -> Result<Result<Session, Refusal>> {
        let now = clock::now();
        let response = response?;
        let answer = token::response(&response).map_err(|error| self.options.profile().explain(error))?;
        let id_token = self.id_token_of(&answer, transaction, now)?;
        let grant = grant::record(
            self.options.profile(),
            &transaction.target(),
            transaction.requested(),
            &answer,
            now,
        );
        let id = pkce::token(&crypto::random()?).text();
        Ok(session::apply(
            self.session().as_ref(),
            Event {
                transaction: Some(transaction),
                grant,
                id_token,
                id,
            },
        ))
    }

    /// Leaves a record of what a response came to, and no code.
    fn finish(&self, state: &Secret, transaction: &Transaction, outcome: Option<&Outcome>) {
        let session = self.session();
        let result = outcome.zip(session.as_ref().map(Session::id));
        self.keep(state, &transaction.done(result));
    }

    /// The checked ID token of an answer. Without `openid` there may be none.
    fn id_token_of(&self, answer: &TokenResponse<'_>, transaction: &Transaction, now: i64) -> Result<Option<IdToken>> {
        let Some(raw) = answer.id_token else {
            if answer.promises_id_token(transaction) {
                return Err(id_token::malformed());
            }
            return step_up::check(transaction, &Document::default(), Ok(())).map(|()| None);
        };
        let (header, token) = decoded(raw)?;
        let expected = self.expected(transaction.nonce(), transaction.max_age(), now);
        let checked = id_token::check(&header, &token.claims, &expected);
        step_up::check(transaction, &token.claims, checked)?;
        Ok(Some(token))
    }

    /// The checked ID token of the answer to a refresh, if there is one: of the same authentication as the one before
    /// (OpenID Connect Core §12.2).
    pub(super) fn renewed_id_token(&self, session: &Session, raw: Option<&str>, now: i64) -> Result<Option<IdToken>> {
        let Some(raw) = raw else { return Ok(None) };
        let (header, token) = decoded(raw)?;
        let before = session.claims().and_then(json::parse).unwrap_or_default();
        let nonce = token.claims.string("nonce").and(before.string("nonce"));
        id_token::check(&header, &token.claims, &self.expected(nonce, None, now))?;
        id_token::same_authentication(&before, &token.claims)?;
        Ok(Some(token))
    }

    fn expected<'a>(&'a self, nonce: Option<&'a str>, max_age: Option<i64>, now: i64) -> Expected<'a> {
        Expected {
            issuer: self.options.issuer(),
            client_id: self.options.client_id(),
            nonce,
            max_age,
            tolerance: self.options.clock_tolerance(),
            now,
        }
    }
}

impl Work {
    /// An error on the way to an exchange gives the application its state back.
    pub(super) fn failed(&self, error: Error) -> Error {
        match self {
            Work::Exchange(exchange) => error.with_app_state(exchange.transaction.app_state()),
            _ => error,
        }
    }
}

/// The header of an ID token, and the token with its claims, which are still to be checked.
fn decoded(raw: &str) -> Result<(Document, IdToken)> {
    let (header, json) = id_token::decode(raw)?;
    let (header, claims) = json::parse(&header)
        .zip(json::parse(&json))
        .ok_or_else(id_token::malformed)?;
    let raw = Secret::new(raw);
    Ok((header, IdToken { raw, json, claims }))
}
