//! The authorization response (RFC 6749 §4.1.2, RFC 9207), read from a URL.
//!
//! The order is fixed: duplicates, state, iss, error, code. Only then is the URL cleaned, and only then is a code used.

use super::error::{Code, Error, Result};
use super::form::{self, Fields};
use super::pieces::{cut, pieces};
use super::secret::{Secret, is_visible};
use super::text::Text;
use super::transaction::{Mode, Transaction};
use super::url;

/// Longer queries or fragments are no authorization response.
const MAX_BYTES: usize = 64 * 1024;
/// Nor are those with more parameters.
const MAX_PARAMS: usize = 100;
/// Nor is a longer code.
const MAX_CODE: usize = 8 * 1024;

/// Parameters whose presence makes a URL an authorization response.
const MARKS: &str = "state code error access_token id_token";
/// Parameters that may be there once.
const SINGLE: [&str; 6] = ["state", "iss", "error", "error_description", "error_uri", "code"];
/// Parameters that have no business in the front channel of the code flow.
const FORBIDDEN: &str = "access_token id_token token";
/// What else is taken out of the address bar: parameters of responses, registered or customary.
const CUSTOMARY: &str = "session_state scope token_type expires_in refresh_token authuser prompt hd";

/// An authorization response whose `state` is there and whose parameters are not ambiguous. Not yet to be trusted.
#[derive(Clone, Debug)]
pub struct Response {
    /// The key of the transaction.
    pub state: Secret,
    /// Where it stood.
    pub mode: Mode,
    iss: Option<Text>,
    error: Option<Text>,
    description: Option<Text>,
    uri: Option<Text>,
    code: Option<Secret>,
}

/// What a response comes to, once it is known to be the answer to a request of this client.
#[derive(Clone, Debug)]
pub enum Answer<'a> {
    /// To be traded for tokens, once.
    Code(&'a Secret),
    /// The server's error: the transaction ends with it.
    Refused(Error),
}

/// True where the URL is the redirect URI, whatever its query and fragment.
pub fn lands_on(url: &str, redirect_uri: &str) -> bool {
    url::base(url) == url::base(redirect_uri)
}

/// True where the part of a URL looks like an authorization response. With "=": a page's own anchor may well be
/// called "error".
pub fn is_response(part: &str) -> bool {
    Fields(part)
        .pairs()
        .any(|pair| cut(pair, b'=').is_some() && is_among(MARKS, &form::name(pair)))
}

/// Reads one part of a URL: duplicates, then state.
pub fn read(part: &str, mode: Mode) -> Result<Response> {
    if part.len() > MAX_BYTES || Fields(part).pairs().nth(MAX_PARAMS).is_some() {
        return Err(malformed("The authorization response is too large."));
    }
    let mut values: [Option<Text>; SINGLE.len()] = Default::default();
    let mut forbidden = false;
    for pair in Fields(part).pairs() {
        let (name, text) = (form::name(pair), form::text(pair));
        forbidden |= is_among(FORBIDDEN, &name);
        let slot = SINGLE.iter().zip(&mut values).find(|(single, _)| name == **single);
        if slot.is_some_and(|(_, slot)| slot.replace(text).is_some()) {
            return Err(Error::about(
                Code::DuplicateParameter,
                "Nothing was done with the authorization response: it has twice (RFC 6749 §3.1)",
                &name,
            ));
        }
    }
    if forbidden {
        return Err(malformed(
            "The authorization response carries a token in the URL. The code flow never does; check the client's registration.",
        ));
    }
    let [state, iss, error, description, uri, code] = values;
    let state = state.filter(|state| !state.is_empty()).ok_or_else(|| {
        Error::new(
            Code::StateMissing,
            "The authorization response has no state. It cannot be matched to a request; nothing was done with it.",
        )
    })?;
    Ok(Response {
        state: Secret::new(state),
        mode,
        iss,
        error,
        description,
        uri,
        code: code.map(Secret::new),
    })
}

impl Response {
    /// Checks the response against its transaction: iss, error, code.
    pub fn check(&self, transaction: &Transaction, issuer: &str) -> Result<Answer<'_>> {
        if transaction.mode() != self.mode {
            return Err(malformed(
                "The authorization response stands in another part of the URL than was asked for.",
            ));
        }
        match &self.iss {
            Some(iss) if **iss != *issuer => {
                return Err(Error::new(
                    Code::IssuerMismatch,
                    "The authorization response names another issuer (RFC 9207). It may come from another server; nothing was sent. The issuer option must be equal to the letter.",
                ));
            }
            None if transaction.expects_issuer() => {
                return Err(Error::new(
                    Code::IssuerMissing,
                    "The authorization response has no `iss`, which the server promises (RFC 9207). Nothing was sent.",
                ));
            }
            _ => {}
        }
        match (&self.error, &self.code) {
            (Some(_), Some(_)) => Err(malformed("The authorization response has both an error and a code.")),
            (Some(error), None) if !is_visible(error) => {
                Err(malformed("The authorization response has an error that says nothing."))
            }
            (Some(error), None) => {
                let description = self.description.as_deref();
                Ok(Answer::Refused(Error::from_server(
                    error,
                    description,
                    self.uri.as_deref(),
                )))
            }
            (None, Some(code)) if !code.secret().is_empty() => {
                if code.secret().len() <= MAX_CODE && is_visible(code.secret()) {
                    Ok(Answer::Code(code))
                } else {
                    Err(malformed(
                        "The authorization code is too long, or has illegal characters.",
                    ))
                }
            }
            (None, _) => Err(Error::new(
                Code::CodeMissing,
                "The authorization response has neither a code nor an error. Start the sign-in again.",
            )),
        }
    }
}

/// The URL without the response's parameters; the page's own query and fragment stay as they are, byte for byte.
pub fn cleaned(url: &str) -> String {
    let (query, fragment) = url::parts(url);
    let mut clean = url::base(url).to_owned();
    // A response stands in one part: the other is the page's own, whatever its names are.
    let query = if is_response(query) {
        without_response(query)
    } else {
        query.to_owned()
    };
    let fragment = if is_response(fragment) {
        without_response(fragment)
    } else {
        fragment.to_owned()
    };
    // Facebook adds this one.
    let fragment = if fragment == "_=_" { String::new() } else { fragment };
    for (mark, part) in [("?", query), ("#", fragment)] {
        if !part.is_empty() {
            clean.push_str(mark);
            clean.push_str(&part);
        }
    }
    clean
}

fn without_response(part: &str) -> String {
    let mut kept = String::new();
    for pair in Fields(part).pairs() {
        let name = form::name(pair);
        if !SINGLE.contains(&&*name) && !is_among(FORBIDDEN, &name) && !is_among(CUSTOMARY, &name) {
            if !kept.is_empty() {
                kept.push('&');
            }
            kept.push_str(pair);
        }
    }
    kept
}

fn is_among(names: &str, name: &str) -> bool {
    pieces(names, b' ').any(|known| known == name)
}

fn malformed(message: &'static str) -> Error {
    Error::new(Code::ResponseMalformed, message)
}
