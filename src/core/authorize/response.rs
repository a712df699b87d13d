//! The authorization response (RFC 6749 §4.1.2, RFC 9207), read from a URL.
//!
//! The order is fixed: duplicates, state, iss, error, code. Only then is the URL cleaned, and only then is a code used.

use super::{PendingRequest, ResponseMode};
use crate::core::error::{Endpoint, Error, Result};
use crate::core::issuer;
use crate::core::secret::{AuthorizationCode, State, is_visible};
use crate::core::url;

/// Longer queries or fragments are no authorization response.
const MAX_BYTES: usize = 64 * 1024;
/// Nor are those with more parameters.
const MAX_PARAMS: usize = 100;
/// Nor is a longer code.
const MAX_CODE: usize = 8 * 1024;

/// How the `state` of a sign-out begins. What comes back with it is no response to an authorization request.
pub(crate) const SIGN_OUT_STATE: &str = "signout.";

/// Parameters whose presence makes a URL an authorization response.
const MARKERS: [&str; 5] = ["state", "code", "error", "access_token", "id_token"];
/// Parameters that have no business in the front channel of the code flow.
const FORBIDDEN: [&str; 3] = ["access_token", "id_token", "token"];
/// Parameters of responses, registered or customary, that the client does not read.
const IGNORED: [&str; 8] = [
    "session_state",
    "scope",
    "token_type",
    "expires_in",
    "refresh_token",
    "authuser",
    "prompt",
    "hd",
];

/// A response whose parameters are not ambiguous and whose `state` is there. Not yet to be trusted.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The key of the transaction.
    pub state: State,
    /// Where it stood.
    pub mode: ResponseMode,
    code: Option<AuthorizationCode>,
    issuer: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    error_uri: Option<String>,
}

/// What a response comes to, once it is known to be the answer to a request of this client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthorizationResponse {
    /// To be traded for tokens, once.
    Code(AuthorizationCode),
    /// The server's error: the transaction ends with it.
    Error(Error),
}

/// True where the URL is the redirect URI, whatever its query and fragment.
pub fn is_redirect_uri(url: &str, redirect_uri: &str) -> bool {
    url::base(url) == url::base(redirect_uri)
}

/// True where the part of a URL looks like an authorization response. With "=": a page's own anchor may well be
/// called "error".
pub fn is_response(part: &str) -> bool {
    pairs(part).any(|pair| pair.contains('=') && MARKERS.contains(&name_of(pair).as_str()))
}

impl Callback {
    /// Reads one part of a URL: duplicates, then state.
    pub fn parse(part: &str, mode: ResponseMode) -> Result<Callback> {
        if part.len() > MAX_BYTES || pairs(part).nth(MAX_PARAMS).is_some() {
            return Err(Error::ResponseMalformed);
        }
        let (mut state, mut code, mut issuer) = (None, None, None);
        let (mut error, mut error_description, mut error_uri) = (None, None, None);
        for (name, value) in form_urlencoded::parse(part.as_bytes()) {
            let parameter = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "iss" => &mut issuer,
                "error" => &mut error,
                "error_description" => &mut error_description,
                "error_uri" => &mut error_uri,
                name if FORBIDDEN.contains(&name) => return Err(Error::ResponseMalformed),
                _ => continue,
            };
            if parameter.replace(value.into_owned()).is_some() {
                return Err(Error::duplicate_parameter(name));
            }
        }
        Ok(Callback {
            state: state
                .filter(|state| !state.is_empty())
                .map(State::new)
                .ok_or(Error::StateMissing)?,
            mode,
            code: code.map(AuthorizationCode::new),
            issuer,
            error,
            error_description,
            error_uri,
        })
    }

    /// Whether the user is back from signing out.
    pub fn is_sign_out_response(&self) -> bool {
        self.state.secret().starts_with(SIGN_OUT_STATE) && self.code.is_none() && self.error.is_none()
    }

    /// Checks the response against its request: iss, error, code. `issuer` is the expected one.
    pub fn check(&self, request: &PendingRequest, issuer: &str) -> Result<AuthorizationResponse> {
        if request.response_mode != self.mode {
            return Err(Error::ResponseMalformed);
        }
        match &self.issuer {
            Some(found) if !issuer::is_expected(issuer, found) => return Err(Error::IssuerMismatch),
            None if request.expects_issuer => return Err(Error::IssuerMissing),
            _ => {}
        }
        match (&self.code, &self.error) {
            (None, None) => Err(Error::CodeMissing),
            (Some(code), None) if code.secret().is_empty() => Err(Error::CodeMissing),
            (Some(code), None) if code.secret().len() <= MAX_CODE && is_visible(code.secret()) => {
                Ok(AuthorizationResponse::Code(code.clone()))
            }
            (None, Some(error)) if is_visible(error) => {
                let (description, uri) = (self.error_description.as_deref(), self.error_uri.as_deref());
                let error = Error::from_server(error, description, uri).at(Endpoint::Authorization);
                Ok(AuthorizationResponse::Error(error))
            }
            _ => Err(Error::ResponseMalformed),
        }
    }
}

/// The URL without the response's parameters; the page's own query and fragment stay as they are, byte for byte.
pub fn cleaned(url: &str) -> String {
    let (query, fragment) = url::parts(url);
    // A response stands in one part: the other is the page's own, whatever its names are.
    let [query, fragment] = [query, fragment].map(|part| {
        if is_response(part) {
            without_response(part)
        } else {
            part.to_owned()
        }
    });
    let mut clean = url::base(url).to_owned();
    if !query.is_empty() {
        clean.push('?');
        clean.push_str(&query);
    }
    // Facebook adds this fragment to its responses.
    if !fragment.is_empty() && fragment != "_=_" {
        clean.push('#');
        clean.push_str(&fragment);
    }
    clean
}

fn without_response(part: &str) -> String {
    let is_own = |pair: &&str| {
        let name = name_of(pair);
        let name = name.as_str();
        let is_read = ["state", "iss", "error", "error_description", "error_uri", "code"].contains(&name);
        !is_read && !FORBIDDEN.contains(&name) && !IGNORED.contains(&name)
    };
    pairs(part).filter(is_own).collect::<Vec<_>>().join("&")
}

/// The pairs of an encoded text, as they stand.
fn pairs(part: &str) -> impl Iterator<Item = &str> {
    part.split('&').filter(|pair| !pair.is_empty())
}

/// The decoded name of an encoded pair.
fn name_of(pair: &str) -> String {
    let decoded = form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map(|(name, _)| name.into_owned()).unwrap_or_default()
}
