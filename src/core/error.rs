//! The one error type. Every failure has a stable code and a message that says what to do.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// What went wrong, as a stable string. Codes of the authorization server pass through unchanged.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
            /// Any other code that the authorization server answered with.
            Server(String),
        }

        impl Code {
            /// Every code that the client itself knows.
            pub const ALL: &'static [&'static str] = &[$($text,)*];

            /// The code as applications see it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Code::$variant => $text,)*
                    Code::Server(code) => code,
                }
            }
        }
    };
}

codes! {
    /// An option is unknown, of the wrong type, or not possible here.
    InvalidOptions = "invalid_options",
    /// A scope does not follow the grammar of RFC 6749 §3.3.
    InvalidScopeSyntax = "invalid_scope_syntax",
    /// `returnTo` is not a path of this origin.
    InvalidReturnTo = "invalid_return_to",
    /// The server's metadata is not sound.
    MetadataInvalid = "metadata_invalid",
    /// A synchronous call needs metadata that is not there yet.
    MetadataRequired = "metadata_required",
    /// There is no browser around.
    NotInBrowser = "not_in_browser",
    /// The module could not be loaded.
    WasmUnavailable = "wasm_unavailable",
    /// The page's Content Security Policy forbids WebAssembly.
    WasmBlockedByCsp = "wasm_blocked_by_csp",
    /// The module trapped; a new client starts afresh.
    InstancePoisoned = "instance_poisoned",
    /// The authorization response has no `state`.
    StateMissing = "state_missing",
    /// No transaction was started here with that `state`.
    TransactionMissing = "transaction_missing",
    /// The transaction was started too long ago.
    TransactionExpired = "transaction_expired",
    /// A response parameter is there twice (RFC 6749 §3.1).
    DuplicateParameter = "duplicate_parameter",
    /// The authorization response makes no sense.
    ResponseMalformed = "response_malformed",
    /// The server promises `iss` and did not send it (RFC 9207).
    IssuerMissing = "issuer_missing",
    /// `iss` is another server's (RFC 9207).
    IssuerMismatch = "issuer_mismatch",
    /// The authorization response has neither code nor error.
    CodeMissing = "code_missing",
    /// This authorization response was handled before.
    CallbackConsumed = "callback_consumed",
    /// The browser refused to open the popup.
    PopupBlocked = "popup_blocked",
    /// The user closed the popup.
    PopupClosed = "popup_closed",
    /// The hidden frame could not be used.
    FrameBlocked = "frame_blocked",
    /// The token endpoint's answer is not a token response (RFC 6749 §5.1).
    TokenResponseInvalid = "token_response_invalid",
    /// The answer to a one-time credential did not arrive.
    TokenResponseLost = "token_response_lost",
    /// The token type is neither Bearer nor DPoP.
    TokenTypeUnsupported = "token_type_unsupported",
    /// The ID token fails a check; `reason` names it.
    IdTokenInvalid = "id_token_invalid",
    /// Another user came back.
    SubjectMismatch = "subject_mismatch",
    /// There is no session.
    NotSignedIn = "not_signed_in",
    /// A wanted scope is not granted.
    MissingScope = "missing_scope",
    /// The API wants more scopes (RFC 6750 §3.1).
    InsufficientScope = "insufficient_scope",
    /// A stronger or fresher authentication is wanted (RFC 9470).
    InsufficientUserAuthentication = "insufficient_user_authentication",
    /// The API does not take the token (RFC 6750 §3.1).
    InvalidToken = "invalid_token",
    /// The API's challenge cannot be read.
    ChallengeUnreadable = "challenge_unreadable",
    /// The same upgrade over and over.
    UpgradeLoop = "upgrade_loop",
    /// A URL that no token may be sent to.
    UntrustedOrigin = "untrusted_origin",
    /// The request surely did not leave, or it can be made again.
    Network = "network",
    /// No answer in time.
    Timeout = "timeout",
    /// The caller's AbortSignal.
    Aborted = "aborted",
    /// A status that is not success, without an OAuth error.
    Http = "http",
    /// Storage refused what must be kept.
    StorageUnavailable = "storage_unavailable",
    /// The user, or the server, said no (RFC 6749 §4.1.2.1).
    AccessDenied = "access_denied",
    /// The user has to sign in (OpenID Connect Core §3.1.2.6).
    LoginRequired = "login_required",
}

impl Code {
    /// A code that the authorization server sent.
    pub fn server(code: &str) -> Code {
        match code {
            "access_denied" => Code::AccessDenied,
            "login_required" => Code::LoginRequired,
            other => Code::Server(clean(other, 64)),
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What the rest of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure. Boxed, so that a `Result` stays small.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Details>);

/// What there is to know about a failure. Holds no code, verifier, state, nonce or token.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The stable code.
    pub code: Code,
    /// What happened and what to do, for a developer.
    pub message: Cow<'static, str>,
    /// `error_description` of the server, without control characters, at most 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `error_uri` of the server, where it is http or https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
    /// HTTP status, where a response caused the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Scopes to upgrade for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
    /// The acr_values to ask for (RFC 9470).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr_values: Option<String>,
    /// The max_age to ask for, seconds (RFC 9470).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// The appState of the request that failed, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_state: Option<String>,
    /// With `id_token_invalid`: which check failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// True where the same call may succeed later and is safe to make again.
    pub retryable: bool,
}

impl Error {
    /// A failure with a code and a message that says what to do.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Details {
            code,
            message: message.into(),
            description: None,
            error_uri: None,
            status: None,
            missing: None,
            acr_values: None,
            max_age: None,
            app_state: None,
            reason: None,
            retryable: false,
        }))
    }

    /// The failure that an OAuth error answer describes (RFC 6749 §4.1.2.1, §5.2).
    pub fn from_server(code: &str, description: Option<&str>, uri: Option<&str>) -> Error {
        let message = match code {
            "access_denied" => "The authorization request was denied. Offer to ask again; the session is as it was.",
            "invalid_scope" => {
                "The authorization server refused the requested scopes. Check that each is defined and allowed for this client."
            }
            "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
                "The authorization server needs the user. Sign in with a redirect."
            }
            "invalid_grant" => "The authorization server did not take the grant. Start the request again.",
            "invalid_client" | "unauthorized_client" => {
                "The authorization server does not accept this client. Check clientId and that it is registered as a public client with PKCE."
            }
            _ => "The authorization server answered with an error; see code and description.",
        };
        let mut error = Error::new(Code::server(code), message);
        error.0.description = description.map(|text| clean(text, 1000));
        error.0.error_uri = uri
            .filter(|uri| uri.starts_with("https://") || uri.starts_with("http://"))
            .map(|uri| clean(uri, 1000));
        error.0.retryable = matches!(code, "temporarily_unavailable" | "server_error");
        error
    }

    /// Adds the HTTP status.
    pub fn with_status(mut self, status: u16) -> Error {
        self.0.status = Some(status);
        self
    }

    /// Adds the name of the failed check.
    pub fn with_reason(mut self, reason: &'static str) -> Error {
        self.0.reason = Some(reason);
        self
    }

    /// Adds the scopes to upgrade for.
    pub fn with_missing(mut self, missing: Vec<String>) -> Error {
        self.0.missing = Some(missing);
        self
    }

    /// Adds what to ask for in a step-up (RFC 9470).
    pub fn with_step_up(mut self, acr_values: Option<String>, max_age: Option<u32>) -> Error {
        self.0.acr_values = acr_values;
        self.0.max_age = max_age;
        self
    }

    /// Adds the appState of the request that failed.
    pub fn with_app_state(mut self, app_state: Option<String>) -> Error {
        self.0.app_state = app_state;
        self
    }

    /// Marks whether the same call is safe to make again.
    pub fn retryable(mut self, retryable: bool) -> Error {
        self.0.retryable = retryable;
        self
    }

    /// The stable code.
    pub fn code(&self) -> &Code {
        &self.0.code
    }

    /// Everything there is to know.
    pub fn details(&self) -> &Details {
        &self.0
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.code.as_str())?;
        f.write_str(": ")?;
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

/// Text of a stranger as inert data: no control or direction-changing characters, capped in length.
fn clean(text: &str, cap: usize) -> String {
    let inert = |c: &char| {
        let hidden =
            matches!(*c as u32, 0..=0x1f | 0x7f..=0x9f | 0x200b..=0x200f | 0x2028..=0x202e | 0x2066..=0x2069 | 0xfeff);
        !hidden
    };
    text.chars().filter(inert).take(cap).collect()
}
