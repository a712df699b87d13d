//! What changes a session.

use std::fmt;

use super::{FirstAuthentication, Grant, Refresh, Session, User};
use crate::core::authorize::{PendingRequest, RequestKind};
use crate::core::dpop::PublicKey;
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::secret::Nonce;
use crate::core::server::revocation::RevocableToken;
use crate::core::target::Target;
use crate::core::token::{Claims, IdToken};

/// What happened. Answers of the server are here once every check of them passed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The server granted what a request asked for, or some of it.
    Authorized {
        /// The request.
        request: &'a PendingRequest,
        /// What it granted.
        grant: Grant,
        /// Who came back.
        id_token: Option<IdToken>,
        /// For a session that begins.
        session_id: String,
    },
    /// A refresh brought another access token.
    Refreshed {
        /// The grant after it.
        grant: Grant,
        /// It need not bring an ID token (OpenID Connect Core §12.2).
        id_token: Option<IdToken>,
    },
    /// The user, or the server, said no to an upgrade.
    Denied {
        /// What it was for.
        target: &'a Target,
        /// The scopes that are not there.
        scopes: &'a ScopeSet,
    },
    /// A refresh token is about to leave: from here on it counts as used.
    RefreshSent {
        /// Its grant's target.
        target: &'a Target,
        /// Milliseconds since the epoch.
        at: i64,
    },
    /// The server said for sure that a request did not use its refresh token, or it never left.
    RefreshCancelled {
        /// Its grant's target.
        target: &'a Target,
    },
    /// The server refused a refresh token for good.
    RefreshRefused {
        /// Its grant's target.
        target: &'a Target,
        /// Why.
        error: &'a Error,
    },
    /// A key is gone that tokens are bound to: they are of no use any more.
    KeyLost {
        /// The key.
        key: &'a PublicKey,
        /// Seconds since the epoch.
        now: i64,
    },
    /// The server is asked silently for a new grant in place of one whose refresh token is lost.
    AskedSilently {
        /// The grant's target.
        target: &'a Target,
        /// Milliseconds since the epoch.
        at: i64,
    },
}

/// A change that an event may not make.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// Why.
    pub error: Error,
    /// The token of another user, which nobody will use: to revoke as far as possible. One of the same user's is none of
    /// those, since servers end the whole grant with one of its tokens.
    pub unused: Option<RevocableToken>,
}

impl From<Error> for Rejected {
    fn from(error: Error) -> Rejected {
        Rejected { error, unused: None }
    }
}

/// Why, for who has no use for the token.
impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Error {
        rejected.error
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Rejected {}

impl Session {
    /// The session after an event. On a rejection the one before stays as it was.
    pub fn apply(before: Option<&Session>, event: Event<'_>) -> Result<Session, Rejected> {
        let current = || before.ok_or(Error::NotSignedIn);
        Ok(match event {
            Event::Authorized {
                request,
                grant,
                id_token,
                session_id,
            } => return Session::authorized(before, request, grant, id_token, session_id),
            Event::Refreshed { grant, id_token } => return current()?.refreshed(grant, id_token),
            Event::Denied { target, scopes } => current()?.changed(|session| session.deny(target, scopes)),
            Event::RefreshSent { target, at } => current()?.with_refresh(target, |refresh| refresh.sent(at)),
            Event::RefreshCancelled { target } => current()?.with_refresh(target, Refresh::cancelled),
            Event::RefreshRefused { target, error } => {
                current()?.with_refresh(target, |refresh| refresh.refused(error))
            }
            Event::KeyLost { key, now } => current()?.changed(|session| {
                let bound = |grant: &&mut Grant| grant.access_token.key() == Some(key);
                session.grants.iter_mut().filter(bound).for_each(|grant| grant.end(now));
            }),
            Event::AskedSilently { target, at } => {
                current()?.with_refresh(target, |refresh| refresh.asked_silently(at))
            }
        })
    }

    fn authorized(
        before: Option<&Session>,
        request: &PendingRequest,
        mut grant: Grant,
        id_token: Option<IdToken>,
        session_id: String,
    ) -> Result<Session, Rejected> {
        // What is for the user who is there adds to the session. A sign-in that may bring anybody begins a new one. So does
        // an upgrade by redirect where the session was in the page's memory, which is gone with the page. A silent one may
        // bring nobody else than who signed in meanwhile.
        let is_for_who_is_there = |before: &&Session| {
            let is_silent = request.is_silent && before.subject().is_some();
            request.kind == RequestKind::Upgrade || request.subject.is_some() || is_silent
        };
        let before = before.filter(is_for_who_is_there);
        let user = before.and_then(Session::claims);
        let known = [request.subject.as_deref(), before.and_then(Session::subject)];
        check_user(known, user, id_token.as_ref()).map_err(|error| rejected(error, &grant))?;
        let mut after = Session {
            id: before.map_or(session_id, |before| before.id.clone()),
            user: id_token.map(|token| User::of_grant(token, &mut grant)),
            grants: Vec::new(),
            denied: before.map(|before| before.denied.clone()).unwrap_or_default(),
            last_sign_out: before.and_then(|before| before.last_sign_out),
        };
        if !request.is_recall() {
            after.take_back(&grant.target, &request.requested.union(&grant.covered()));
            after.deny(&grant.target, &request.requested.minus(&grant.granted));
        }
        after.replace_grant(before, grant);
        Ok(after)
    }

    fn refreshed(&self, mut grant: Grant, id_token: Option<IdToken>) -> Result<Session, Rejected> {
        if id_token.is_some() {
            check_user([self.subject(), None], self.claims(), id_token.as_ref())
                .map_err(|error| rejected(error, &grant))?;
        }
        let mut after = self.clone();
        if let Some(id_token) = id_token {
            after.user = Some(User::of_grant(id_token, &mut grant));
        }
        after.replace_grant(Some(self), grant);
        Ok(after)
    }

    /// Puts a grant first, and those before it for other targets behind.
    fn replace_grant(&mut self, before: Option<&Session>, grant: Grant) {
        let others = before.map(Session::grants).unwrap_or_default().iter();
        let others: Vec<Grant> = others.filter(|held| held.target != grant.target).cloned().collect();
        self.grants = [vec![grant], others].concat();
    }

    fn with_refresh(&self, target: &Target, change: impl FnOnce(&mut Refresh)) -> Session {
        self.changed(|session| {
            if let Some(refresh) = session.grant_mut(target).and_then(|grant| grant.refresh.as_mut()) {
                change(refresh);
            }
        })
    }

    fn changed(&self, change: impl FnOnce(&mut Session)) -> Session {
        let mut after = self.clone();
        change(&mut after);
        after
    }
}

impl User {
    /// The user of a grant's ID token. What the first one says of the authentication goes on to count.
    fn of_grant(token: IdToken, grant: &mut Grant) -> User {
        let first = &mut grant.authentication;
        *first = FirstAuthentication {
            nonce: first.nonce.take().or_else(|| token.claims.nonce().map(Nonce::new)),
            auth_time: first.auth_time.or(token.claims.authentication().auth_time),
        };
        User {
            id_token: token.raw,
            claims: token.claims,
            authentication: first.clone(),
        }
    }
}

/// An upgrade never brings another user, and a session that knows its user takes nothing from a nameless one. A user of
/// another issuer, or of another tenant, is another one.
fn check_user(expected: [Option<&str>; 2], before: Option<&Claims>, id_token: Option<&IdToken>) -> Result<()> {
    for known in expected.into_iter().flatten() {
        let claims = &id_token.ok_or_else(IdToken::malformed)?.claims;
        let issuers = before.and_then(Claims::issuer).zip(claims.issuer());
        if claims.subject()? != known || issuers.is_some_and(|(before, issuer)| before != issuer) {
            return Err(Error::SubjectMismatch);
        }
    }
    Ok(())
}

fn rejected(error: Error, grant: &Grant) -> Rejected {
    let unused = matches!(error, Error::SubjectMismatch).then(|| grant.revocable_token());
    Rejected { error, unused }
}
