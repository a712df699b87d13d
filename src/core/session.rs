//! The session: who signed in, and the ledger of grants. Every check reads the ledger; nothing else decides.
//!
//! Changes go through [`apply`]: an event and the session before it make the session after it, or a refusal that
//! leaves the one before as it was.

use super::document::Document;
use super::error::{Code, Error, Result};
pub use super::grant::{Grant, ScopeStatus, Target};
use super::id_token::{self, IdToken};
use super::pieces::{Pieces, cut};
use super::record::{Fields, Record, text_of};
use super::scope::{self, ScopeSet};
use super::secret::Secret;
use super::text::Text;
use super::transaction::{Kind, Transaction};

/// Version of the stored record.
pub const VERSION: i64 = 1;

/// A signed-in user, and a group for each audience's grant, the latest first. Kept as the record that is stored: one
/// text, to be written at once.
#[derive(Clone, PartialEq, Eq)]
pub struct Session(Text);

/// What happened: the server granted something, and every check of its answer passed.
pub struct Event<'a> {
    /// The authorization request that it answers; nothing with a refresh.
    pub transaction: Option<&'a Transaction>,
    /// What it granted: [`grant::record`](super::grant::record).
    pub grant: Record,
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
    let latest = Grant(grant.fields());
    // A page that keeps its session in memory lost it on the way: the answer is all there is.
    let before = before.filter(|_| transaction.is_none_or(|transaction| transaction.kind() == Kind::Upgrade));
    let known = [
        transaction.and_then(Transaction::subject),
        before.and_then(Session::subject),
    ];
    // A refresh need not bring an ID token (OpenID Connect Core §12.2).
    let is_same = transaction.is_none() && id_token.is_none();
    if let Err(error) = if is_same {
        Ok(())
    } else {
        same_user(known, id_token.as_ref())
    } {
        let unused = latest.refresh_token().unwrap_or(latest.access_token());
        return Err(Refusal {
            error,
            unused: Secret::new(unused),
        });
    }
    let mut record = Record::default();
    record.put("id", before.map_or(&id, Session::id));
    let old = before.map_or("", Session::to_record);
    // Without one there was none before either, but for a refresh: a user who is known must be proved again.
    if let Some(token) = &id_token {
        record.put("id_token", token.raw.secret());
        record.put("claims", &token.json);
        record.some("sub", id_token::subject(&token.claims).ok());
        record.some("login_hint", login_hint(&token.claims));
    } else if transaction.is_none() {
        record.copy(Fields(old).head(), "id_token claims sub login_hint");
    }
    // What the user was asked for and did not give is remembered for as long as the session lives.
    for member in Fields(old).head().members() {
        record.some("refused", text_of(member, "refused"));
    }
    let missing = scope::minus(transaction.map_or("", Transaction::requested), latest.granted());
    let is_known = |scope| before.is_some_and(|before| before.is_refused(&latest.target(), scope));
    if !scope::tokens(&missing).all(is_known) {
        record.put("refused", &refusal(&latest.target(), &missing));
    }
    record.group(grant.fields().0);
    for group in Fields(old).groups() {
        if Grant::of(group).is_some_and(|held| !held.is_for(&latest.target())) {
            record.group(group);
        }
    }
    record.group("");
    Ok(Session(record.sealed(VERSION)))
}

/// Some scopes of a target, as they are remembered.
fn refusal(target: &Target, scopes: &str) -> Text {
    Text::of(&[target.as_str(), "|", scopes])
}

/// An upgrade never brings another user, and a session that knows its user takes nothing from a nameless one.
fn same_user(expected: [Option<&str>; 2], id_token: Option<&IdToken>) -> Result<()> {
    for known in expected.into_iter().flatten() {
        if id_token::subject(&id_token.ok_or_else(id_token::malformed)?.claims)? != known {
            return Err(Error::new(Code::SubjectMismatch));
        }
    }
    Ok(())
}

/// What the authorization server knows the user by, best first: Entra's own claim, e-mail address, user name.
fn login_hint(claims: &Document) -> Option<&str> {
    ["login_hint", "email", "preferred_username"]
        .into_iter()
        .find_map(|name| claims.string(name))
}

impl Session {
    /// Tells this session from the ones before and after it.
    pub fn id(&self) -> &str {
        self.head().text_or_empty("id")
    }

    /// The user, as the issuer names them.
    pub fn subject(&self) -> Option<&str> {
        self.head().text("sub")
    }

    /// For `login_hint` of further requests.
    pub fn login_hint(&self) -> Option<&str> {
        self.head().text("login_hint")
    }

    /// The ID token as it came; nothing without `openid`.
    pub fn id_token(&self) -> Option<&str> {
        self.head().text("id_token")
    }

    /// The ID token's claims as JSON text.
    pub fn claims(&self) -> Option<&str> {
        self.head().text("claims")
    }

    /// All grants, the latest first.
    pub fn grants(&self) -> impl Iterator<Item = Grant<'_>> {
        self.groups().filter_map(Grant::of)
    }

    /// The grant for a target.
    pub fn grant(&self, target: &Target) -> Option<Grant<'_>> {
        self.grants().find(|grant| grant.is_for(target))
    }

    /// The session after a no: the same, and the no is remembered.
    pub fn refused(&self, target: &Target, scopes: &str) -> Session {
        if scope::tokens(scopes).all(|scope| self.is_refused(target, scope)) {
            return self.clone();
        }
        let head = self.head().0;
        let mut record = Record::default();
        record.append(head);
        record.put("refused", &refusal(target, scopes));
        record.append(self.0.strip_prefix(head).unwrap_or_default());
        Session(record.into_text())
    }

    /// The session with a note on a grant: that its refresh token was `sent`, sent `again`, or the server `asked` silently for
    /// another, at some time in milliseconds since the epoch. Without a time, all notes go.
    pub fn noted(&self, target: &Target, name: &str, at: Option<i64>) -> Session {
        let mut record = Record::default();
        record.append(self.head().0);
        for group in self.groups().skip(1) {
            record.group("");
            let grant = Grant::of(group).filter(|grant| grant.is_for(target));
            for member in Fields(group).members() {
                let is_older = text_of(member, name).is_some();
                let is_note = ["sent", "again", "asked"]
                    .iter()
                    .any(|note| text_of(member, note).is_some());
                if grant.is_none() || !is_older && (at.is_some() || !is_note) {
                    record.append(&Text::of(&["\x1e", member]));
                }
            }
            if grant.is_some() {
                record.number(name, at);
            }
        }
        Session(record.into_text())
    }

    /// What the user was asked for in this session, and did not give then.
    pub fn refusals(&self, target: &Target) -> ScopeSet {
        let mut all = ScopeSet::default();
        for member in self.head().members() {
            if let Some((held, scopes)) = text_of(member, "refused").and_then(|text| cut(text, b'|'))
                && held == target.as_str()
            {
                all = all.union(scopes);
            }
        }
        all
    }

    /// Whether a scope is among those.
    pub fn is_refused(&self, target: &Target, scope: &str) -> bool {
        self.refusals(target).contains(scope)
    }

    /// What an application sees of it, the claims as JSON text.
    pub fn snapshot(&self, target: &Target) -> Record {
        let mut record = Record::default();
        record.some("claims", self.claims());
        if let Some(grant) = self.grant(target) {
            record.put("requested", grant.requested());
            record.put("granted", grant.granted());
            record.put("denied", &grant.denied());
            record.number("expiresAt", grant.expires_at());
        }
        record
    }

    /// The scopes granted for a target.
    pub fn granted(&self, target: &Target) -> &str {
        self.grant(target).map(Grant::granted).unwrap_or_default()
    }

    /// The text to store: one record, to be written at once.
    pub fn to_record(&self) -> &str {
        &self.0
    }

    fn is_sound(&self, json: fn(&str) -> Option<Document>) -> bool {
        let is_user_sound = match self.claims() {
            None => self.id_token().or(self.subject()).is_none(),
            Some(claims) => {
                let sub = json(claims).and_then(|claims| id_token::subject(&claims).ok().map(Text::from));
                sub.is_some() && sub.as_deref() == self.subject() && self.id_token().is_some_and(|raw| !raw.is_empty())
            }
        };
        is_user_sound && !self.id().is_empty() && self.grants().all(Grant::is_sound)
    }

    /// The head, the grants, and a last one with the version.
    fn groups(&self) -> Pieces<'_> {
        Fields(&self.0).groups()
    }

    fn head(&self) -> Fields<'_> {
        Fields(&self.0).head()
    }
}

/// Not what it holds: tokens, and a person's data.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What stood in storage.
#[derive(Debug, PartialEq)]
pub enum Stored {
    /// A session.
    Session(Session),
    /// A record of a later version, which is left alone.
    Newer,
    /// Nothing that can be understood: signed out, and the record goes.
    Unsound,
}

/// Reads a stored text. Never half of one. `json` is the host's parser, for the claims.
pub fn restore(text: Text, json: fn(&str) -> Option<Document>) -> Stored {
    let session = Session(text);
    match Fields(&session.0).number("v").flatten() {
        Some(v) if v > VERSION => Stored::Newer,
        Some(VERSION) if session.is_sound(json) => Stored::Session(session),
        _ => Stored::Unsound,
    }
}
