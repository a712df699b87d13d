//! What is remembered between an authorization request and its response, one record for each `state`.

use super::{Outcome, OutcomeStatus};
use crate::core::reader::{Reader, Wrong};
use crate::core::scope::ScopeSet;
use crate::core::secret::{CodeVerifier, Nonce};
use crate::core::target::Target;
use crate::core::value::Value;

/// How long a user may take, seconds.
pub const LIFETIME: i64 = 3600;
/// How many are kept; the oldest goes first.
pub(crate) const MAX_TRANSACTIONS: usize = 16;
/// Version of the stored record.
const VERSION: i64 = 2;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// A session begins, or another one replaces it.
    SignIn,
    /// More scopes, or a stronger authentication, for the session that is there.
    Upgrade,
}

impl RequestKind {
    /// As applications see it.
    pub fn as_str(self) -> &'static str {
        match self {
            RequestKind::SignIn => "sign-in",
            RequestKind::Upgrade => "upgrade",
        }
    }
}

/// The part of the URL that carries the response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// `response_mode=query`, the code flow's default.
    #[default]
    Query,
    /// `response_mode=fragment`.
    Fragment,
}

/// A request that waits for its response.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingRequest {
    /// What it is for.
    pub kind: RequestKind,
    /// When it was built, seconds since the epoch.
    pub created_at: i64,
    /// PKCE.
    pub code_verifier: CodeVerifier,
    /// Sent with `openid`, expected in the ID token.
    pub nonce: Option<Nonce>,
    /// As sent: the token request repeats it (RFC 6749 §4.1.3).
    pub redirect_uri: String,
    /// The scopes that the answer is to grant, those held before included.
    pub requested: ScopeSet,
    /// Of these, the ones that are not there yet.
    pub wanted: ScopeSet,
    /// The user that must come back.
    pub subject: Option<String>,
    /// The audience and resources asked for.
    pub target: Target,
    /// Where the response is expected.
    pub response_mode: ResponseMode,
    /// The server promised `iss` in its response.
    pub expects_issuer: bool,
    /// The response comes to a window or frame of its own.
    pub in_window: bool,
    /// As sent.
    pub acr_values: Option<String>,
    /// As sent, seconds.
    pub max_age: Option<i64>,
    /// The application's JSON text.
    pub app_state: Option<String>,
    /// Where the application wants its user.
    pub return_to: String,
}

impl PendingRequest {
    /// Too old, or from a clock too far ahead to be believed.
    pub fn is_expired(&self, now: i64) -> bool {
        is_expired(self.created_at, now)
    }
}

/// What stands under a `state`. The `state` is its key, not its content.
#[derive(Clone, Debug, PartialEq)]
pub enum Transaction {
    /// Waiting for the response.
    Pending(Box<PendingRequest>),
    /// The code is on its way. Nothing is left that could be sent again; if nobody finishes, its answer was lost.
    Exchanging {
        /// When the request was built, seconds since the epoch.
        created_at: i64,
    },
    /// Answered.
    Done {
        /// When the request was built, seconds since the epoch.
        created_at: i64,
        /// What it came to; nothing where it failed.
        result: Option<TransactionResult>,
    },
}

/// What a response came to, for as long as the session that it made lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionResult {
    /// For the application.
    pub outcome: Outcome,
    /// The session's id.
    pub session_id: String,
}

impl Transaction {
    /// When the request was built, seconds since the epoch.
    pub fn created_at(&self) -> i64 {
        match self {
            Transaction::Pending(request) => request.created_at,
            Transaction::Exchanging { created_at } | Transaction::Done { created_at, .. } => *created_at,
        }
    }

    /// Too old, or from a clock too far ahead to be believed.
    pub fn is_expired(&self, now: i64) -> bool {
        is_expired(self.created_at(), now)
    }

    /// Whether a response is expected in this part of the URL; after it was answered, in any.
    pub fn expects(&self, mode: ResponseMode) -> bool {
        match self {
            Transaction::Pending(request) => request.response_mode == mode,
            _ => true,
        }
    }

    /// The record to store.
    pub fn to_value(&self) -> Value {
        match self {
            Transaction::Pending(request) => request.to_value(),
            Transaction::Exchanging { created_at } => record("exchanging", *created_at, []),
            Transaction::Done { created_at, result } => {
                let outcome = result.as_ref().map(|result| result.outcome.to_value());
                let session = result.as_ref().map(|result| result.session_id.as_str());
                record(
                    "done",
                    *created_at,
                    [("outcome", outcome.into()), ("session", session.into())],
                )
            }
        }
    }

    /// Reads a stored record; anything unsound is as if it were not there.
    pub fn from_value(value: &Value) -> Option<Transaction> {
        let mut reader = Reader::new(value)?;
        read(&mut reader).ok().flatten()
    }
}

/// A record with its version and what every one has.
fn record<const N: usize>(status: &str, created_at: i64, members: [(&str, Value); N]) -> Value {
    let mut all = vec![
        ("v".to_owned(), VERSION.into()),
        ("status".to_owned(), status.into()),
        ("created_at".to_owned(), created_at.into()),
    ];
    all.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(all)
}

fn read(reader: &mut Reader<'_>) -> Result<Option<Transaction>, Wrong> {
    if reader.required::<i64>("v")? != VERSION {
        return Ok(None);
    }
    let created_at = reader.required("created_at")?;
    Ok(match reader.required::<String>("status")?.as_str() {
        "pending" => PendingRequest::read(reader, created_at)?.map(|request| Transaction::Pending(Box::new(request))),
        "exchanging" => Some(Transaction::Exchanging { created_at }),
        "done" => {
            let session_id = reader.nullable::<String>("session")?;
            let outcome = reader.value("outcome").and_then(Outcome::from_value);
            let result = outcome.zip(session_id);
            let result = result.map(|(outcome, session_id)| TransactionResult { outcome, session_id });
            Some(Transaction::Done { created_at, result })
        }
        _ => None,
    })
}

impl PendingRequest {
    fn to_value(&self) -> Value {
        record(
            "pending",
            self.created_at,
            [
                ("kind", self.kind.as_str().into()),
                ("code_verifier", self.code_verifier.secret().into()),
                ("nonce", self.nonce.as_ref().map(Nonce::secret).into()),
                ("redirect_uri", self.redirect_uri.as_str().into()),
                ("requested", self.requested.to_strings().into()),
                ("wanted", self.wanted.to_strings().into()),
                ("subject", self.subject.as_deref().into()),
                ("target", self.target.to_value()),
                ("fragment", (self.response_mode == ResponseMode::Fragment).into()),
                ("expects_issuer", self.expects_issuer.into()),
                ("in_window", self.in_window.into()),
                ("acr_values", self.acr_values.as_deref().into()),
                ("max_age", self.max_age.into()),
                ("app_state", self.app_state.as_deref().into()),
                ("return_to", self.return_to.as_str().into()),
            ],
        )
    }

    fn read(reader: &mut Reader<'_>, created_at: i64) -> Result<Option<PendingRequest>, Wrong> {
        let Some(kind) = RequestKind::from_name(&reader.required::<String>("kind")?) else {
            return Ok(None);
        };
        let code_verifier: String = reader.required("code_verifier")?;
        let target = reader.value("target").and_then(Target::from_value);
        let Some(target) = target.filter(|_| !code_verifier.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(PendingRequest {
            kind,
            created_at,
            code_verifier: CodeVerifier::new(code_verifier),
            nonce: reader.nullable::<String>("nonce")?.map(Nonce::new),
            redirect_uri: reader.required("redirect_uri")?,
            requested: reader.required("requested")?,
            wanted: reader.required("wanted")?,
            subject: reader.nullable("subject")?,
            target,
            response_mode: if reader.required("fragment")? {
                ResponseMode::Fragment
            } else {
                ResponseMode::Query
            },
            expects_issuer: reader.required("expects_issuer")?,
            in_window: reader.required("in_window")?,
            acr_values: reader.nullable("acr_values")?,
            max_age: reader.nullable("max_age")?,
            app_state: reader.nullable("app_state")?,
            return_to: reader.required("return_to")?,
        }))
    }
}

impl RequestKind {
    fn from_name(name: &str) -> Option<RequestKind> {
        [RequestKind::SignIn, RequestKind::Upgrade]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

impl Outcome {
    fn to_value(&self) -> Value {
        Value::object([
            ("kind", self.kind.as_str().into()),
            ("status", self.status.as_str().into()),
            ("requested", self.requested.to_strings().into()),
            ("granted", self.granted.to_strings().into()),
            ("missing", self.missing.to_strings().into()),
            ("app_state", self.app_state.as_deref().into()),
            ("return_to", self.return_to.as_str().into()),
        ])
    }

    fn from_value(value: &Value) -> Option<Outcome> {
        let mut reader = Reader::new(value)?;
        let status: String = reader.required("status").ok()?;
        let statuses = [OutcomeStatus::Granted, OutcomeStatus::Partial, OutcomeStatus::Denied];
        Some(Outcome {
            kind: RequestKind::from_name(&reader.required::<String>("kind").ok()?)?,
            status: statuses.into_iter().find(|known| known.as_str() == status)?,
            requested: reader.required("requested").ok()?,
            granted: reader.required("granted").ok()?,
            missing: reader.required("missing").ok()?,
            app_state: reader.nullable("app_state").ok()?,
            return_to: reader.required("return_to").ok()?,
        })
    }
}

fn is_expired(created_at: i64, now: i64) -> bool {
    now.saturating_sub(created_at).saturating_abs() > LIFETIME
}
