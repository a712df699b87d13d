//! What each failure says to a developer: what happened, where, and what to look at.

use super::error::{ChallengeDetails, Endpoint, Error, FailedCheck, HttpFailure, ServerError};
use super::scope::Scope;

impl Error {
    /// What happened and what to do.
    pub fn message(&self) -> String {
        match self {
            Error::InRequest(failure) => failure.error.message(),
            Error::Server(error) => of_server(error),
            Error::Http(failure) => of_status(failure),
            Error::Network(endpoint) => [
                name_of(*endpoint),
                " cannot be reached, or the page may not read its answer. Check the network, the URL, its CORS settings and the page's connect-src.",
            ]
            .concat(),
            Error::Timeout(Some(endpoint)) => unanswered(*endpoint),
            Error::TimeoutAfterSending => unanswered(Endpoint::Token),
            Error::InvalidScopeSyntax(Some(character)) => {
                let index = character.index.to_string();
                ["A scope has a character that scopes may not have, at index ", &index, " of its token. ", SCOPES].concat()
            }
            Error::UnknownOption(option) => [
                option.method,
                " has no option \"",
                &option.name,
                "\". Check its spelling.",
            ]
            .concat(),
            Error::WrongOption(option) => ["\"", &option.name, "\" must be ", option.expected, "."].concat(),
            Error::InvalidOptions(options) => [&options.problem, "."].concat(),
            Error::MetadataInvalid(member) => [
                "The server's metadata cannot be used (what it answers at .well-known/openid-configuration below the issuer, or the metadata option): `",
                &member.name,
                "` ",
                member.problem,
                ".",
            ]
            .concat(),
            Error::ApiMetadataInvalid(member) => [
                "The API's metadata cannot be used (what it answers at .well-known/oauth-protected-resource, RFC 9728): `",
                &member.name,
                "` ",
                member.problem,
                ".",
            ]
            .concat(),
            Error::DuplicateParameter(member) => [
                "The authorization response has `",
                &member.name,
                "` twice, so nothing was done with it. Start again; if it stays, ask whoever runs the server.",
            ]
            .concat(),
            Error::TokenResponseInvalid(member) => [
                "The token endpoint's answer cannot be used (RFC 6749 §5.1): `",
                &member.name,
                "` ",
                member.problem,
                ". Check the endpoint's URL in the metadata, and what the server sends.",
            ]
            .concat(),
            Error::IdTokenInvalid(check) => failed("The ID token is not there, or", check, advice_on_id_token),
            Error::ResponseJwtInvalid(check) => failed("The authorization response", check, advice_on_jwt),
            Error::UserInfoJwtInvalid(check) => failed("The userinfo endpoint's JWT", check, advice_on_jwt),
            error => error.message_on_scopes().unwrap_or_else(|| error.text().to_owned()),
        }
    }

    /// Of those that have scopes to name.
    fn message_on_scopes(&self) -> Option<String> {
        let missing = named(self.missing()?);
        let about_missing = |text: &str, otherwise: &str| {
            if missing.is_empty() {
                otherwise.to_owned()
            } else {
                [text, &missing].concat()
            }
        };
        Some(match self {
            Error::MissingScope(_) => [
                &about_missing("No token for this audience has ", "There is no token for this audience"),
                ". Call upgrade when the user wants what needs it.",
            ]
            .concat(),
            Error::InsufficientScope(details) => [
                &about_missing("The API refused the token, which lacks ", "The API wants scopes that apis do not let it ask for"),
                &status(details),
                ". Call upgrade for what is in missing, or fetch with onMissing.",
            ]
            .concat(),
            Error::ChallengeUnreadable(details) if details.status == Some(401) => {
                "The API answered 401, and no new token helped: it does not take this token, or wants more than the page can see. Compare the token's audience with what the API expects, and let the API list WWW-Authenticate in Access-Control-Expose-Headers.".to_owned()
            }
            Error::ChallengeUnreadable(details) => [
                "The API refused",
                &status(details),
                " without a scope that the page can read. It must name it in WWW-Authenticate, and list that in Access-Control-Expose-Headers; or give fetch the scope.",
            ]
            .concat(),
            Error::UpgradeLoop(details) => [
                "What the API asks for is granted, and it still refuses",
                &status(details),
                ". Compare what its WWW-Authenticate names with what it checks.",
            ]
            .concat(),
            _ => return None,
        })
    }

    fn text(&self) -> &'static str {
        match self {
            Error::InvalidScopeSyntax(_) => SCOPES,
            Error::InvalidReturnTo => {
                "returnTo must be a path of this origin, without dot segments or backslashes (with signOut, or a registered https URL)."
            }
            Error::MetadataRequired => {
                "authorizeUrl needs the server's metadata at once. Await prepare() first, or give metadata to createClient."
            }
            Error::NotInBrowser => "crypto.getRandomValues is missing.",
            Error::StateMissing => "The authorization response has no state, so it belongs to no request. Start again.",
            Error::TransactionMissing => {
                "No request with this state was started here, or its session is over: it may be another tab's or a stranger's. Start again."
            }
            Error::TransactionExpired => "The sign-in took more than an hour. Start again.",
            Error::ResponseMalformed => {
                "The authorization response makes no sense, is too large, carries a token, or stands in the wrong part of the URL. The client must be registered for the code flow. Start again."
            }
            Error::IssuerMissing => {
                "The authorization response has no iss, which the metadata promises (RFC 9207). Nothing was sent."
            }
            Error::IssuerMismatch => {
                "The authorization response is another issuer's (RFC 9207), or came to another one's redirect URI (RFC 9700 §4.4). Nothing was sent. Compare its iss with the issuer option, to the letter."
            }
            Error::CodeMissing => "The authorization response has neither a code nor an error. Start again.",
            Error::CallbackConsumed => {
                "The authorization response was handled before. Start again if there is no session."
            }
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
            Error::TokenResponseLost => {
                "The token endpoint's answer did not arrive, and what was sent is not sent again. Start again. Each time? Check its CORS settings and the page's connect-src."
            }
            Error::TokenTypeUnsupported => {
                "The token endpoint's token_type is not what was asked for: DPoP with the option dpop, else Bearer. Check the client's registration."
            }
            Error::SubjectMismatch => "Another user came back. The session is as it was; to change users, call signIn.",
            Error::NotSignedIn => "Nobody is signed in. Call signIn first.",
            Error::InsufficientUserAuthentication(_) => {
                "The API wants a stronger or newer sign-in (acrValues and maxAge say which), or the user came back without it. The session is as it was; call upgrade with both, or fetch with onMissing."
            }
            Error::InvalidToken => {
                "The userinfo endpoint answered 401: it does not take the access token. Call getAccessToken with forceRefresh once, else signIn."
            }
            Error::UntrustedOrigin => {
                "The URL, or the one that it redirected to, is not in apis and not of this page's origin; or it redirects, and DPoP proofs are good for one URL. No other origin got the token."
            }
            Error::Timeout(None) => {
                "Another tab that does the same did not end within the time that the timeout option gives. Try again later."
            }
            Error::SilentTimeout => {
                "The hidden frame brought no answer in time. The server may show a page there, or forbid frames; or the page's frame-src forbids the server, or the page at redirectUri does not call handleCallback."
            }
            Error::Aborted => "The caller aborted the call.",
            Error::UserInfoInvalid => {
                "The userinfo endpoint's answer is not a JSON object with sub. Check userinfo_endpoint in the server's metadata, and that it answers application/json there, or a signed JWT as application/jwt."
            }
            Error::UserInfoUnchecked => {
                "The userinfo endpoint's answer is a JWT, whose signature nobody checks here. Set verifySignature, or let the server answer application/json (userinfo_signed_response_alg)."
            }
            Error::StorageUnavailable => {
                "The page may not use its storage, which a redirect and the key of DPoP need. Allow storage for this site."
            }
            // What is not here has a message of its own.
            _ => "The access token has run out and cannot be renewed. Call signIn.",
        }
    }
}

const SCOPES: &str = "Scopes are one or more tokens of printable ASCII without quote and backslash, in one text with spaces between or in an array, 8,000 bytes at the most.";

/// Some scopes, in backticks. They may be a stranger's words: only what is a scope is shown, and not much of it.
fn named(scopes: &[String]) -> String {
    let is_shown = |scope: &&String| scope.len() <= 100 && Scope::parse(scope).is_ok();
    let shown = scopes.iter().filter(is_shown).take(10);
    let shown: Vec<String> = shown.map(|scope| ["`", scope, "`"].concat()).collect();
    shown.join(", ")
}

/// ` (status 403)`.
fn status(details: &ChallengeDetails) -> String {
    let status = details
        .status
        .map(|status| [" (status ", &status.to_string(), ")"].concat());
    status.unwrap_or_default()
}

fn name_of(endpoint: Option<Endpoint>) -> &'static str {
    match endpoint {
        Some(Endpoint::Metadata) => "The place of the metadata, below the issuer,",
        Some(Endpoint::Authorization) => "The authorization endpoint",
        Some(Endpoint::PushedAuthorization) => "The pushed authorization request endpoint",
        Some(Endpoint::Token) => "The token endpoint",
        Some(Endpoint::UserInfo) => "The userinfo endpoint",
        Some(Endpoint::Jwks) => "The place of the server's keys (`jwks_uri` in its metadata)",
        Some(Endpoint::ResourceMetadata) => {
            "The place of the API's metadata (.well-known/oauth-protected-resource, RFC 9728)"
        }
        None => "The server",
    }
}

fn unanswered(endpoint: Endpoint) -> String {
    [
        name_of(Some(endpoint)),
        " did not answer within the time that the timeout option gives.",
    ]
    .concat()
}

/// `The token endpoint answered 400`.
fn answered(endpoint: Option<Endpoint>, status: Option<u16>) -> String {
    let status = match status {
        None => "an error".to_owned(),
        Some(0) => "a redirect, which is not followed,".to_owned(),
        Some(status) => status.to_string(),
    };
    [name_of(endpoint), " answered ", &status].concat()
}

fn of_status(failure: &HttpFailure) -> String {
    let advice = match (failure.endpoint, failure.retryable) {
        (_, true) => ". Try again later.",
        (Some(Endpoint::Metadata), _) => ". Check the issuer option, or give metadata to createClient.",
        (Some(Endpoint::ResourceMetadata), _) => ". Check the API's URL in apis, and that it has such a document.",
        (Some(Endpoint::PushedAuthorization), _) if failure.status / 100 == 2 => {
            " without a request_uri and expires_in (RFC 9126 §2.2). Check its URL in the metadata, and what it sends."
        }
        _ => " without an OAuth error. Check its URL in the metadata.",
    };
    [&answered(failure.endpoint, Some(failure.status)), advice].concat()
}

fn of_server(error: &ServerError) -> String {
    let mut text = [
        &answered(error.endpoint, error.status),
        ": ",
        advice_on_code(error.code.as_str()),
    ]
    .concat();
    let mut add = |start: &str, scopes: &[String]| {
        let scopes = named(scopes);
        if !scopes.is_empty() {
            text.push_str(&[start, &scopes, "."].concat());
        }
    };
    if error.unsupported.is_empty() {
        add(" It was asked for ", &error.requested);
    } else {
        add(" scopes_supported in its metadata does not list ", &error.unsupported);
    }
    if error.description.is_some() {
        text.push_str(" It says more in description.");
    }
    if let Some(hint) = error.hint {
        text.push_str(&[" ", hint].concat());
    }
    text
}

fn advice_on_code(code: &str) -> &'static str {
    match code {
        "access_denied" => "the user, or the server, said no. Offer to ask again; the session is as it was.",
        "login_required" => "nobody is signed in there. Call signIn without prompt none.",
        "consent_required" => "the user has to agree first. Call signIn or upgrade without prompt none.",
        "interaction_required" => {
            "the user has to do something there first. Call signIn or upgrade without prompt none."
        }
        "account_selection_required" => "the user has to choose an account first. Call signIn without prompt none.",
        "invalid_request" => {
            "a parameter is missing, unknown or wrong. Compare redirectUri, and what else you send, with the client's registration."
        }
        "invalid_scope" => "it refuses the scopes. Define each of them there, and allow it for this client.",
        "invalid_grant" => {
            "the code or refresh token has ended, was used, or is not for this client and redirectUri. Sign in again."
        }
        "invalid_client" => {
            "it does not know clientId, or wants a secret, which no page can keep. Register a public client (a single-page app)."
        }
        "unauthorized_client" => {
            "the client may not do this. Allow it the authorization code flow, and refresh tokens if you want those."
        }
        "unsupported_response_type" => "it does not do the code flow for this client. Allow it there.",
        "server_error" => "it has a problem of its own. Try again later.",
        "temporarily_unavailable" => "it is busy. Try again later.",
        "use_dpop_nonce" => {
            "it wants a nonce in DPoP proofs that the page may not see. Let it expose the header DPoP-Nonce, or register the client without DPoP."
        }
        "invalid_dpop_proof" => {
            "it does not take the DPoP proof. Check the option dpop, the device's clock, and the URL by which the server knows its endpoint."
        }
        "invalid_target" => "it does not know the audience or resource. Check how it is spelled there.",
        _ => "see its documentation for this code.",
    }
}

/// Of a check, with what to do about it.
fn failed(what: &str, check: &FailedCheck, advice: fn(&str) -> &'static str) -> String {
    [what, " fails the check `", check.reason, "`. ", advice(check.reason)].concat()
}

fn advice_on_id_token(reason: &str) -> &'static str {
    match reason {
        "exp" | "iat" | "nbf" | "auth_time" => "Is the clock of this device right, and that of the server?",
        "iss" => "Compare it with the issuer option, to the letter.",
        "aud" => {
            "It must be for this client, and for no other that is not named in audience, resource, apis or trustedAudiences."
        }
        "azp" => "It is for another client: compare it with clientId.",
        "nonce" => "It is not the answer to this request. Start again.",
        "key" => {
            "At jwks_uri of the server's metadata there must be one key, with its kid, that fits its alg; and this browser must know that algorithm. Was the key changed a moment ago? Try again in a minute."
        }
        "signature" => {
            "It was not signed with the key that the server publishes at jwks_uri of its metadata: do not trust it."
        }
        "malformed" => "Is openid allowed for this client, and its ID token signed and not encrypted?",
        _ => "Check how the client is registered.",
    }
}

/// Of a JWT that is no ID token.
fn advice_on_jwt(reason: &str) -> &'static str {
    match reason {
        "response_mode" => {
            "With responseMode query.jwt it must be a JWT, and without it it must be none. Start again; each time? Ask whoever runs the server."
        }
        "aud" => "It is not for this client: compare it with clientId.",
        "malformed" => "It must be signed and not encrypted: check how the client is registered.",
        reason => advice_on_id_token(reason),
    }
}
