//! The one error type. Every failure has a stable code and a message that says what to do.

mod constructors;
mod details;
mod server;

use std::fmt;

pub use details::{
    ChallengeDetails, Endpoint, FailedCheck, HttpFailure, IllegalCharacter, InvalidMember, InvalidOptions,
    MissingScopes, RequestFailure, UnknownOption, WrongOption,
};
pub(crate) use server::inert;
pub use server::{ServerError, ServerErrorCode};

/// What the rest of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure. It holds no code, verifier, state, nonce or token. Match [`Error::cause`]: a failure of an authorization request
/// comes in [`Error::InRequest`].
///
/// ```
/// use scopewise::{Error, ServerErrorCode};
///
/// let error = Error::from_server("access_denied", Some("The user said no."), None);
/// assert_eq!(error.code(), "access_denied");
/// match error.cause() {
///     Error::Server(server) if server.code == ServerErrorCode::AccessDenied => {} // Offer to try again.
///     error if error.is_retryable() => {} // The same call may succeed later.
///     error => panic!("{error}"), // Its code, and a message that says what to do.
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// An option is unknown, of the wrong type, or not possible here: which one, and what it may be.
    InvalidOptions(Box<InvalidOptions>),
    /// A method has no option of this name.
    UnknownOption(Box<UnknownOption>),
    /// An option is of the wrong type.
    WrongOption(Box<WrongOption>),
    /// A scope does not follow the grammar of RFC 6749 §3.3, or there is none.
    InvalidScopeSyntax(Option<Box<IllegalCharacter>>),
    /// `returnTo` is not a path of this origin.
    InvalidReturnTo,
    /// The server's metadata is not sound.
    MetadataInvalid(Box<InvalidMember>),
    /// An API's metadata is not sound (RFC 9728).
    ApiMetadataInvalid(Box<InvalidMember>),
    /// A synchronous call needs metadata that is not there yet.
    MetadataRequired,
    /// There is no browser around.
    NotInBrowser,

    /// The authorization response has no `state`.
    StateMissing,
    /// No transaction was started here with that `state`.
    TransactionMissing,
    /// The transaction was started too long ago.
    TransactionExpired,
    /// A response parameter is there twice (RFC 6749 §3.1).
    DuplicateParameter(Box<InvalidMember>),
    /// The authorization response makes no sense.
    ResponseMalformed,
    /// The authorization response is a JWT that fails a check, or is none where one was asked for, or one where none was
    /// (JARM §2.4).
    ResponseJwtInvalid(Box<FailedCheck>),
    /// The server promises `iss` and did not send it (RFC 9207 §2.4).
    IssuerMissing,
    /// `iss` is another server's (RFC 9207 §2.4).
    IssuerMismatch,
    /// The authorization response has neither code nor error.
    CodeMissing,
    /// This authorization response was handled before.
    CallbackConsumed,
    /// The browser refused to open the popup.
    PopupBlocked,
    /// The user closed the popup.
    PopupClosed,
    /// The hidden frame could not be used.
    FrameBlocked,

    /// The token endpoint's answer is not a token response (RFC 6749 §5.1).
    TokenResponseInvalid(Box<InvalidMember>),
    /// The answer to a one-time credential did not arrive.
    TokenResponseLost,
    /// The token type is not Bearer.
    TokenTypeUnsupported,
    /// The ID token fails a check.
    IdTokenInvalid(Box<FailedCheck>),
    /// Another user came back.
    SubjectMismatch,

    /// There is no session.
    NotSignedIn,
    /// A wanted scope is not granted.
    MissingScope(Box<MissingScopes>),
    /// The API wants more scopes (RFC 6750 §3.1).
    InsufficientScope(Box<ChallengeDetails>),
    /// A stronger or fresher authentication is wanted (RFC 9470).
    InsufficientUserAuthentication(Box<ChallengeDetails>),
    /// The server does not take the token (RFC 6750 §3.1): status 401.
    InvalidToken,
    /// The API's challenge cannot be read.
    ChallengeUnreadable(Box<ChallengeDetails>),
    /// The same upgrade over and over.
    UpgradeLoop(Box<ChallengeDetails>),
    /// A URL that no token may be sent to.
    UntrustedOrigin,

    /// The request surely did not leave, or it can be made again. With the endpoint, where it was for one.
    Network(Option<Endpoint>),
    /// No answer in time, from an endpoint or from another tab. The same call is safe to make again.
    Timeout(Option<Endpoint>),
    /// A hidden frame brought no answer in time.
    SilentTimeout,
    /// No answer in time from the token endpoint, to a request that is not sent again.
    TimeoutAfterSending,
    /// The caller aborted the call.
    Aborted,
    /// The userinfo endpoint's answer is not a JSON object with `sub` (OpenID Connect Core §5.3.2).
    UserInfoInvalid,
    /// It is a JWT, and signatures are not checked.
    UserInfoUnchecked,
    /// It is a JWT that fails a check (OpenID Connect Core §5.3.2).
    UserInfoJwtInvalid(Box<FailedCheck>),
    /// A status that is not success, without an OAuth error; or a success that is no answer to a pushed request.
    Http(Box<HttpFailure>),
    /// Storage refused what must be kept.
    StorageUnavailable,
    /// The access token has run out and there is no way to another one without the user.
    LoginRequired,
    /// An OAuth error of the authorization server (RFC 6749 §4.1.2.1, §5.2).
    Server(Box<ServerError>),
    /// A failure of an authorization request, with what the application gave it to pick up from.
    InRequest(Box<RequestFailure>),
}

impl Error {
    /// The failure itself, without the request that it belongs to.
    pub fn cause(&self) -> &Error {
        match self {
            Error::InRequest(failure) => failure.error.cause(),
            error => error,
        }
    }

    /// The request that the failure belongs to, if it is one's.
    pub fn request(&self) -> Option<&RequestFailure> {
        match self {
            Error::InRequest(failure) => Some(failure),
            _ => None,
        }
    }

    /// The OAuth error, where the server sent one.
    pub fn server_error(&self) -> Option<&ServerError> {
        match self.cause() {
            Error::Server(error) => Some(error),
            _ => None,
        }
    }

    /// What the challenge of an API asks for, where one caused it.
    pub fn challenge(&self) -> Option<&ChallengeDetails> {
        match self.cause() {
            Error::InsufficientScope(details)
            | Error::InsufficientUserAuthentication(details)
            | Error::ChallengeUnreadable(details)
            | Error::UpgradeLoop(details) => Some(details),
            _ => None,
        }
    }

    /// The scopes to upgrade for.
    pub fn missing(&self) -> Option<&[String]> {
        match self.cause() {
            Error::MissingScope(scopes) => Some(&scopes.missing),
            error => error.challenge().map(|details| details.missing.as_slice()),
        }
    }

    /// HTTP status, where a response caused it.
    pub fn status(&self) -> Option<u16> {
        match self.cause() {
            Error::Http(failure) => Some(failure.status),
            Error::InvalidToken => Some(401),
            Error::Server(error) => error.status,
            error => error.challenge().and_then(|details| details.status),
        }
    }

    /// Which check an ID token, or another JWT, failed.
    pub fn reason(&self) -> Option<&'static str> {
        match self.cause() {
            Error::IdTokenInvalid(check) | Error::ResponseJwtInvalid(check) | Error::UserInfoJwtInvalid(check) => {
                Some(check.reason)
            }
            _ => None,
        }
    }

    /// Whether the same call may succeed later and is safe to make again. Of a status, [`Response::status_error`] says so, of
    /// a server's code [`ServerError`], and of an answer to a refresh [`RefreshTokenUse`].
    ///
    /// [`Response::status_error`]: super::http::Response::status_error
    /// [`RefreshTokenUse`]: super::session::RefreshTokenUse
    pub fn is_retryable(&self) -> bool {
        match self.cause() {
            Error::PopupBlocked | Error::PopupClosed | Error::FrameBlocked | Error::Network(_) | Error::Aborted => true,
            Error::Timeout(_) | Error::SilentTimeout => true,
            Error::Http(failure) => failure.retryable,
            Error::Server(error) => error.retryable,
            _ => false,
        }
    }

    /// The same failure, for a call that is, or is not, safe to make again.
    pub fn with_retryable(mut self, is_retryable: bool) -> Error {
        match self.cause_mut() {
            cause @ Error::Timeout(_) if !is_retryable => *cause = Error::TimeoutAfterSending,
            cause @ Error::TimeoutAfterSending if is_retryable => *cause = Error::Timeout(Some(Endpoint::Token)),
            Error::Http(failure) => failure.retryable = is_retryable,
            Error::Server(error) => error.retryable = is_retryable,
            _ => {}
        }
        self
    }

    fn cause_mut(&mut self) -> &mut Error {
        match self {
            Error::InRequest(failure) => failure.error.cause_mut(),
            error => error,
        }
    }

    /// The stable code, to branch on.
    pub fn code(&self) -> &str {
        match self {
            Error::InvalidOptions(_) | Error::UnknownOption(_) | Error::WrongOption(_) => "invalid_options",
            Error::InvalidScopeSyntax(_) => "invalid_scope_syntax",
            Error::InvalidReturnTo => "invalid_return_to",
            Error::MetadataInvalid(_) | Error::ApiMetadataInvalid(_) => "metadata_invalid",
            Error::MetadataRequired => "metadata_required",
            Error::NotInBrowser => "not_in_browser",
            Error::StateMissing => "state_missing",
            Error::TransactionMissing => "transaction_missing",
            Error::TransactionExpired => "transaction_expired",
            Error::DuplicateParameter(_) => "duplicate_parameter",
            Error::ResponseMalformed | Error::ResponseJwtInvalid(_) => "response_malformed",
            Error::IssuerMissing => "issuer_missing",
            Error::IssuerMismatch => "issuer_mismatch",
            Error::CodeMissing => "code_missing",
            Error::CallbackConsumed => "callback_consumed",
            Error::PopupBlocked => "popup_blocked",
            Error::PopupClosed => "popup_closed",
            Error::FrameBlocked => "frame_blocked",
            Error::TokenResponseInvalid(_) => "token_response_invalid",
            Error::TokenResponseLost => "token_response_lost",
            Error::TokenTypeUnsupported => "token_type_unsupported",
            Error::IdTokenInvalid(_) => "id_token_invalid",
            Error::SubjectMismatch => "subject_mismatch",
            Error::NotSignedIn => "not_signed_in",
            Error::MissingScope(_) => "missing_scope",
            Error::InsufficientScope(_) => "insufficient_scope",
            Error::InsufficientUserAuthentication(_) => "insufficient_user_authentication",
            Error::InvalidToken => "invalid_token",
            Error::ChallengeUnreadable(_) => "challenge_unreadable",
            Error::UpgradeLoop(_) => "upgrade_loop",
            Error::UntrustedOrigin => "untrusted_origin",
            Error::Network(_) => "network",
            Error::Timeout(_) | Error::SilentTimeout | Error::TimeoutAfterSending => "timeout",
            Error::Aborted => "aborted",
            Error::UserInfoInvalid | Error::UserInfoUnchecked | Error::UserInfoJwtInvalid(_) => "user_info_invalid",
            Error::Http(_) => "http",
            Error::StorageUnavailable => "storage_unavailable",
            Error::LoginRequired => "login_required",
            Error::Server(error) => error.code.as_str(),
            Error::InRequest(failure) => failure.error.code(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        f.write_str(": ")?;
        f.write_str(&self.message())
    }
}

impl std::error::Error for Error {}
