//! The session: who signed in, and the ledger of grants. Every check reads the ledger; nothing else decides.
//!
//! Changes go through [`apply`]: an event and the session before it make the session after it, or a refusal that
//! leaves the one before as it was.

use std::rc::Rc;

use super::document::Document;
use super::error::{Code, Error, Result};
use super::form::{Fields, Form};
pub use super::grant::{Grant, ScopeStatus, Target};
use super::id_token::{self, IdToken};
use super::scope::ScopeSet;
use super::secret::Secret;
use super::text::Text;
use super::transaction::{Kind, Transaction};

/// Version of the stored record.
pub const VERSION: i64 = 1;

/// A signed-in user with a grant for each audience; the first is the client's default one.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Tells this session from the ones before and after it.
    pub id: Text,
    /// Who signed in; nothing without `openid`.
    pub id_token: Option<IdToken>,
    /// One for each target, the latest first.
    pub grants: Vec<Rc<Grant>>,
}

/// What happened: the server granted something, and every check of its answer passed.
pub struct Event<'a> {
    /// The request that it answers.
    pub transaction: &'a Transaction,
    /// What it granted.
    pub grant: Grant,
    /// Who came back.
    pub id_token: Option<IdToken>,
    /// For a session that begins.
    pub id: Text,
}

/// A change that an event may not make, and the token that nobody will use.
#[derive(Debug)]
pub struct Refusal {
    /// Why.
    pub error: Error,
    /// To revoke, as far as possible.
    pub unused: Secret,
}

/// The session after an event. On a refusal the one before stays, byte for byte.
pub fn apply(before: Option<&Session>, event: Event<'_>) -> std::result::Result<Session, Refusal> {
    let Event {
        transaction,
        grant,
        id_token,
        id,
    } = event;
    let after = match (transaction.kind(), before) {
        (Kind::Upgrade, Some(before)) => before.clone(),
        // A page that keeps its session in memory lost it on the way: the answer is all there is.
        _ => Session {
            id,
            id_token: None,
            grants: Vec::new(),
        },
    };
    match same_user([transaction.subject(), after.subject()], id_token.as_ref()) {
        Ok(()) => Ok(after.with(grant, id_token)),
        Err(error) => Err(Refusal {
            error,
            unused: grant.refresh_token.unwrap_or(grant.access_token),
        }),
    }
}

/// An upgrade never brings another user, and a session that knows its user takes nothing from a nameless one.
fn same_user(expected: [Option<Text>; 2], id_token: Option<&IdToken>) -> Result<()> {
    for known in expected.iter().flatten() {
        if id_token::subject(&id_token.ok_or_else(id_token::malformed)?.claims)? != *known {
            return Err(Error::new(Code::SubjectMismatch));
        }
    }
    Ok(())
}

impl Session {
    /// The user, as the issuer names them.
    pub fn subject(&self) -> Option<Text> {
        self.id_token
            .as_ref()
            .and_then(|token| id_token::subject(&token.claims).ok())
    }

    /// What the authorization server knows the user by, best first: Entra's own claim, e-mail address, user name.
    pub fn login_hint(&self) -> Option<Text> {
        let claims = &self.id_token.as_ref()?.claims;
        ["login_hint", "email", "preferred_username"]
            .into_iter()
            .find_map(|name| claims.string(name))
    }

    /// The grant for a target.
    pub fn grant(&self, target: &Target) -> Option<&Grant> {
        self.grants
            .iter()
            .find(|grant| grant.target == *target)
            .map(|grant| &**grant)
    }

    /// What an application sees of it, the claims as JSON text.
    pub fn snapshot(&self, target: &Target) -> Form {
        let mut form = Form::default();
        if let Some((_, claims)) = self
            .id_token
            .as_ref()
            .and_then(|token| id_token::decode(token.raw.secret()).ok())
        {
            form.put("claims", &claims);
        }
        if let Some(grant) = self.grant(target) {
            form.put("requested", grant.requested.as_str());
            form.put("granted", grant.granted.as_str());
            form.put("denied", grant.denied().as_str());
            form.number("expiresAt", grant.expires_at);
        }
        form
    }

    /// The scopes granted for a target.
    pub fn granted(&self, target: &Target) -> ScopeSet {
        self.grant(target)
            .map(|grant| grant.granted.clone())
            .unwrap_or_default()
    }

    /// The text to store: one record, to be written at once.
    pub fn to_record(&self) -> Text {
        let mut record = Form::default();
        record.put("id", &self.id);
        record.some("id_token", self.id_token.as_ref().map(|token| token.raw.secret()));
        for grant in &self.grants {
            record.put("grant", &grant.to_record());
        }
        record.sealed(VERSION)
    }

    fn with(mut self, grant: Grant, id_token: Option<IdToken>) -> Session {
        let mut grants = vec![Rc::new(grant)];
        for held in &self.grants {
            if grants.iter().all(|grant| grant.target != held.target) {
                grants.push(held.clone());
            }
        }
        self.grants = grants;
        self.id_token = id_token.or(self.id_token);
        self
    }
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

/// Reads a stored text. Never half of one. `json` is the host's parser, for the claims.
pub fn restore(text: &str, json: fn(&str) -> Option<Document>) -> Stored {
    let record = Fields(text);
    match record.number("v").flatten() {
        Some(v) if v > VERSION => Stored::Newer,
        Some(VERSION) => read(record, json).map_or(Stored::Unsound, |session| Stored::Session(Box::new(session))),
        _ => Stored::Unsound,
    }
}

fn read(record: Fields<'_>, json: fn(&str) -> Option<Document>) -> Option<Session> {
    let id_token = match record.text("id_token") {
        None => None,
        Some(raw) => {
            let claims = json(&id_token::decode(&raw).ok()?.1)?;
            id_token::subject(&claims).ok()?;
            Some(IdToken {
                raw: Secret::new(raw),
                claims,
            })
        }
    };
    let mut grants = Vec::new();
    for grant in record.all("grant") {
        grants.push(Rc::new(Grant::restore(&grant)?));
    }
    Some(Session {
        id: record.text("id")?,
        id_token,
        grants,
    })
}
