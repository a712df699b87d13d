//! What changes a session.

use super::{Grant, RefreshState, SentRefresh, Session, User};
use crate::core::authorize::{PendingRequest, RequestKind};
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::server::revocation::RevocableToken;
use crate::core::target::Target;
use crate::core::token::IdToken;

/// What happened. Answers of the server are here once every check of them passed.
#[derive(Clone, Debug)]
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
    /// The token that nobody will use, to revoke as far as possible.
    pub unused: Option<RevocableToken>,
}

impl Session {
    /// The session after an event. On a rejection the one before stays as it was.
    pub fn apply(before: Option<&Session>, event: Event<'_>) -> Result<Session, Rejected> {
        match event {
            Event::Authorized {
                request,
                grant,
                id_token,
                session_id,
            } => Session::authorized(before, request, grant, id_token, session_id),
            Event::Refreshed { grant, id_token } => before.ok_or_else(no_session)?.refreshed(grant, id_token),
            Event::Denied { target, scopes } => before.ok_or_else(no_session)?.changed(|session| {
                session.deny(target, scopes);
            }),
            Event::RefreshSent { target, at } => {
                before
                    .ok_or_else(no_session)?
                    .with_refresh(target, |state| match state {
                        RefreshState::Ready => SentRefresh::new(at).into(),
                        RefreshState::Sent(sent) => SentRefresh {
                            is_retried: true,
                            ..sent
                        }
                        .into(),
                    })
            }
            Event::RefreshCancelled { target } => {
                before
                    .ok_or_else(no_session)?
                    .with_refresh(target, |state| match state {
                        // The second request was not sent. The first one's answer is still not known.
                        RefreshState::Sent(sent) if sent.is_retried => SentRefresh {
                            is_retried: false,
                            ..sent
                        }
                        .into(),
                        _ => RefreshState::Ready,
                    })
            }
            Event::AskedSilently { target, at } => {
                before
                    .ok_or_else(no_session)?
                    .with_refresh(target, |state| match state {
                        RefreshState::Sent(sent) => SentRefresh {
                            asked_silently_at: Some(at),
                            ..sent
                        }
                        .into(),
                        RefreshState::Ready => RefreshState::Ready,
                    })
            }
        }
    }

    fn authorized(
        before: Option<&Session>,
        request: &PendingRequest,
        grant: Grant,
        id_token: Option<IdToken>,
        session_id: String,
    ) -> Result<Session, Rejected> {
        // What is for the user who is there adds to the session. A sign-in that may bring anybody begins a new one. So does
        // an upgrade by redirect where the session was in the page's memory, which is gone with the page.
        let before = before.filter(|_| request.kind == RequestKind::Upgrade || request.subject.is_some());
        let known = [request.subject.as_deref(), before.and_then(Session::subject)];
        check_user(known, id_token.as_ref()).map_err(|error| rejected(error, &grant))?;
        let mut after = Session {
            id: before.map_or(session_id, |before| before.id.clone()),
            user: id_token.map(User::from),
            grants: Vec::new(),
            denied: before.map(|before| before.denied.clone()).unwrap_or_default(),
        };
        after.deny(&grant.target, &request.requested.minus(&grant.granted));
        after.replace_grant(before, grant);
        Ok(after)
    }

    fn refreshed(&self, grant: Grant, id_token: Option<IdToken>) -> Result<Session, Rejected> {
        if id_token.is_some() {
            check_user([self.subject(), None], id_token.as_ref()).map_err(|error| rejected(error, &grant))?;
        }
        let mut after = self.clone();
        if let Some(id_token) = id_token {
            after.user = Some(id_token.into());
        }
        after.grants.clear();
        after.replace_grant(Some(self), grant);
        Ok(after)
    }

    /// Puts a grant first, and those before it for other targets behind.
    fn replace_grant(&mut self, before: Option<&Session>, grant: Grant) {
        let others = before.map(Session::grants).unwrap_or_default().iter();
        let others: Vec<Grant> = others.filter(|held| held.target != grant.target).cloned().collect();
        self.grants = [vec![grant], others].concat();
    }

    fn with_refresh(
        &self,
        target: &Target,
        change: impl FnOnce(RefreshState) -> RefreshState,
    ) -> Result<Session, Rejected> {
        self.changed(|session| {
            if let Some(refresh) = session.grant_mut(target).and_then(|grant| grant.refresh.as_mut()) {
                refresh.state = change(refresh.state);
            }
        })
    }

    fn changed(&self, change: impl FnOnce(&mut Session)) -> Result<Session, Rejected> {
        let mut after = self.clone();
        change(&mut after);
        Ok(after)
    }
}

impl From<IdToken> for User {
    fn from(token: IdToken) -> User {
        User {
            id_token: token.raw,
            claims: token.claims,
        }
    }
}

/// An upgrade never brings another user, and a session that knows its user takes nothing from a nameless one.
fn check_user(expected: [Option<&str>; 2], id_token: Option<&IdToken>) -> Result<()> {
    for known in expected.into_iter().flatten() {
        if id_token.ok_or_else(IdToken::malformed)?.claims.subject()? != known {
            return Err(Error::SubjectMismatch);
        }
    }
    Ok(())
}

fn rejected(error: Error, grant: &Grant) -> Rejected {
    let refresh_token = grant.refresh.as_ref().map(|refresh| &refresh.token);
    Rejected {
        error,
        unused: Some(RevocableToken::of(&grant.access_token, refresh_token)),
    }
}

fn no_session() -> Rejected {
    Rejected {
        error: Error::NotSignedIn,
        unused: None,
    }
}
