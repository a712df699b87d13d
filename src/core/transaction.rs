//! What is remembered between an authorization request and its answer, one record per `state`.

use super::error::{Code, Error};
use super::grant::Target;
use super::outcome::Outcome;
use super::record::{Fields, Record};
use super::text::Text;

/// How long a user may take, seconds.
pub const LIFETIME: i64 = 3600;
/// How many are kept; the oldest goes first.
pub const MOST: usize = 16;
/// Version of the record.
pub const VERSION: i64 = 1;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session begins, or another one replaces it.
    SignIn,
    /// More scopes, or a stronger authentication, for the session that is there.
    Upgrade,
}

impl Kind {
    /// As applications see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::SignIn => "sign-in",
            Kind::Upgrade => "upgrade",
        }
    }
}

/// The part of the URL that carries the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `response_mode=query`, the code flow's default.
    Query,
    /// `response_mode=fragment`.
    Fragment,
}

/// What stands under a `state`: a request waiting for its answer, one whose code is on its way, or what it came to.
/// Kept as the record that is stored. The `state` is its key, not its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Transaction(Text);

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waiting for its answer.
    Pending,
    /// The code is on its way; if nobody finishes, its answer was lost.
    InFlight,
    /// Answered.
    Done,
}

impl Transaction {
    /// Takes the record of a new request; `authorize` writes it.
    pub(crate) fn new(mut record: Record, now: i64) -> Transaction {
        record.number("created_at", Some(now));
        Transaction(record.sealed(VERSION))
    }

    /// Reads a stored text; anything unsound is as if it were not there.
    pub fn parse(text: Text) -> Option<Transaction> {
        let transaction = Transaction(text);
        let fields = transaction.fields();
        let is_sound = fields.number("v") == Some(Some(VERSION))
            && fields.number("created_at")?.is_some()
            && fields.number("max_age").is_some()
            && (transaction.status() != Status::Pending || !transaction.verifier().is_empty());
        is_sound.then_some(transaction)
    }

    /// The same while its code is on its way: nothing is left that could be sent again.
    pub fn in_flight(&self) -> Transaction {
        self.tombstone("in-flight", None)
    }

    /// The same when it is over. The outcome, never the code, is there for as long as the session that it made lives.
    pub fn done(&self, result: Option<(&Outcome, &str)>) -> Transaction {
        self.tombstone("done", result)
    }

    /// How far it is.
    pub fn status(&self) -> Status {
        match self.fields().text("status") {
            None => Status::Pending,
            Some("in-flight") => Status::InFlight,
            Some(_) => Status::Done,
        }
    }

    /// What it came to, and the session that it belongs to.
    pub fn result(&self) -> Option<(Outcome, &str)> {
        Some((Outcome::restored(self.0.clone()), self.fields().text("session")?))
    }

    /// What the request is for.
    pub fn kind(&self) -> Kind {
        if self.fields().has("upgrade") {
            Kind::Upgrade
        } else {
            Kind::SignIn
        }
    }

    /// Where the answer is expected.
    pub fn mode(&self) -> Mode {
        if self.text("response_mode") == "fragment" {
            Mode::Fragment
        } else {
            Mode::Query
        }
    }

    /// The answer comes to a window or frame of its own.
    pub fn is_in_window(&self) -> bool {
        self.fields().has("window")
    }

    /// The server promised `iss` in its answer.
    pub fn expects_issuer(&self) -> bool {
        self.fields().has("expects_issuer")
    }

    /// Sent with `openid`, expected in the ID token.
    pub fn nonce(&self) -> Option<&str> {
        self.fields().text("nonce")
    }

    /// PKCE.
    pub fn verifier(&self) -> &str {
        self.text("code_verifier")
    }

    /// As sent: the token request repeats it (RFC 6749 §4.1.3).
    pub fn redirect_uri(&self) -> &str {
        self.text("redirect_uri")
    }

    /// Scopes as sent.
    pub fn requested(&self) -> &str {
        self.text("scope")
    }

    /// Those that an upgrade is after.
    pub fn wanted(&self) -> &str {
        self.text("wanted")
    }

    /// The user that must come back.
    pub fn subject(&self) -> Option<&str> {
        self.fields().text("subject")
    }

    /// The audience and resources asked for.
    pub fn target(&self) -> Target {
        Target::restored(self.fields())
    }

    /// The application's JSON text.
    pub fn app_state(&self) -> Option<&str> {
        self.fields().text("app_state")
    }

    /// Where the application wants its user.
    pub fn return_to(&self) -> &str {
        self.text("return_to")
    }

    /// As sent.
    pub fn acr_values(&self) -> Option<&str> {
        self.fields().text("acr_values")
    }

    /// As sent, seconds.
    pub fn max_age(&self) -> Option<i64> {
        self.fields().number("max_age").flatten()
    }

    /// When the request was built, seconds since the epoch.
    pub fn created_at(&self) -> i64 {
        self.fields().number("created_at").flatten().unwrap_or_default()
    }

    /// Too old, or from a clock too far ahead to be believed.
    pub fn is_expired(&self, now: i64) -> bool {
        now.saturating_sub(self.created_at()).saturating_abs() > LIFETIME
    }

    /// The text to store.
    pub fn to_record(&self) -> &str {
        &self.0
    }

    fn tombstone(&self, status: &str, result: Option<(&Outcome, &str)>) -> Transaction {
        let mut record = Record::default();
        record.copy(self.fields(), "target");
        record.put("status", status);
        if let Some((outcome, session)) = result {
            record.append(outcome.as_str());
            record.put("session", session);
        }
        Transaction::new(record, self.created_at())
    }

    fn fields(&self) -> Fields<'_> {
        Fields(&self.0)
    }

    fn text(&self, name: &str) -> &str {
        self.fields().text_or_empty(name)
    }
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transaction({:?})", self.status())
    }
}

/// The failure for a `state` that nothing was started with.
pub fn missing() -> Error {
    Error::new(Code::TransactionMissing)
}

/// The failure for an answer that came too late.
pub fn expired() -> Error {
    Error::new(Code::TransactionExpired)
}

/// The failure for an answer that was handled before, and whose session is gone.
pub fn consumed() -> Error {
    Error::new(Code::CallbackConsumed)
}
