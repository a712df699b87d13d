//! What each failure says to a developer: what happened, where, and what to look at.

mod texts;

use std::borrow::Cow;

use super::error::{
    ChallengeDetails, Endpoint, Error, FailedCheck, HttpFailure, IllegalCharacter, InvalidMember, MissingScopes,
    ServerError, UnknownOption, WrongOption,
};
use super::scope::Scope;

impl Error {
    /// What happened and what to do.
    pub fn message(&self) -> String {
        let message: Cow<'static, str> = match self {
            Error::InRequest(failure) => failure.error.message().into(),
            Error::Server(error) => of_server(error).into(),
            Error::Http(failure) => of_status(failure).into(),
            Error::Network(endpoint) => unreached(*endpoint).into(),
            Error::Timeout(Some(endpoint)) => unanswered(*endpoint).into(),
            Error::TimeoutAfterSending => unanswered(Endpoint::Token).into(),
            Error::InvalidScopeSyntax(Some(character)) => of_character(character).into(),
            Error::UnknownOption(option) => unknown_option(option).into(),
            Error::WrongOption(option) => wrong_option(option).into(),
            Error::InvalidOptions(options) => [&options.problem, "."].concat().into(),
            Error::MetadataInvalid(member) => of_member(METADATA_INVALID, member, ".").into(),
            Error::ApiMetadataInvalid(member) => of_member(API_METADATA_INVALID, member, ".").into(),
            Error::DuplicateParameter(member) => duplicate_parameter(member).into(),
            Error::TokenResponseInvalid(member) => {
                of_member(TOKEN_RESPONSE_INVALID, member, CHECK_TOKEN_ENDPOINT).into()
            }
            Error::IdTokenInvalid(check) => failed("The ID token is not there, or", check, advice_on_id_token).into(),
            Error::ResponseJwtInvalid(check) => failed("The authorization response", check, advice_on_jwt).into(),
            Error::UserInfoJwtInvalid(check) => failed("The userinfo endpoint's JWT", check, advice_on_jwt).into(),
            Error::MissingScope(scopes) => missing_scope(scopes).into(),
            Error::InsufficientScope(details) => insufficient_scope(details).into(),
            Error::ChallengeUnreadable(details) => challenge_unreadable(details).into(),
            Error::UpgradeLoop(details) => upgrade_loop(details).into(),
            Error::InvalidScopeSyntax(None) => texts::INVALID_SCOPE_SYNTAX.into(),
            Error::InvalidReturnTo => texts::INVALID_RETURN_TO.into(),
            Error::MetadataRequired => texts::METADATA_REQUIRED.into(),
            Error::NotInBrowser => texts::NOT_IN_BROWSER.into(),
            Error::StateMissing => texts::STATE_MISSING.into(),
            Error::TransactionMissing => texts::TRANSACTION_MISSING.into(),
            Error::TransactionExpired => texts::TRANSACTION_EXPIRED.into(),
            Error::ResponseMalformed => texts::RESPONSE_MALFORMED.into(),
            Error::IssuerMissing => texts::ISSUER_MISSING.into(),
            Error::IssuerMismatch => texts::ISSUER_MISMATCH.into(),
            Error::CodeMissing => texts::CODE_MISSING.into(),
            Error::CallbackConsumed => texts::CALLBACK_CONSUMED.into(),
            Error::PopupBlocked => texts::POPUP_BLOCKED.into(),
            Error::PopupClosed => texts::POPUP_CLOSED.into(),
            Error::FrameBlocked => texts::FRAME_BLOCKED.into(),
            Error::TokenResponseLost => texts::TOKEN_RESPONSE_LOST.into(),
            Error::TokenTypeUnsupported => texts::TOKEN_TYPE_UNSUPPORTED.into(),
            Error::SubjectMismatch => texts::SUBJECT_MISMATCH.into(),
            Error::NotSignedIn => texts::NOT_SIGNED_IN.into(),
            Error::InsufficientUserAuthentication(_) => texts::INSUFFICIENT_USER_AUTHENTICATION.into(),
            Error::InvalidToken => texts::INVALID_TOKEN.into(),
            Error::UntrustedOrigin => texts::UNTRUSTED_ORIGIN.into(),
            Error::Timeout(None) => texts::OTHER_TAB_BUSY.into(),
            Error::SilentTimeout => texts::SILENT_TIMEOUT.into(),
            Error::Aborted => texts::ABORTED.into(),
            Error::UserInfoInvalid => texts::USER_INFO_INVALID.into(),
            Error::UserInfoUnchecked => texts::USER_INFO_UNCHECKED.into(),
            Error::StorageUnavailable => texts::STORAGE_UNAVAILABLE.into(),
            Error::LoginRequired => texts::LOGIN_REQUIRED.into(),
        };
        message.into_owned()
    }
}

const METADATA_INVALID: &str = "The server's metadata cannot be used (what it answers at .well-known/openid-configuration below the issuer, or the metadata option)";
const API_METADATA_INVALID: &str =
    "The API's metadata cannot be used (what it answers at .well-known/oauth-protected-resource, RFC 9728)";
const TOKEN_RESPONSE_INVALID: &str = "The token endpoint's answer cannot be used (RFC 6749 §5.1)";
const CHECK_TOKEN_ENDPOINT: &str = ". Check the endpoint's URL in the metadata, and what the server sends.";

fn unreached(endpoint: Option<Endpoint>) -> String {
    [
        name_of(endpoint),
        " cannot be reached, or the page may not read its answer. Check the network, the URL, its CORS settings and the page's connect-src.",
    ]
    .concat()
}

fn of_character(character: &IllegalCharacter) -> String {
    let index = character.index.to_string();
    [
        "A scope has a character that scopes may not have, at index ",
        &index,
        " of its token. ",
        texts::INVALID_SCOPE_SYNTAX,
    ]
    .concat()
}

fn unknown_option(option: &UnknownOption) -> String {
    [
        option.method,
        " has no option \"",
        &option.name,
        "\". Check its spelling.",
    ]
    .concat()
}

fn wrong_option(option: &WrongOption) -> String {
    ["\"", &option.name, "\" must be ", option.expected, "."].concat()
}

fn of_member(what: &str, member: &InvalidMember, advice: &str) -> String {
    [what, ": `", &member.name, "` ", member.problem, advice].concat()
}

fn duplicate_parameter(member: &InvalidMember) -> String {
    [
        "The authorization response has `",
        &member.name,
        "` twice, so nothing was done with it. Start again; if it stays, ask whoever runs the server.",
    ]
    .concat()
}

fn missing_scope(scopes: &MissingScopes) -> String {
    let what = about_missing(
        "No token for this audience has ",
        &scopes.missing,
        "There is no token for this audience",
    );
    [&what, ". Call upgrade when the user wants what needs it."].concat()
}

fn insufficient_scope(details: &ChallengeDetails) -> String {
    let what = about_missing(
        "The API refused the token, which lacks ",
        &details.missing,
        "The API wants scopes that apis do not let it ask for",
    );
    let advice = ". Call upgrade for what is in missing, or fetch with onMissing.";
    [&what, &status(details), advice].concat()
}

fn challenge_unreadable(details: &ChallengeDetails) -> String {
    if details.status == Some(401) {
        return texts::CHALLENGE_OF_401.to_owned();
    }
    [
        "The API refused",
        &status(details),
        " without a scope that the page can read. It must name it in WWW-Authenticate, and list that in Access-Control-Expose-Headers; or give fetch the scope.",
    ]
    .concat()
}

fn upgrade_loop(details: &ChallengeDetails) -> String {
    [
        "What the API asks for is granted, and it still refuses",
        &status(details),
        ". Compare what its WWW-Authenticate names with what it checks.",
    ]
    .concat()
}

/// What is said of scopes, where there are some to name.
fn about_missing(text: &str, missing: &[String], otherwise: &str) -> String {
    match named(missing) {
        None => otherwise.to_owned(),
        Some(missing) => [text, &missing].concat(),
    }
}

/// Some scopes, in backticks. They may be a stranger's words: only what is a scope is shown, and not much of it.
fn named(scopes: &[String]) -> Option<String> {
    let is_shown = |scope: &&str| scope.len() <= 100 && Scope::parse(scope).is_ok();
    let shown: Vec<&str> = scopes.iter().map(String::as_str).filter(is_shown).take(10).collect();
    (!shown.is_empty()).then(|| ["`", &shown.join("`, `"), "`"].concat())
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
        if let Some(scopes) = named(scopes) {
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
