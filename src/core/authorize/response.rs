//! The authorization response (RFC 6749 §4.1.2, RFC 9207), read from a URL.
//!
//! The order is fixed: duplicates, state, iss, error, code. Only then is the URL cleaned, and only then is a code used.

use std::borrow::Cow;

use super::{PendingRequest, ResponseMode, signed_response};
use crate::core::error::{Endpoint, Error, FailedCheck, Result};
use crate::core::http::holds;
use crate::core::issuer;
use crate::core::jwt::JsonParser;
use crate::core::secret::{AuthorizationCode, Nonce, State, is_visible};
use crate::core::url;

/// Longer queries or fragments are no authorization response.
const MAX_BYTES: usize = 64 * 1024;
/// Nor are those with more parameters.
const MAX_PARAMS: usize = 100;
/// Nor is a longer code.
const MAX_CODE: usize = 8 * 1024;

/// How the `state` of a sign-out begins. What comes back with it is no response to an authorization request.
pub(crate) const SIGN_OUT_STATE: &str = "signout.";

/// With one of these, and `state`, a URL holds an authorization response.
const MARKERS: [&str; 3] = ["code", "error", "response"];
/// The parameters of a response that the client reads.
pub(super) const READ: [&str; 6] = ["state", "code", "iss", "error", "error_description", "error_uri"];
/// Parameters that have no business in the front channel of the code flow.
pub(super) const FORBIDDEN: [&str; 3] = ["access_token", "id_token", "token"];
/// Parameters of responses, registered or customary, that the client does not read.
const IGNORED: [&str; 9] = [
    "response",
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

/// How near a URL is to a redirect URI. The first member in which two differ decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likeness {
    is_same_page: bool,
    /// Of the redirect URI, all of which are there.
    parameters: usize,
    /// To the letter.
    is_same_path: bool,
}

impl Likeness {
    /// Nothing where parameters of the redirect URI are missing, since servers keep them (RFC 6749 §3.1.2). On another page,
    /// where the one at the redirect URI may have gone on to, they alone tell; nothing where there are none.
    pub fn of(url: &str, redirect_uri: &str) -> Option<Likeness> {
        let pairs = |url| form_urlencoded::parse(url::parts(url).0.as_bytes());
        let is_kept = |own| pairs(url).any(|pair| pair == own);
        let found = Likeness {
            is_same_page: page_of(url) == page_of(redirect_uri),
            parameters: pairs(redirect_uri).count(),
            is_same_path: is_redirect_uri(url, redirect_uri),
        };
        let can_tell = found.is_same_page || found.parameters > 0;
        (can_tell && pairs(redirect_uri).all(is_kept)).then_some(found)
    }
}

/// The page of a URL, in whichever of its ways the host has written it.
fn page_of(url: &str) -> &str {
    let base = url::base(url);
    let base = base.strip_suffix("index.html").unwrap_or(base).trim_end_matches('/');
    base.strip_suffix(".html").unwrap_or(base)
}

/// What a URL holds for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// Nothing: all of it is the application's.
    Nothing,
    /// The way back from signing out.
    SignOut,
    /// What would be a response, but for its `state`, in this part: the application's, unless a response is expected.
    WithoutState(ResponseMode),
    /// A response, in this part.
    Response(ResponseMode),
    /// A response to another page's or client's request, or the application's own, in this part.
    Unknown(State, ResponseMode),
}

/// Finds the response in a URL. `expects` says of a `state` that belongs to a request of this client whether its response
/// is to be in that part. It may come on any path, since hosts add and take slashes and `index.html`. One whose `state` is
/// not known comes in the query of the redirect URI. Only the part that was asked for is read, whatever stands in the
/// other. A JWT that `parse` can read is a response where its `state` is that of a request, and else the application's own.
pub fn locate(
    url: &str,
    redirect_uri: &str,
    parse: JsonParser<'_>,
    expects: &dyn Fn(&State, ResponseMode) -> Option<bool>,
) -> Located {
    let (query, fragment) = url::parts(url);
    if first_state(query).is_some_and(|state| state.starts_with(SIGN_OUT_STATE)) && !is_marked(query) {
        return Located::SignOut;
    }
    if url::origin(url) != url::origin(redirect_uri) {
        return Located::Nothing;
    }
    let is_here = is_redirect_uri(url, redirect_uri);
    let candidates = [
        (state_of(query), ResponseMode::Query),
        (state_of(fragment), ResponseMode::Fragment),
        (signed_response::state_of(query, parse), ResponseMode::QueryJwt),
    ];
    let candidates = candidates.map(|(state, mode)| state.map(|state| (mode, expects(&state, mode), state)));
    // `expected` is nothing where no request of this client has the state.
    let known = |here: bool| {
        candidates
            .iter()
            .flatten()
            .find(|(_, expected, _)| *expected == Some(here))
    };
    if let Some((mode, ..)) = known(true).or_else(|| known(false)) {
        return Located::Response(*mode);
    }
    match candidates.into_iter().flatten().next() {
        Some((mode @ ResponseMode::Query, ..)) if is_here => Located::Response(mode),
        Some((mode, _, state)) => Located::Unknown(state, mode),
        None if is_here && signed_response::is_in(query) => Located::WithoutState(ResponseMode::QueryJwt),
        None if is_here && is_marked(query) => Located::WithoutState(ResponseMode::Query),
        None => Located::Nothing,
    }
}

/// The `state` of the response that a part of a URL holds, if it holds one.
pub(crate) fn state_of(part: &str) -> Option<State> {
    let state = first_state(part).filter(|state| !state.is_empty() && is_marked(part))?;
    Some(State::new(state))
}

fn first_state(part: &str) -> Option<Cow<'_, str>> {
    let mut pairs = form_urlencoded::parse(part.as_bytes());
    pairs.find(|(name, _)| name == "state").map(|(_, state)| state)
}

fn is_marked(part: &str) -> bool {
    form_urlencoded::parse(part.as_bytes()).any(|(name, _)| MARKERS.contains(&&*name))
}

impl Callback {
    /// Reads one part of a URL, without its `?` or `#`: duplicates, then state.
    pub fn parse(part: &str, mode: ResponseMode) -> Result<Callback> {
        if is_too_large(part) {
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

    /// Whether it says whose it is (RFC 9207).
    pub fn names_issuer(&self) -> bool {
        self.issuer.is_some()
    }

    /// Checks the response against its request: iss, error, code. `issuer` is the expected one.
    pub fn check(&self, request: &PendingRequest, issuer: &str) -> Result<AuthorizationResponse> {
        if request.response_mode != self.mode {
            let is_jwt_for_one = [request.response_mode, self.mode].contains(&ResponseMode::QueryJwt);
            return Err(if is_jwt_for_one {
                Error::ResponseJwtInvalid(FailedCheck::new("response_mode"))
            } else {
                Error::ResponseMalformed
            });
        }
        match &self.issuer {
            Some(found) if !issuer::is_expected(issuer, found) => return Err(Error::IssuerMismatch),
            None if request.expects_issuer || self.mode == ResponseMode::QueryJwt => return Err(Error::IssuerMissing),
            _ => {}
        }
        match (&self.code, &self.error) {
            (None, None) => Err(Error::CodeMissing),
            (Some(code), None) if code.secret().is_empty() => Err(Error::CodeMissing),
            (Some(code), None) if code.secret().len() <= MAX_CODE && is_visible(code.secret()) => {
                Ok(AuthorizationResponse::Code(code.clone()))
            }
            (None, Some(error)) if is_visible(error) => {
                // The server may repeat what it was sent.
                let nonce = request.nonce.as_ref().map(Nonce::secret);
                let is_discreet = |text: &&str| {
                    let mut secrets = [Some(self.state.secret()), nonce].into_iter().flatten();
                    !secrets.any(|secret| holds(text, secret))
                };
                let description = self.error_description.as_deref().filter(is_discreet);
                let uri = self.error_uri.as_deref().filter(is_discreet);
                let error = Error::from_server(error, description, uri).at(Endpoint::Authorization);
                Ok(AuthorizationResponse::Error(error))
            }
            _ => Err(Error::ResponseMalformed),
        }
    }
}

/// The URL without the parameters of the response in this part; the page's own stay as they are, byte for byte. The
/// fragment is the page's own unless the response is there, or there too. What else looks like a response in the query
/// goes with it.
pub fn cleaned(url: &str, mode: ResponseMode) -> String {
    let (query, fragment) = url::parts(url);
    let [in_query, in_fragment] = [query, fragment].map(state_of);
    let (mut query, mut fragment) = (query.to_owned(), fragment.to_owned());
    if mode != ResponseMode::Fragment || in_query.is_some() {
        query = without_response(&query);
    }
    if mode == ResponseMode::Fragment || in_fragment.is_some() && in_query == in_fragment {
        fragment = without_response(&fragment);
    }
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

/// The path, and if it is the redirect URI's, then without the parameters of a response: returning there must not look like
/// one.
pub(super) fn without_own_response<'a>(path: &'a str, redirect_uri_path: &str) -> Cow<'a, str> {
    let is_here = is_redirect_uri(path, redirect_uri_path);
    if is_here && state_of(url::parts(path).0).is_some() {
        cleaned(path, ResponseMode::Query).into()
    } else {
        path.into()
    }
}

/// Whether a part of a URL is too large for a response.
pub(super) fn is_too_large(part: &str) -> bool {
    part.len() > MAX_BYTES || pairs(part).nth(MAX_PARAMS).is_some()
}

fn without_response(part: &str) -> String {
    let is_own = |pair: &&str| {
        let name = name_of(pair);
        let is_named = |names: &[&str]| names.contains(&&*name);
        !is_named(&READ) && !is_named(&FORBIDDEN) && !is_named(&IGNORED)
    };
    pairs(part).filter(is_own).collect::<Vec<_>>().join("&")
}

/// The pairs of an encoded text, as they stand.
fn pairs(part: &str) -> impl Iterator<Item = &str> {
    part.split('&').filter(|pair| !pair.is_empty())
}

/// The decoded name of an encoded pair.
fn name_of(pair: &str) -> Cow<'_, str> {
    let decoded = form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map(|(name, _)| name).unwrap_or_default()
}
