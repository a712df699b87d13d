//! The authorization response (RFC 6749 §4.1.2, RFC 9207), read from a URL.
//!
//! The order is fixed: duplicates, state, iss, error, code. Only then is the URL cleaned, and only then is a code used.

use super::error::{Code, Error, Result};
use super::form::{self, pairs};
use super::pieces::{cut, pieces};
use super::record::Record;
use super::secret::{Secret, is_visible};
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
const SINGLE: &str = "state iss error error_description error_uri code";
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
    found: Record,
}

/// What a response comes to, once it is known to be the answer to a request of this client.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To be traded for tokens, once.
    Code(Secret),
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
    pairs(part).any(|pair| cut(pair, b'=').is_some() && is_among(MARKS, &form::name(pair)))
}

/// Reads one part of a URL: duplicates, then state.
pub fn read(part: &str, mode: Mode) -> Result<Response> {
    if part.len() > MAX_BYTES || pairs(part).nth(MAX_PARAMS).is_some() {
        return Err(malformed());
    }
    let mut found = Record::default();
    for pair in pairs(part) {
        let name = form::name(pair);
        if is_among(FORBIDDEN, &name) {
            return Err(malformed());
        }
        if is_among(SINGLE, &name) {
            if found.fields().has(&name) {
                return Err(Error::about(Code::DuplicateParameter, &name));
            }
            found.put(&name, &form::text(pair));
        }
    }
    let state = Secret::new(found.fields().text_or_empty("state"));
    if state.secret().is_empty() {
        return Err(Error::new(Code::StateMissing));
    }
    Ok(Response { state, mode, found })
}

/// How the `state` of a sign-out begins. What comes back with it is no answer to an authorization request.
pub const FAREWELL: &str = "signout.";

impl Response {
    /// Whether the user comes back from signing out.
    pub fn is_farewell(&self) -> bool {
        let fields = self.found.fields();
        self.state.secret().starts_with(FAREWELL) && !fields.has("code") && !fields.has("error")
    }

    /// Checks the response against its transaction: iss, error, code.
    pub fn check(&self, transaction: &Transaction, issuer: &str) -> Result<Answer> {
        if transaction.mode() != self.mode {
            return Err(malformed());
        }
        let text = |name| self.found.fields().text(name);
        let (code, error) = (text("code"), text("error"));
        match text("iss") {
            Some(iss) if iss != issuer => Err(Error::new(Code::IssuerMismatch)),
            None if transaction.expects_issuer() => Err(Error::new(Code::IssuerMissing)),
            _ if error.is_none() && code.is_none_or(str::is_empty) => Err(Error::new(Code::CodeMissing)),
            _ => match (code, error) {
                (Some(code), None) if code.len() <= MAX_CODE && is_visible(code) => Ok(Answer::Code(Secret::new(code))),
                (None, Some(error)) if is_visible(error) => Ok(Answer::Refused(Error::from_server(
                    error,
                    text("error_description"),
                    text("error_uri"),
                ))),
                _ => Err(malformed()),
            },
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
    for pair in pairs(part) {
        let name = form::name(pair);
        if !is_among(SINGLE, &name) && !is_among(FORBIDDEN, &name) && !is_among(CUSTOMARY, &name) {
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

fn malformed() -> Error {
    Error::new(Code::ResponseMalformed)
}
