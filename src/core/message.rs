//! What each failure says to a developer: what happened, and what to do.

use super::error::{Error, ServerErrorCode};

impl Error {
    /// What happened and what to do.
    pub fn message(&self) -> String {
        match self {
            Error::InRequest(failure) => failure.error.message(),
            Error::Server(error) => {
                let text = match error.code {
                    ServerErrorCode::AccessDenied => ACCESS_DENIED,
                    ServerErrorCode::LoginRequired => LOGIN_REQUIRED,
                    _ => SERVER,
                };
                match error.hint {
                    Some(hint) => [text, " ", hint].concat(),
                    None => text.to_owned(),
                }
            }
            Error::InvalidScopeSyntax(Some(character)) => {
                about(self.text(), &["index ", &character.index.to_string()].concat())
            }
            Error::UnknownOption(option) => [
                option.method,
                " has no option \"",
                &option.name,
                "\". Check its spelling.",
            ]
            .concat(),
            Error::WrongOption(option) => ["\"", &option.name, "\" must be ", option.expected, "."].concat(),
            Error::InvalidOptions(options) => about(self.text(), &options.problem),
            Error::MetadataInvalid(member)
            | Error::DuplicateParameter(member)
            | Error::TokenResponseInvalid(member) => about(self.text(), &member.name),
            Error::IdTokenInvalid(check) => about(self.text(), check.reason),
            error => error.text().to_owned(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Error::InvalidOptions(_) => "Not possible (URLs are https, or http on loopback). Check",
            Error::InvalidScopeSyntax(_) => {
                "Scopes are one or more tokens of printable ASCII without quote and backslash, in one text with spaces between or in an array, 8,000 bytes at the most."
            }
            Error::InvalidReturnTo => {
                "returnTo must be a path of this origin, without dot segments or backslashes (with signOut, or a registered https URL)."
            }
            Error::MetadataInvalid(_) => {
                "The metadata is unsound. URLs are https (or http on loopback) without fragment, and the issuer must be equal to the letter. Check"
            }
            Error::MetadataRequired => "Await prepare() first, or give metadata to createClient.",
            Error::NotInBrowser => "crypto.getRandomValues is missing.",
            Error::StateMissing => "The response has no state. Start again.",
            Error::TransactionMissing => {
                "No request with this state was started here, or its session is over: it may be another tab's or a stranger's. Start again."
            }
            Error::TransactionExpired => "The sign-in took more than an hour. Start again.",
            Error::DuplicateParameter(_) => "Nothing was done with the response: it has twice",
            Error::ResponseMalformed => {
                "The response makes no sense, is too large, carries a token, or stands in the wrong part of the URL. Start again."
            }
            Error::IssuerMissing => "The response has no iss, which the server promises (RFC 9207). Nothing was sent.",
            Error::IssuerMismatch => {
                "The response is another issuer's (RFC 9207). Nothing was sent. The issuer option must be right to the letter."
            }
            Error::CodeMissing => "The response has neither a code nor an error. Start again.",
            Error::CallbackConsumed => "The response was handled before. Start again if there is no session.",
            Error::PopupBlocked => "The browser blocked the popup. Call it in a click, or use mode redirect.",
            Error::PopupClosed => {
                "The popup was closed before the answer came. The session is as it was; offer to try again."
            }
            Error::FrameBlocked => "This page is in a frame, where nobody can be sent to the server. Use mode popup.",
            error => error.text_of_tokens_and_calls(),
        }
    }

    fn text_of_tokens_and_calls(&self) -> &'static str {
        match self {
            Error::TokenResponseInvalid(_) => {
                "The token endpoint's answer is unsound (RFC 6749 §5.1). Check its URL, and in the answer"
            }
            Error::TokenResponseLost => {
                "The token endpoint's answer did not arrive, and what was sent is not sent again. Start again. Each time? Check its CORS settings and the page's connect-src."
            }
            Error::TokenTypeUnsupported => "The token type is not Bearer. Check the client's registration.",
            Error::IdTokenInvalid(_) => {
                "The ID token is absent or not to be trusted (times: is this device's clock right?). It fails"
            }
            Error::SubjectMismatch => "Another user came back. The session is as it was; to change users, call signIn.",
            Error::NotSignedIn => "Nobody is signed in. Call signIn first.",
            Error::MissingScope(_) => {
                "No token with these scopes for this audience. Call upgrade when the user wants what needs them."
            }
            Error::InsufficientScope(_) => {
                "The API wants scopes that the token does not have. Call upgrade for those in missing, or fetch with onMissing."
            }
            Error::InsufficientUserAuthentication(_) => {
                "The API wants what acrValues and maxAge say, or the user came back without it. The session is as it was; call upgrade with both."
            }
            Error::InvalidToken => "The server does not take the access token. Call signIn.",
            Error::ChallengeUnreadable(_) => {
                "The API refused, and did not say which scope it wants. It must name it in WWW-Authenticate, and list that in Access-Control-Expose-Headers; or give fetch the scope."
            }
            Error::UpgradeLoop(_) => {
                "The scopes that the API asks for are granted, and it still refuses. Compare what its challenge names with what it checks."
            }
            Error::UntrustedOrigin => {
                "The URL, or the one that it redirected to, is not in apis and not of this page's origin. No other origin got the token."
            }
            Error::Network => {
                "The server cannot be reached. Check the network, the URL, its CORS settings and the page's connect-src."
            }
            Error::Timeout | Error::TimeoutAfterSending => "No answer in time.",
            Error::Aborted => "The caller aborted the call.",
            Error::Http(_) => {
                "The server answered with an error status, or with a redirect (0), which is not followed."
            }
            Error::StorageUnavailable => {
                "The page may not use its storage, which a redirect needs. Allow storage for this site."
            }
            Error::LoginRequired => LOGIN_REQUIRED,
            _ => SERVER,
        }
    }
}

const ACCESS_DENIED: &str = "The request was denied. Offer to ask again; the session is as it was.";

const LOGIN_REQUIRED: &str = "The token has run out, or the server wants the user. Call signIn.";

/// Of all codes that are the server's.
const SERVER: &str = "The server answered with an error; see description. With invalid_grant: sign in again. With invalid_scope: is each scope defined, and allowed for this client?";

/// A message about something that has a name.
fn about(text: &str, name: &str) -> String {
    [text, " `", name, "`."].concat()
}
