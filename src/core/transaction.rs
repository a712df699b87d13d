//! What is remembered between an authorization request and its answer, one record per `state`.

use serde::Serialize;

use super::error::{Code, Error};
use super::outcome::Outcome;
use super::scope::ScopeSet;
use super::secret::{Secret, reveal, reveal_some};
use super::session::Target;
use super::value::{Value, required};

/// How long a user may take, seconds.
pub const LIFETIME: i64 = 3600;
/// How many are kept; the oldest goes first.
pub const MOST: usize = 16;
/// Version of the record.
pub const VERSION: i64 = 1;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A session begins, or another one replaces it.
    SignIn,
    /// More scopes, or a stronger authentication, for the session that is there.
    Upgrade,
}

impl Kind {
    pub(crate) fn parse(text: &str) -> Option<Kind> {
        match text {
            "sign-in" => Some(Kind::SignIn),
            "upgrade" => Some(Kind::Upgrade),
            _ => None,
        }
    }
}

/// The part of the URL that carries the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// `response_mode=query`, the code flow's default.
    Query,
    /// `response_mode=fragment`.
    Fragment,
}

/// A request under way. The `state` is its key, not its content.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transaction {
    /// What it is for.
    pub kind: Kind,
    /// Sent with `openid`, expected in the ID token.
    #[serde(serialize_with = "reveal_some")]
    pub nonce: Option<Secret>,
    /// PKCE.
    #[serde(serialize_with = "reveal")]
    pub verifier: Secret,
    /// As sent: the token request repeats it (RFC 6749 §4.1.3).
    pub redirect_uri: String,
    /// Scopes as sent.
    pub requested: ScopeSet,
    /// Those that an upgrade is after.
    pub wanted: ScopeSet,
    /// The user that must come back.
    pub subject: Option<String>,
    /// The audience and resources asked for.
    pub target: Target,
    /// The application's JSON text.
    pub app_state: Option<String>,
    /// Where the application wants its user.
    pub return_to: String,
    /// Where the answer is expected.
    pub mode: Mode,
    /// The server promised `iss` in its answer.
    pub expects_issuer: bool,
    /// As sent.
    pub acr_values: Option<String>,
    /// As sent, seconds.
    pub max_age: Option<u32>,
    /// Seconds since the epoch.
    pub created_at: i64,
}

/// What may stand under a `state`.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Waiting for its answer.
    Pending(Box<Transaction>),
    /// The code is on its way; if nobody finishes, it was lost.
    InFlight {
        /// When the request was built.
        created_at: i64,
    },
    /// Answered. The outcome is there while the session that it made may live.
    Done {
        /// When the request was built.
        created_at: i64,
        /// What the application was told, and the session it belongs to; nothing after a failure.
        result: Option<(Outcome, String)>,
    },
}

#[derive(Serialize)]
struct Record<'a> {
    v: i64,
    status: &'static str,
    created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<&'a Transaction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
}

impl Serialize for Entry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let result = match self {
            Entry::Done { result, .. } => result.as_ref(),
            _ => None,
        };
        let record = Record {
            v: VERSION,
            status: match self {
                Entry::Pending(_) => "pending",
                Entry::InFlight { .. } => "in-flight",
                Entry::Done { .. } => "done",
            },
            created_at: self.created_at(),
            transaction: match self {
                Entry::Pending(transaction) => Some(transaction),
                _ => None,
            },
            outcome: result.map(|(outcome, _)| outcome),
            session: result.map(|(_, session)| session.as_str()),
        };
        record.serialize(serializer)
    }
}

impl Entry {
    /// Reads a record; anything unsound is as if it were not there.
    pub fn parse(value: &Value) -> Option<Entry> {
        if required(value.seconds("v"))? != VERSION {
            return None;
        }
        let created_at = required(value.seconds("created_at"))?;
        match required(value.string("status"))? {
            "pending" => Some(Entry::Pending(Box::new(Transaction::parse(value.get("transaction")?)?))),
            "in-flight" => Some(Entry::InFlight { created_at }),
            "done" => {
                let outcome = value.get("outcome").and_then(Outcome::parse);
                let session = value.string("session").ok()?.map(str::to_owned);
                Some(Entry::Done {
                    created_at,
                    result: outcome.zip(session),
                })
            }
            _ => None,
        }
    }

    /// When the request was built, seconds since the epoch.
    pub fn created_at(&self) -> i64 {
        match self {
            Entry::Pending(transaction) => transaction.created_at,
            Entry::InFlight { created_at } | Entry::Done { created_at, .. } => *created_at,
        }
    }

    /// Too old, or from a clock too far ahead to be believed.
    pub fn is_expired(&self, now: i64) -> bool {
        now.saturating_sub(self.created_at()).saturating_abs() > LIFETIME
    }
}

impl Transaction {
    fn parse(value: &Value) -> Option<Transaction> {
        let text = |name| Some(required(value.string(name))?.to_owned());
        let optional = |name| optional(value, name);
        let scopes = |name| Some(ScopeSet::answered(&required(value.strings(name))?.join(" ")));
        Some(Transaction {
            kind: Kind::parse(&text("kind")?)?,
            nonce: optional("nonce")?.map(Secret::new),
            verifier: Secret::new(text("verifier")?),
            redirect_uri: text("redirect_uri")?,
            requested: scopes("requested")?,
            wanted: scopes("wanted")?,
            subject: optional("subject")?,
            target: Target::restore(value.get("target")?)?,
            app_state: optional("app_state")?,
            return_to: text("return_to")?,
            mode: match text("mode")?.as_str() {
                "query" => Mode::Query,
                "fragment" => Mode::Fragment,
                _ => return None,
            },
            expects_issuer: required(value.boolean("expects_issuer"))?,
            acr_values: optional("acr_values")?,
            max_age: match value.get("max_age")? {
                Value::Null => None,
                seconds => Some(u32::try_from(seconds.as_seconds()?).ok()?),
            },
            created_at: required(value.seconds("created_at"))?,
        })
    }
}

/// A string or null of a stored record; `None` where it is neither.
pub(crate) fn optional(value: &Value, name: &'static str) -> Option<Option<String>> {
    match value.get(name)? {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.clone())),
        _ => None,
    }
}

/// The failure for a `state` that nothing was started with.
pub fn missing() -> Error {
    Error::new(
        Code::TransactionMissing,
        "No sign-in with this state was started here. It may come from another tab, another browser or a stranger: start the sign-in again.",
    )
}

/// The failure for an answer that came too late.
pub fn expired() -> Error {
    Error::new(
        Code::TransactionExpired,
        "The sign-in took more than an hour. Start it again.",
    )
}

/// The failure for an answer that was handled before, and whose session is gone.
pub fn consumed() -> Error {
    Error::new(
        Code::CallbackConsumed,
        "This authorization response was handled before. Start the sign-in again if there is no session.",
    )
}
