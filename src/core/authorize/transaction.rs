//! What is remembered between an authorization request and its response, one record for each `state`.

use super::Outcome;
use crate::core::demands::{Demands, MaxAge};
use crate::core::error::{Error, ServerErrorCode};
use crate::core::scope::ScopeSet;
use crate::core::secret::{CodeVerifier, Nonce};
use crate::core::sign_out_note::SignOutNote;
use crate::core::target::Target;

/// How long a user may take, seconds.
pub const LIFETIME: i64 = 3600;
/// How long what is known of it is kept, seconds: who comes back too late hears so.
const KEPT: i64 = 24 * 3600;
/// Nobody reads a page and decides in so few seconds.
const AT_ONCE: i64 = 1;
/// How many are kept; the oldest goes first.
pub(crate) const MAX_TRANSACTIONS: usize = 16;

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

/// The part of the URL that carries the response, and its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// `response_mode=query`, the code flow's default.
    #[default]
    Query,
    /// `response_mode=fragment`.
    Fragment,
    /// `response_mode=query.jwt`: a signed JWT in the query (JARM §2.3.1).
    QueryJwt,
}

impl ResponseMode {
    const ALL: [ResponseMode; 3] = [ResponseMode::Query, ResponseMode::Fragment, ResponseMode::QueryJwt];

    /// As it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            ResponseMode::Query => "query",
            ResponseMode::Fragment => "fragment",
            ResponseMode::QueryJwt => "query.jwt",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<ResponseMode> {
        ResponseMode::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// The session that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Its id.
    pub session_id: String,
    /// Its user; nothing without `openid`.
    pub subject: Option<String>,
    /// The latest sign-out before it began.
    pub last_sign_out: Option<SignOutNote>,
}

/// A request that waits for its response.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingRequest {
    /// What it is for.
    pub kind: RequestKind,
    /// When it was built, seconds since the epoch.
    pub created_at: i64,
    /// The latest sign-out before that.
    pub last_sign_out: Option<SignOutNote>,
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
    /// The session that asked; nothing where nobody was signed in.
    pub asker: Option<Asker>,
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
    /// Nobody is asked: the user does not see who comes back.
    pub is_silent: bool,
    /// What its caller demanded besides.
    pub demands: Demands,
    /// As sent, whoever named it.
    pub max_age: Option<i64>,
    /// A `prompt` was sent.
    pub has_prompt: bool,
    /// The user whose remembered scopes are asked for again.
    pub recalled_for: Option<String>,
    /// The application's JSON text.
    pub app_state: Option<String>,
    /// Where the application wants its user.
    pub return_to: String,
}

impl PendingRequest {
    /// How long before it the user may have signed in, if it said so.
    pub fn max_age(&self) -> Option<MaxAge> {
        let asked_at = self.created_at;
        self.max_age.map(|seconds| MaxAge { seconds, asked_at })
    }

    /// Whether the client itself asks, silently, for what the user granted before: nobody waits for that, and what comes
    /// of it is no answer of the user's.
    pub fn is_recall(&self) -> bool {
        self.kind == RequestKind::Upgrade && self.recalled_for.is_some()
    }

    /// An error gives the application back what it gave to the request.
    pub fn failed(&self, error: Error) -> Error {
        error.in_request(self.app_state.as_deref(), &self.return_to)
    }

    /// Too old, or from a clock too far ahead to be believed.
    pub fn is_expired(&self, now: i64) -> bool {
        is_expired(self.created_at, now)
    }

    /// The answer to this request, for who asks later what became of a scope: what is granted now, or an error's code.
    pub fn answered(&self, granted: Result<&ScopeSet, &str>, session_id: Option<&str>, now_ms: i64) -> RequestAnswer {
        let is_refused = match granted {
            Ok(granted) => granted.minus(&self.wanted).len() == granted.len(),
            Err(code) => matches!(
                ServerErrorCode::new(code),
                ServerErrorCode::AccessDenied | ServerErrorCode::ConsentRequired | ServerErrorCode::InteractionRequired
            ),
        };
        let asks_for_more = self.kind == RequestKind::Upgrade && !self.wanted.is_empty() && !self.has_prompt;
        let is_at_once = age(self.created_at, now_ms.div_euclid(1000)) <= AT_ONCE;
        RequestAnswer {
            at: now_ms,
            target: self.target.clone(),
            requested: self.requested.clone(),
            demands: self.demands.clone(),
            granted: granted.cloned().unwrap_or_default(),
            error: granted.err().map(str::to_owned),
            session_id: session_id.map(str::to_owned),
            asked_nobody: asks_for_more && is_refused && is_at_once,
        }
    }
}

/// What stands under a `state`. The `state` is its key, not its content.
///
/// ```
/// use scopewise::{PendingRequest, Transaction};
///
/// fn to_text(pending: PendingRequest) -> serde_json::Result<String> {
///     serde_json::to_string(&Transaction::from(pending).to_value())
/// }
///
/// fn from_text(text: &str) -> Option<PendingRequest> {
///     Transaction::from_value(&serde_json::from_str(text).ok()?)?.into_pending()
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Transaction {
    /// Waiting for the response.
    Pending(Box<PendingRequest>),
    /// The code is on its way. Nothing is left that could be sent again; if nobody finishes, its answer was lost.
    Exchanging {
        /// When the request was built, seconds since the epoch.
        created_at: i64,
        /// The latest sign-out before that.
        last_sign_out: Option<SignOutNote>,
    },
    /// Answered.
    Done {
        /// When the request was built, seconds since the epoch.
        created_at: i64,
        /// What was asked and answered; nothing where the answer was nobody's.
        answer: Option<Box<RequestAnswer>>,
        /// What it came to; nothing where it failed.
        result: Option<TransactionResult>,
    },
}

/// The server's answer to a request for scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestAnswer {
    /// Milliseconds since the epoch.
    pub at: i64,
    /// What was asked for.
    pub target: Target,
    /// The scopes that were named.
    pub requested: ScopeSet,
    /// What was demanded besides.
    pub demands: Demands,
    /// Those of the grant afterwards.
    pub granted: ScopeSet,
    /// The code of the error that came instead.
    pub error: Option<String>,
    /// The session that was there afterwards.
    pub session_id: Option<String>,
    /// An upgrade without a prompt was refused at once: the server asked nobody.
    pub asked_nobody: bool,
}

impl RequestAnswer {
    /// Whether the request named these scopes, and demanded just this besides.
    pub fn is_of(&self, scopes: &ScopeSet, demands: &Demands) -> bool {
        self.demands == *demands && self.requested.contains_all(scopes)
    }
}

/// What a response came to, for as long as the session that it made lives.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionResult {
    /// For the application.
    pub outcome: Outcome,
    /// The session's id.
    pub session_id: String,
}

impl From<PendingRequest> for Transaction {
    fn from(request: PendingRequest) -> Transaction {
        Transaction::Pending(Box::new(request))
    }
}

impl Transaction {
    /// The request that waits for its response; nothing once that was answered.
    pub fn into_pending(self) -> Option<PendingRequest> {
        match self {
            Transaction::Pending(request) => Some(*request),
            _ => None,
        }
    }

    /// When the request was built, seconds since the epoch.
    pub fn created_at(&self) -> i64 {
        match self {
            Transaction::Pending(request) => request.created_at,
            Transaction::Exchanging { created_at, .. } | Transaction::Done { created_at, .. } => *created_at,
        }
    }

    /// Too old, or from a clock too far ahead to be believed.
    pub fn is_expired(&self, now: i64) -> bool {
        is_expired(self.created_at(), now)
    }

    /// Old enough to be forgotten.
    pub fn is_outdated(&self, now: i64) -> bool {
        age(self.created_at(), now) > KEPT
    }

    /// Whether it was under way when the user signed out last. Where no note of that could be left, all that is under way was.
    pub fn is_ended_by(&self, note: Option<SignOutNote>) -> bool {
        let last_sign_out = match self {
            Transaction::Pending(request) => request.last_sign_out,
            Transaction::Exchanging { last_sign_out, .. } => *last_sign_out,
            Transaction::Done { .. } => return false,
        };
        note.is_none() || note != last_sign_out
    }

    /// What copies of the tab are to know, whose sessions are their own: that the response came, and not what it came to.
    pub(crate) fn for_copies(&self) -> Option<Transaction> {
        match self {
            Transaction::Pending(_) => None,
            Transaction::Exchanging { .. } => Some(self.clone()),
            Transaction::Done { created_at, .. } => Some(Transaction::Done {
                created_at: *created_at,
                answer: None,
                result: None,
            }),
        }
    }

    /// Whether a response is expected in this part of the URL; after it was answered, in any.
    pub fn expects(&self, mode: ResponseMode) -> bool {
        match self {
            Transaction::Pending(request) => request.response_mode == mode,
            _ => true,
        }
    }
}

fn is_expired(created_at: i64, now: i64) -> bool {
    age(created_at, now) > LIFETIME
}

/// Seconds, also where the clock was set back.
fn age(created_at: i64, now: i64) -> i64 {
    now.saturating_sub(created_at).saturating_abs()
}
