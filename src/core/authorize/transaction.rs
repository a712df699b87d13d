//! What is remembered between an authorization request and its response, one record for each `state`.

use super::{Outcome, OutcomeStatus};
use crate::core::error::Error;
use crate::core::reader::{FromValue, RecordReader};
use crate::core::scope::ScopeSet;
use crate::core::secret::{CodeVerifier, Nonce};
use crate::core::target::Target;
use crate::core::value::{Members, Value};

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
    /// An error gives the application back what it gave to the request.
    pub fn failed(&self, error: Error) -> Error {
        error.in_request(self.app_state.as_deref(), &self.return_to)
    }

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
        let mut record = Members::default();
        record.put("v", VERSION);
        record.put("created_at", self.created_at());
        match self {
            Transaction::Pending(request) => {
                record.put("status", "pending");
                request.write(&mut record);
            }
            Transaction::Exchanging { .. } => record.put("status", "exchanging"),
            Transaction::Done { result, .. } => {
                record.put("status", "done");
                record.put("outcome", result.as_ref().map(|result| result.outcome.to_value()));
                record.put("session", result.as_ref().map(|result| result.session_id.as_str()));
            }
        }
        record.into()
    }

    /// Reads a stored record; anything unsound is as if it were not there.
    pub fn from_value(value: &Value) -> Option<Transaction> {
        let mut record = RecordReader::new(value)?;
        let version: i64 = record.required("v");
        let created_at = record.required("created_at");
        let status: String = record.required("status");
        let transaction = match status.as_str() {
            "pending" => Transaction::Pending(Box::new(PendingRequest::read(&mut record, created_at)?)),
            "exchanging" => Transaction::Exchanging { created_at },
            "done" => {
                let result = record.optional("outcome").zip(record.optional("session"));
                let result = result.map(|(outcome, session_id)| TransactionResult { outcome, session_id });
                Transaction::Done { created_at, result }
            }
            _ => return None,
        };
        record.sound(transaction).filter(|_| version == VERSION)
    }
}

impl PendingRequest {
    fn write(&self, record: &mut Members) {
        record.put("kind", self.kind.as_str());
        record.put("code_verifier", self.code_verifier.secret());
        record.put("nonce", self.nonce.as_ref().map(Nonce::secret));
        record.put("redirect_uri", self.redirect_uri.as_str());
        record.put("requested", self.requested.to_value());
        record.put("wanted", self.wanted.to_value());
        record.put("subject", self.subject.as_deref());
        record.put("target", self.target.to_value());
        record.put("fragment", self.response_mode == ResponseMode::Fragment);
        record.put("expects_issuer", self.expects_issuer);
        record.put("in_window", self.in_window);
        record.put("acr_values", self.acr_values.as_deref());
        record.put("max_age", self.max_age);
        record.put("app_state", self.app_state.as_deref());
        record.put("return_to", self.return_to.as_str());
    }

    fn read(record: &mut RecordReader<'_>, created_at: i64) -> Option<PendingRequest> {
        let is_fragment: bool = record.required("fragment");
        let request = PendingRequest {
            kind: RequestKind::from_name(&record.required::<String>("kind"))?,
            created_at,
            code_verifier: CodeVerifier::new(record.required::<String>("code_verifier")),
            nonce: record.nullable::<String>("nonce").map(Nonce::new),
            redirect_uri: record.required("redirect_uri"),
            requested: record.required("requested"),
            wanted: record.required("wanted"),
            subject: record.nullable("subject"),
            target: record.required("target"),
            response_mode: if is_fragment {
                ResponseMode::Fragment
            } else {
                ResponseMode::Query
            },
            expects_issuer: record.required("expects_issuer"),
            in_window: record.required("in_window"),
            acr_values: record.nullable("acr_values"),
            max_age: record.nullable("max_age"),
            app_state: record.nullable("app_state"),
            return_to: record.required("return_to"),
        };
        Some(request).filter(|request| !request.code_verifier.secret().is_empty())
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
        let mut record = Members::default();
        record.put("kind", self.kind.as_str());
        record.put("status", self.status.as_str());
        record.put("requested", self.requested.to_value());
        record.put("granted", self.granted.to_value());
        record.put("missing", self.missing.to_value());
        record.put("app_state", self.app_state.as_deref());
        record.put("return_to", self.return_to.as_str());
        record.into()
    }
}

/// As the record of a transaction has it.
impl FromValue for Outcome {
    const EXPECTED: &'static str = "an outcome";

    fn from_value(value: &Value) -> Option<Outcome> {
        let mut record = RecordReader::new(value)?;
        let status: String = record.required("status");
        let statuses = [OutcomeStatus::Granted, OutcomeStatus::Partial, OutcomeStatus::Denied];
        let outcome = Outcome {
            kind: RequestKind::from_name(&record.required::<String>("kind"))?,
            status: statuses.into_iter().find(|known| known.as_str() == status)?,
            requested: record.required("requested"),
            granted: record.required("granted"),
            missing: record.required("missing"),
            app_state: record.nullable("app_state"),
            return_to: record.required("return_to"),
        };
        record.sound(outcome)
    }
}

fn is_expired(created_at: i64, now: i64) -> bool {
    now.saturating_sub(created_at).saturating_abs() > LIFETIME
}
