//! The session: who signed in, and the ledger of grants. Every check reads the ledger; nothing else decides.
//!
//! Changes go through [`apply`]: an event and the session before it make the session after it, or a refusal that
//! leaves the one before as it was.

use serde::Serialize;

use super::error::{Code, Error, Result};
pub use super::grant::{Grant, ScopeStatus, Target};
use super::id_token::{self, IdToken};
use super::outcome::Outcome;
use super::scope::ScopeSet;
use super::secret::Secret;
use super::transaction::{Kind, Transaction};
use super::value::{Value, required};

/// Version of the stored record.
pub const VERSION: i64 = 1;

/// A signed-in user with a grant for each audience; the first is the client's default one.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Tells this session from the ones before and after it.
    pub id: String,
    /// Who signed in; nothing without `openid`.
    pub id_token: Option<IdToken>,
    /// One for each target.
    pub grants: Vec<Grant>,
}

/// What happened to the session.
pub enum Event<'a> {
    /// The server granted something, and every check of the response passed.
    Answered {
        /// The request it answers.
        transaction: &'a Transaction,
        /// What it granted.
        grant: Box<Grant>,
        /// Who came back.
        id_token: Option<IdToken>,
        /// For a session that begins.
        id: String,
    },
    /// The user said no.
    Denied(&'a Transaction),
    /// The session ends here.
    SignedOut,
}

/// A change that an event may not make, and tokens that nobody will use.
#[derive(Debug)]
pub struct Refusal {
    /// Why.
    pub error: Error,
    /// To revoke, as far as possible.
    pub revoke: Option<Secret>,
}

/// The session after an event. On a refusal the one before stays, byte for byte.
pub fn apply(before: Option<&Session>, event: Event<'_>) -> std::result::Result<Option<Session>, Refusal> {
    match event {
        Event::SignedOut => Ok(None),
        Event::Denied(transaction) => match transaction.kind {
            Kind::Upgrade => Ok(before.cloned()),
            Kind::SignIn => Err(Refusal {
                error: Error::from_server("access_denied", None, None),
                revoke: None,
            }),
        },
        Event::Answered {
            transaction,
            grant,
            id_token,
            id,
        } => {
            let after = match (transaction.kind, before) {
                (Kind::Upgrade, Some(before)) => before.clone(),
                // A page that keeps its session in memory lost it on the way: the answer is all there is.
                (Kind::Upgrade, None) | (Kind::SignIn, _) => Session {
                    id,
                    id_token: None,
                    grants: Vec::new(),
                },
            };
            let expected = [transaction.subject.as_deref(), after.subject()];
            match same_user(expected, id_token.as_ref()) {
                Ok(()) => Ok(Some(after.with(*grant, id_token))),
                Err(error) => Err(Refusal {
                    error,
                    revoke: Some(grant.refresh_token.unwrap_or(grant.access_token)),
                }),
            }
        }
    }
}

/// An upgrade never brings another user, and a session that knows its user takes nothing from a nameless one.
fn same_user(expected: [Option<&str>; 2], id_token: Option<&IdToken>) -> Result<()> {
    if expected.iter().all(Option::is_none) {
        return Ok(());
    }
    let sub = id_token::subject(&id_token.ok_or_else(id_token::malformed)?.claims)?;
    if expected.into_iter().flatten().all(|known| known == sub) {
        return Ok(());
    }
    Err(Error::new(
        Code::SubjectMismatch,
        "Another user came back from the upgrade. The session is as it was; to change users, sign out or call signIn.",
    ))
}

impl Session {
    /// The user, as the issuer names them.
    pub fn subject(&self) -> Option<&str> {
        self.id_token
            .as_ref()
            .and_then(|token| id_token::subject(&token.claims).ok())
    }

    /// What the authorization server knows the user by, best first: Entra's own claim, e-mail address, user name.
    pub fn login_hint(&self) -> Option<&str> {
        let claims = &self.id_token.as_ref()?.claims;
        ["login_hint", "email", "preferred_username"]
            .into_iter()
            .find_map(|name| claims.get(name)?.as_str())
    }

    /// The grant for a target.
    pub fn grant(&self, target: &Target) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.target == *target)
    }

    /// What an application sees of it.
    pub fn snapshot(&self, target: &Target, persisted: bool) -> Snapshot<'_> {
        let grant = self.grant(target);
        let scopes = |of: fn(&Grant) -> ScopeSet| grant.map(of).unwrap_or_default();
        Snapshot {
            signed_in: true,
            claims: self.id_token.as_ref().map(|token| &token.claims),
            requested: scopes(|grant| grant.requested.clone()),
            granted: scopes(|grant| grant.granted.clone()),
            denied: scopes(Grant::denied),
            expires_at: grant.and_then(|grant| grant.expires_at),
            persisted,
        }
    }

    /// The outcome of a request, against the ledger as it is now.
    pub fn outcome(&self, transaction: &Transaction) -> Outcome {
        let granted = self
            .grant(&transaction.target)
            .map(|grant| grant.granted.clone())
            .unwrap_or_default();
        outcome(transaction, granted)
    }

    /// The record for storage.
    pub fn record(&self) -> Record<'_> {
        Record {
            v: VERSION,
            id: &self.id,
            id_token: self.id_token.as_ref().map(|token| token.raw.secret()),
            claims: self.id_token.as_ref().map(|token| &token.claims),
            grants: &self.grants,
        }
    }

    fn with(mut self, grant: Grant, id_token: Option<IdToken>) -> Session {
        match self.grants.iter_mut().find(|held| held.target == grant.target) {
            Some(held) => *held = grant,
            None => self.grants.push(grant),
        }
        self.id_token = id_token.or(self.id_token);
        self
    }
}

/// The outcome of a request, given what is granted now.
pub fn outcome(transaction: &Transaction, granted: ScopeSet) -> Outcome {
    let missing = transaction.requested.minus(&granted);
    Outcome::new(
        transaction.kind,
        transaction.requested.clone(),
        &transaction.wanted,
        granted,
        missing,
    )
    .returning(transaction.app_state.clone(), transaction.return_to.clone())
}

/// The session as an application sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "documented at the public type declaration")]
pub struct Snapshot<'a> {
    pub signed_in: bool,
    pub claims: Option<&'a Value>,
    pub requested: ScopeSet,
    pub granted: ScopeSet,
    pub denied: ScopeSet,
    pub expires_at: Option<i64>,
    pub persisted: bool,
}

impl Snapshot<'_> {
    /// Nobody is signed in.
    pub fn signed_out() -> Snapshot<'static> {
        let none = ScopeSet::default;
        Snapshot {
            signed_in: false,
            claims: None,
            requested: none(),
            granted: none(),
            denied: none(),
            expires_at: None,
            persisted: true,
        }
    }
}

/// The session as it is stored: one record, written at once.
#[derive(Serialize)]
#[allow(missing_docs, reason = "the members are the session's")]
pub struct Record<'a> {
    pub v: i64,
    pub id: &'a str,
    pub id_token: Option<&'a str>,
    pub claims: Option<&'a Value>,
    pub grants: &'a [Grant],
}

/// What stood in storage.
#[derive(Debug, PartialEq)]
pub enum Stored {
    /// A session.
    Session(Box<Session>),
    /// A record of a later version, which is left alone.
    Newer,
    /// Nothing that can be understood: signed out, and the record goes.
    Unsound,
}

/// Reads a stored record. Never half of one.
pub fn restore(value: &Value) -> Stored {
    match value.seconds("v") {
        Ok(Some(v)) if v > VERSION => Stored::Newer,
        Ok(Some(VERSION)) => read(value).map_or(Stored::Unsound, |session| Stored::Session(Box::new(session))),
        _ => Stored::Unsound,
    }
}

fn read(value: &Value) -> Option<Session> {
    let id_token = match (value.get("id_token")?, value.get("claims")?) {
        (Value::Null, Value::Null) => None,
        (Value::String(raw), claims) => {
            id_token::subject(claims).ok()?;
            Some(IdToken {
                raw: Secret::new(raw.clone()),
                claims: claims.clone(),
            })
        }
        _ => return None,
    };
    let grants = required(value.array("grants"))?
        .iter()
        .map(Grant::restore)
        .collect::<Option<Vec<_>>>()?;
    Some(Session {
        id: required(value.string("id"))?.to_owned(),
        id_token,
        grants,
    })
}
