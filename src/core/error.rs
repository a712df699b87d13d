//! The one error type. Every failure has a stable code and a message that says what to do.

use super::form::decimal;
use super::record::Record;
use super::text::Text;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal $(: $message:literal)?,)*) => {
        /// What went wrong, as a stable string.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
            /// Any other code of the authorization server; it passes through unchanged.
            Server,
        }

        impl Code {
            /// Every code that the client itself knows.
            pub const ALL: &'static [&'static str] = &[$($text,)*];
        }

        /// What happened and what to do, for each code that arises here; the facade words the others.
        const MESSAGES: &[&str] = &[$(concat!($($message)?),)* SERVER];
    };
}

/// Of all codes that are the server's.
const SERVER: &str = "The server answered with an error; see description. With invalid_grant: sign in again. With invalid_scope: is each scope defined, and allowed for this client?";

codes! {
    /// An option is unknown, of the wrong type, or not possible here.
    InvalidOptions = "invalid_options": "Not possible (URLs are https, or http on loopback). Check",
    /// A scope does not follow the grammar of RFC 6749 §3.3.
    InvalidScopeSyntax = "invalid_scope_syntax": "Scopes are one or more tokens of printable ASCII without quote and backslash, in one text with spaces between or in an array, 8,000 bytes at the most.",
    /// `returnTo` is not a path of this origin.
    InvalidReturnTo = "invalid_return_to": "returnTo must be a path of this origin, without dot segments or backslashes (with signOut, or a registered https URL).",
    /// The server's metadata is not sound.
    MetadataInvalid = "metadata_invalid": "The metadata is unsound. URLs are https (or http on loopback) without fragment, and the issuer must be equal to the letter. Check",
    /// A synchronous call needs metadata that is not there yet.
    MetadataRequired = "metadata_required": "Await prepare() first, or give metadata to createClient.",
    /// There is no browser around.
    NotInBrowser = "not_in_browser": "crypto.getRandomValues is missing.",
    /// The module could not be loaded.
    WasmUnavailable = "wasm_unavailable",
    /// The page's Content Security Policy forbids WebAssembly.
    WasmBlockedByCsp = "wasm_blocked_by_csp",
    /// The module trapped; a new client starts afresh.
    InstancePoisoned = "instance_poisoned",
    /// The authorization response has no `state`.
    StateMissing = "state_missing": "The response has no state. Start again.",
    /// No transaction was started here with that `state`.
    TransactionMissing = "transaction_missing": "No sign-in with this state was started here: it may be another tab's or a stranger's. Start again.",
    /// The transaction was started too long ago.
    TransactionExpired = "transaction_expired": "The sign-in took more than an hour. Start again.",
    /// A response parameter is there twice (RFC 6749 §3.1).
    DuplicateParameter = "duplicate_parameter": "Nothing was done with the response: it has twice",
    /// The authorization response makes no sense.
    ResponseMalformed = "response_malformed": "The response makes no sense, is too large, carries a token, or stands in the wrong part of the URL. Start again.",
    /// The server promises `iss` and did not send it (RFC 9207).
    IssuerMissing = "issuer_missing": "The response has no iss, which the server promises (RFC 9207). Nothing was sent.",
    /// `iss` is another server's (RFC 9207).
    IssuerMismatch = "issuer_mismatch": "The response is another issuer's (RFC 9207). Nothing was sent. The issuer option must be right to the letter.",
    /// The authorization response has neither code nor error.
    CodeMissing = "code_missing": "The response has neither a code nor an error. Start again.",
    /// This authorization response was handled before.
    CallbackConsumed = "callback_consumed": "The response was handled before. Start again if there is no session.",
    /// The browser refused to open the popup.
    PopupBlocked = "popup_blocked": "The browser blocked the popup. Call it in a click, or use mode redirect.",
    /// The user closed the popup.
    PopupClosed = "popup_closed": "The popup was closed before the answer came. The session is as it was; offer to try again.",
    /// The hidden frame could not be used.
    FrameBlocked = "frame_blocked": "This page is in a frame, where nobody can be sent to the server. Use mode popup.",
    /// The token endpoint's answer is not a token response (RFC 6749 §5.1).
    TokenResponseInvalid = "token_response_invalid": "The token endpoint's answer is unsound (RFC 6749 §5.1). Check its URL, and in the answer",
    /// The answer to a one-time credential did not arrive.
    TokenResponseLost = "token_response_lost": "The token endpoint's answer did not arrive, and what was sent is not sent again. Start again. Each time? Check its CORS settings and the page's connect-src.",
    /// The token type is neither Bearer nor DPoP.
    TokenTypeUnsupported = "token_type_unsupported": "The token type is not Bearer. Check the client's registration.",
    /// The ID token fails a check; `reason` names it.
    IdTokenInvalid = "id_token_invalid": "The ID token is absent or not to be trusted (times: is this device's clock right?). It fails",
    /// Another user came back.
    SubjectMismatch = "subject_mismatch": "Another user came back. The session is as it was; to change users, call signIn.",
    /// There is no session.
    NotSignedIn = "not_signed_in": "Nobody is signed in. Call signIn first.",
    /// A wanted scope is not granted.
    MissingScope = "missing_scope": "No token with these scopes for this audience. Call upgrade when the user wants what needs them.",
    /// The API wants more scopes (RFC 6750 §3.1).
    InsufficientScope = "insufficient_scope": "The API wants scopes that the token does not have. Call upgrade for those in missing, or fetch with onMissing.",
    /// A stronger or fresher authentication is wanted (RFC 9470).
    InsufficientUserAuthentication = "insufficient_user_authentication": "The API wants what acrValues and maxAge say, or the user came back without it. The session is as it was; call upgrade with both.",
    /// The API does not take the token (RFC 6750 §3.1).
    InvalidToken = "invalid_token": "The server does not take the access token. Call signIn.",
    /// The API's challenge cannot be read.
    ChallengeUnreadable = "challenge_unreadable": "The API refused, and did not say which scope it wants. It must name it in WWW-Authenticate, and list that in Access-Control-Expose-Headers; or give fetch the scope.",
    /// The same upgrade over and over.
    UpgradeLoop = "upgrade_loop": "The scopes that the API asks for are granted, and it still refuses. Compare what its challenge names with what it checks.",
    /// A URL that no token may be sent to.
    UntrustedOrigin = "untrusted_origin": "The URL, or the one that it redirected to, is not in apis and not of this page's origin. No other origin got the token.",
    /// The request surely did not leave, or it can be made again.
    Network = "network": "The server cannot be reached. Check the network, the URL, its CORS settings and the page's connect-src.",
    /// No answer in time.
    Timeout = "timeout": "No answer in time.",
    /// The caller's AbortSignal.
    Aborted = "aborted": "The caller aborted the call.",
    /// A status that is not success, without an OAuth error.
    Http = "http": "The server answered with an error status, or with a redirect (0), which is not followed.",
    /// Storage refused what must be kept.
    StorageUnavailable = "storage_unavailable": "The page may not use its storage, which a redirect needs. Allow storage for this site.",
    /// The user, or the server, said no (RFC 6749 §4.1.2.1).
    AccessDenied = "access_denied": "The request was denied. Offer to ask again; the session is as it was.",
    /// The user has to sign in (OpenID Connect Core §3.1.2.6).
    LoginRequired = "login_required": "The token has run out, or the server wants the user. Call signIn.",
}

/// What the rest of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure: its code, and what else there is to know, as it crosses to the page. One word, so that a `Result` stays
/// small. Holds no code, verifier, state, nonce or token.
#[derive(Clone, PartialEq)]
pub struct Error(Box<(Code, bool, Record)>);

impl Error {
    /// A failure.
    pub fn new(code: Code) -> Error {
        Error::coded(code, Code::ALL.get(code as usize).copied().unwrap_or_default(), "")
    }

    /// A failure about something that has a name.
    pub fn about(code: Code, name: &str) -> Error {
        Error::coded(code, Code::ALL.get(code as usize).copied().unwrap_or_default(), name)
    }

    /// The failure that an OAuth error answer describes (RFC 6749 §4.1.2.1, §5.2).
    pub fn from_server(code: &str, description: Option<&str>, uri: Option<&str>) -> Error {
        let own = match code {
            "access_denied" => Code::AccessDenied,
            "login_required" => Code::LoginRequired,
            _ => Code::Server,
        };
        let mut error = Error::coded(own, &clean(code, 64), "");
        if let Some(text) = description {
            error.put("description", &clean(text, 1000));
        }
        if let Some(uri) = uri.filter(|uri| uri.starts_with("https://") || uri.starts_with("http://")) {
            error.put("errorUri", &clean(uri, 1000));
        }
        error.retryable(matches!(code, "temporarily_unavailable" | "server_error"))
    }

    /// Adds the HTTP status.
    pub fn with_status(mut self, status: u16) -> Error {
        self.put("status", &decimal(status.into()));
        self
    }

    /// Adds what the error means at this server.
    pub fn with_hint(mut self, hint: &str) -> Error {
        self.put("hint", hint);
        self
    }

    /// Adds the name of the failed check.
    pub fn with_reason(mut self, reason: &'static str) -> Error {
        self.put("reason", reason);
        self
    }

    /// Adds the scopes to upgrade for.
    pub fn with_missing(mut self, missing: &str) -> Error {
        self.put("missing", missing);
        self
    }

    /// Adds what to ask for in a step-up (RFC 9470).
    pub fn with_step_up(mut self, acr_values: Option<&str>, max_age: Option<i64>) -> Error {
        self.0.2.some("acrValues", acr_values);
        self.0.2.number("maxAge", max_age);
        self
    }

    /// Adds the appState of the request that failed, as JSON text.
    pub fn with_app_state(mut self, app_state: Option<&str>) -> Error {
        self.0.2.some("appState", app_state);
        self
    }

    /// Marks whether the same call is safe to make again. The last word counts.
    pub fn retryable(mut self, retryable: bool) -> Error {
        self.0.1 = retryable;
        self
    }

    /// Whether the same call is safe to make again.
    pub fn is_retryable(&self) -> bool {
        self.0.1
    }

    /// The code, to branch on.
    pub fn code(&self) -> Code {
        self.0.0
    }

    /// The stable code as applications see it.
    pub fn code_str(&self) -> &str {
        self.detail("code").unwrap_or_default()
    }

    /// A detail by the name that applications know it by: message, description, status, reason, …
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.0.2.fields().text(name).filter(|text| !text.is_empty())
    }

    /// All of it as a record.
    pub fn to_text(&self) -> Text {
        let mut record = self.0.2.clone();
        record.flag("retryable", self.0.1);
        record.into_text()
    }

    fn coded(code: Code, text: &str, name: &str) -> Error {
        let mut error = Error(Box::new((code, false, Record::default())));
        let message = MESSAGES.get(code as usize).copied().unwrap_or_default();
        let message = if name.is_empty() {
            message.into()
        } else {
            Text::of(&[message, " `", name, "`."])
        };
        error.put("code", text);
        error.put("message", &message);
        error
    }

    fn put(&mut self, name: &str, text: &str) {
        self.0.2.put(name, text);
    }
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Error").field(&self.to_text()).finish()
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code_str())?;
        f.write_str(": ")?;
        f.write_str(self.detail("message").unwrap_or_default())
    }
}

impl std::error::Error for Error {}

/// Text of a stranger as inert data: no control or direction-changing characters, capped in length.
fn clean(text: &str, cap: usize) -> String {
    let mut inert = String::new();
    for c in text.chars().take(cap) {
        let hidden = matches!(c as u32, 0..=0x1f | 0x7f..=0x9f | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2066..=0x2069 | 0xfeff);
        if !hidden {
            inert.push(c);
        }
    }
    inert
}
