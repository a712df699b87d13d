//! The life of access tokens: the stored one for as long as it lasts, then another one for the refresh token, asked for
//! once over all calls and tabs.

use super::run::Work;
use super::{Client, not_signed_in};
use crate::browser::{channel, clock, crypto, lock, storage, window};
use crate::core::error::{Code, Error, Result};
use crate::core::form;
use crate::core::grant::{Grant, Target};
use crate::core::http::{Failure, Request, Response};
use crate::core::metadata::Metadata;
use crate::core::options::{self, invalid};
use crate::core::record::{Fields, Record};
use crate::core::scope::{self, ScopeSet};
use crate::core::session::{self, Event, Session};
use crate::core::text::Text;
use crate::core::token;

/// A token for a call of an API need not last longer than it takes to get there, seconds.
const UNDER_WAY: i64 = 10;
/// After the server was asked silently, nobody asks again for so long, milliseconds.
const QUIET: i64 = 60_000;
/// After failures, the longest time without another try, seconds.
const MOST_WAIT: i64 = 64;

/// A refresh whose request is about to leave.
pub(super) struct Renewal {
    /// The session before it, without a note of it.
    pub(super) session: Session,
    pub(super) target: Target,
    /// What the caller asked for.
    wanted: Wanted,
    /// Whether the token that is there will not do, however long it lasts.
    is_refused: bool,
}

/// What a caller wants of a token.
#[derive(Clone)]
pub(super) struct Wanted {
    scopes: ScopeSet,
    target: Target,
    /// How long it must last.
    seconds: i64,
}

/// A refresh that failed lately: when the next may be tried, how many failed in a row, and why.
pub(super) type Setback = Option<(i64, u32, Error)>;

impl Client {
    /// The stored access token, if it lasts and has the scopes. Empty where it takes a refresh.
    pub fn access_token(&self, fields: Fields<'_>) -> Result<Text> {
        let wanted = self.wanted(fields)?;
        let session = self.session().ok_or_else(not_signed_in)?;
        let grant = self.granted(&session, &wanted)?;
        if !fields.has("forceRefresh") && grant.lasts(clock::now(), wanted.seconds) {
            return Ok(grant.access_token().into());
        }
        if grant.refresh_token().is_some() {
            return Ok(Text::default());
        }
        self.held(grant, wanted.seconds).ok_or_else(login_required)
    }

    /// What a call says that it wants: for a URL, or by itself.
    fn wanted(&self, fields: Fields<'_>) -> Result<Wanted> {
        let scopes = options::scope(fields)?.unwrap_or_default();
        if fields.has("url") {
            let (api, target) = self.api(fields)?;
            return Ok(Wanted {
                scopes: api.scope.union(&scopes),
                target,
                seconds: UNDER_WAY,
            });
        }
        if !options::is_bounded(fields, "minValidity", 0, i64::from(i32::MAX)) {
            return Err(invalid("minValidity"));
        }
        Ok(Wanted {
            scopes,
            target: Target::parse(fields)?.unwrap_or_else(|| self.target.clone()),
            seconds: fields.number("minValidity").flatten().unwrap_or(30),
        })
    }

    /// The grant with all wanted scopes.
    fn granted<'a>(&self, session: &'a Session, wanted: &Wanted) -> Result<Grant<'a>> {
        let grant = session.grant(&wanted.target);
        let missing = scope::only(&wanted.scopes, &|scope| !grant.is_some_and(|grant| grant.covers(scope)));
        grant
            .filter(|_| missing.is_empty())
            .ok_or_else(|| Error::new(Code::MissingScope).with_missing(&missing))
    }

    /// The grant's token, if it lasts.
    fn held(&self, grant: Grant<'_>, seconds: i64) -> Option<Text> {
        grant
            .is_valid(clock::now(), seconds)
            .then(|| grant.access_token().into())
    }

    /// The token that a refresh is asked for because of: the one that the caller was refused with, or the stored one.
    pub(super) fn token_before(&self, fields: Fields<'_>) -> Text {
        let stored = || {
            let session = self.session()?;
            let grant = session.grant(&self.wanted(fields).ok()?.target)?;
            Some(Text::from(grant.access_token()))
        };
        fields
            .text("before")
            .map(Text::from)
            .or_else(stored)
            .unwrap_or_default()
    }

    /// What there is to do once it is this call's turn: nothing where another call or tab has a newer token.
    pub(super) fn renew(&self, fields: Fields<'_>, before: &str) -> Result<Work> {
        let wanted = self.wanted(fields)?;
        let session = self.session().ok_or_else(not_signed_in)?;
        let grant = self.granted(&session, &wanted)?;
        let is_refused = fields.has("forceRefresh") && grant.access_token() == before;
        if !is_refused && grant.lasts(clock::now(), wanted.seconds) {
            return Ok(Work::Token(grant.access_token().into()));
        }
        let stopped = if grant.refresh_token().is_none() || !lock::is_shared() && !storage::is_memory(&self.store) {
            // Where tabs cannot wait for each other, nobody may send what can be sent once.
            Some(login_required())
        } else {
            let setback = self.setback.borrow();
            setback
                .as_ref()
                .filter(|(until, ..)| *until > clock::now())
                .map(|(.., error)| error.clone())
        };
        if let Some(error) = stopped {
            return self.instead(grant, is_refused).map(Work::Token).ok_or(error);
        }
        // A note of times to come is one of a clock that was put back: an old one.
        let is_of_now = |at| (clock::loaded_at()..=clock::stamp()).contains(&at);
        if grant.sent().is_some_and(|(at, again)| again || is_of_now(at)) {
            // Somebody sent it, and what came of it is not known. A page that is loaded later may try once.
            return match self.instead(grant, is_refused) {
                Some(token) => Ok(Work::Token(token)),
                // Others may have asked in vain.
                None if window::is_framed() || grant.asked().is_some_and(|at| clock::stamp() - at < QUIET) => {
                    Err(Error::new(Code::TokenResponseLost))
                }
                None => self.ask_silently(&session, &wanted.target),
            };
        }
        let target = wanted.target.clone();
        let note = if grant.sent().is_some() { "again" } else { "sent" };
        self.save(Some(session.noted(&target, note, Some(clock::stamp()))));
        // The note is for whoever comes next.
        self.is_news.set(false);
        Ok(Work::Renew(Renewal {
            session,
            target,
            wanted,
            is_refused,
        }))
    }

    /// Asks the server without a word to the user, who may still be known there: for a new grant in place of one whose
    /// refresh token is lost.
    fn ask_silently(&self, session: &Session, target: &Target) -> Result<Work> {
        self.save(Some(session.noted(target, "asked", Some(clock::stamp()))));
        self.is_news.set(false);
        let mut options = Record::default();
        options.put("mode", "silent");
        options.put("prompt", "none");
        for pair in form::pairs(target.as_str()) {
            options.put(&form::name(pair), &form::text(pair));
        }
        self.upgrade(options.fields())
    }

    /// The failure of a refresh whose token is lost, and could not be replaced silently. The next try waits.
    pub(super) fn lost(&self, error: Error) -> Error {
        let is_answer = matches!(error.code(), Code::Server | Code::LoginRequired | Code::SubjectMismatch);
        let error = if is_answer {
            error
        } else {
            Error::new(Code::TokenResponseLost)
        };
        self.set_back(&error);
        error
    }

    /// The stored token, however long it lasts.
    pub(super) fn token_now(&self, fields: Fields<'_>) -> Result<Text> {
        let wanted = self.wanted(fields)?;
        let session = self.session().ok_or_else(not_signed_in)?;
        Ok(self.granted(&session, &wanted)?.access_token().into())
    }

    /// A token that does not last as long as the caller wants is better than none.
    fn instead(&self, grant: Grant<'_>, is_refused: bool) -> Option<Text> {
        if is_refused { None } else { self.held(grant, 0) }
    }

    pub(super) fn renewal_request(&self, metadata: &Metadata, renewal: &Renewal) -> Request {
        let grant = renewal.session.grant(&renewal.target);
        token::refresh(metadata, &self.options, grant.unwrap_or(Grant(Fields(""))))
    }

    /// Takes back the note that a refresh token was sent: it was not.
    pub(super) fn unsent(&self, renewal: &Renewal, error: Error) -> Result<Text> {
        let session = self.session();
        let Some(current) = session.filter(|session| session.id() == renewal.session.id()) else {
            return self.whatever(renewal);
        };
        self.save(Some(current.noted(&renewal.target, "", None)));
        self.failed_renewal(renewal, error)
    }

    /// Takes the answer to a refresh. Also returns the request that revokes a token which nobody will use.
    pub(super) fn renewed(
        &self,
        metadata: &Metadata,
        renewal: &Renewal,
        response: std::result::Result<Response, Failure>,
    ) -> (Result<Text>, Option<Request>) {
        let sent = renewal.session.grant(&renewal.target).and_then(Grant::refresh_token);
        let session = self.session();
        // Signed out, another user, or another grant meanwhile: what comes now belongs to nobody.
        let current = session.as_ref().filter(|session| {
            session.id() == renewal.session.id()
                && session.grant(&renewal.target).and_then(Grant::refresh_token) == sent
        });
        // A success that is of no use has used the token all the same; what else the server says has not.
        let is_used = match &response {
            Ok(response) => (200..300).contains(&response.status),
            Err(failure) => *failure != Failure::NotSent,
        };
        let answered = match response {
            Ok(response) if current.is_none() => {
                let unused = token::give_up(metadata, self.options.client_id(), &response);
                return (self.whatever(renewal), unused);
            }
            Ok(response) => self.accept_renewal(current, renewal, &response),
            Err(failure) => Err(failure.of_one_time()),
        };
        let Err(error) = answered else {
            self.setback.replace(None);
            return (self.whatever(renewal), None);
        };
        let Some(current) = current else {
            return (self.whatever(renewal), None);
        };
        if error.code_str() == "invalid_grant" {
            self.save(None);
            if matches!(self.options.storage(), "session" | "memory") {
                // The sessions of other tabs are others.
                self.is_news.set(false);
            }
            return (Err(error), None);
        }
        // Else the note stays.
        if !is_used {
            self.save(Some(current.noted(&renewal.target, "", None)));
        }
        (self.failed_renewal(renewal, error), None)
    }

    /// What a failure comes to for the caller, while the session stays.
    fn failed_renewal(&self, renewal: &Renewal, error: Error) -> Result<Text> {
        if error.is_retryable() {
            self.set_back(&error);
        }
        let grant = renewal.session.grant(&renewal.target);
        let token = grant.and_then(|grant| self.instead(grant, renewal.is_refused));
        token.ok_or(error)
    }

    /// The token of the session that is there by now.
    fn whatever(&self, renewal: &Renewal) -> Result<Text> {
        let session = self
            .session()
            .filter(|session| session.subject() == renewal.session.subject());
        let session = session.ok_or_else(not_signed_in)?;
        let grant = self.granted(&session, &renewal.wanted)?;
        Ok(grant.access_token().into())
    }

    /// The session after a refresh: everything is checked, then stored in one piece.
    fn accept_renewal(&self, current: Option<&Session>, renewal: &Renewal, response: &Response) -> Result<()> {
        let now = clock::now();
        let answer = token::response(response).map_err(|error| self.options.profile().explain(error));
        // A server that fails says nothing of the token; the caller may try again.
        let answer = answer.map_err(|error| error.retryable(response.status == 429 || response.status >= 500))?;
        let session = current.ok_or_else(not_signed_in)?;
        let id_token = self.renewed_id_token(session, answer.id_token, now)?;
        let grant = session.grant(&renewal.target).ok_or_else(not_signed_in)?;
        let event = Event {
            transaction: None,
            grant: grant.renewed(self.options.profile(), &answer, session.id_token(), now),
            id_token,
            id: Text::default(),
        };
        let after = session::apply(Some(session), event).map_err(|refusal| refusal.error)?;
        self.save(Some(after));
        Ok(())
    }

    /// Counts a failure, and puts off the next try, a little more each time and never to the same moment for all.
    fn set_back(&self, error: &Error) {
        let failures = self
            .setback
            .borrow()
            .as_ref()
            .map_or(0, |(_, failures, _)| failures + 1);
        let wait = (1_i64 << failures.min(6)).min(MOST_WAIT);
        let jitter = crypto::random().map_or(0, |bytes| i64::from(bytes[0])) * wait / 512;
        let until = clock::now().saturating_add(wait / 2 + 1 + jitter);
        self.setback.replace(Some((until, failures, error.clone())));
    }

    /// Takes note of what another tab, or the browser, has to say.
    pub(super) fn hear(&self, told: &str) {
        if told == channel::AWAKE {
            // That there was no network says nothing of now.
            let is_network = |setback: &mut (i64, u32, Error)| setback.2.code() == Code::Network;
            self.setback.borrow_mut().take_if(is_network);
        }
        if told == channel::SIGNED_OUT && matches!(self.options.storage(), "session" | "memory" | "worker") {
            self.save(None);
            // They know.
            self.is_news.set(false);
        }
    }

    /// Whether the default grant's token is about to end and there can be another one.
    pub(super) fn is_due(&self) -> bool {
        let session = self.session();
        let grant = session.as_ref().and_then(|session| session.grant(&self.target));
        grant.is_some_and(|grant| grant.refresh_token().is_some() && !grant.lasts(clock::now(), 30))
    }
}

fn login_required() -> Error {
    Error::new(Code::LoginRequired)
}
