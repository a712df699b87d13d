//! The token request and its response (RFC 6749 §4.1.3, §5.1).

use super::document::Document;
use super::error::{Code, Error, Result};
use super::form::{self, Form};
use super::http::{Request, Response};
use super::metadata::Metadata;
use super::scope::ScopeSet;
use super::secret::{Secret, is_visible};
use super::text::Text;
use super::transaction::Transaction;

/// A longer token is no token.
const MAX_TOKEN: usize = 64 * 1024;
/// More scopes than these are no answer to what a URL can ask for.
const MAX_SCOPE: usize = 16 * 1024;

/// More seconds are as good as these, which add up to numbers that can be stored and read again.
const MAX_LIFETIME: i64 = u32::MAX as i64;

/// A success response, complete and of the right types. Nothing of it is trusted before the ID token is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenResponse {
    /// For the API.
    pub access_token: Secret,
    /// Seconds from the answer; nothing where the server did not say.
    pub expires_in: Option<i64>,
    /// As the server put it; nothing where it is as requested (RFC 6749 §5.1).
    pub scope: Option<Text>,
    /// For new access tokens.
    pub refresh_token: Option<Secret>,
    /// Who signed in.
    pub id_token: Option<Secret>,
}

impl TokenResponse {
    /// True where an ID token must be there: `openid` was requested, and the answer does not say that it was denied.
    pub fn promises_id_token(&self, transaction: &Transaction) -> bool {
        let listed = self
            .scope
            .as_ref()
            .is_none_or(|scope| ScopeSet::answered(scope).contains("openid"));
        listed && transaction.requested().contains("openid")
    }
}

/// The request that trades a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2).
pub fn request(metadata: &Metadata, client_id: &str, transaction: &Transaction, code: &Secret) -> Request {
    let mut form = transaction.fields().pick("redirect_uri code_verifier resource");
    form.put("grant_type", "authorization_code");
    form.put("client_id", client_id);
    form.put("code", code.secret());
    Request::post(metadata.token_endpoint(), form)
}

/// The request that revokes a token (RFC 7009 §2.1), where the server can.
pub fn revocation(metadata: &Metadata, client_id: &str, token: &Secret) -> Option<Request> {
    let mut form = Form::default();
    form.put("client_id", client_id);
    form.put("token", token.secret());
    Some(Request::post(metadata.revocation_endpoint()?, form))
}

/// Reads the answer.
pub fn response(response: &Response) -> Result<TokenResponse> {
    if let Some(error) = response.error() {
        return Err(error.retryable(false));
    }
    let body = response.json.as_ref().ok_or_else(|| {
        Error::new(
            Code::TokenResponseInvalid,
            "The token endpoint's answer is not a JSON object of type application/json. Check the endpoint's URL.",
        )
    })?;
    // An error that is none by type is no success either.
    if body.has("error") {
        return Err(wrong("error"));
    }
    let scope = text(body, "scope")?;
    if scope.as_deref().is_some_and(|scope| scope.len() > MAX_SCOPE) {
        return Err(wrong("scope"));
    }
    let token_type = text(body, "token_type")?.ok_or_else(|| wrong("token_type"))?;
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err(Error::new(
            Code::TokenTypeUnsupported,
            "The token type is not Bearer. Check what the client is registered for.",
        ));
    }
    Ok(TokenResponse {
        access_token: secret(body, "access_token")?.ok_or_else(|| wrong("access_token"))?,
        expires_in: expires_in(body)?,
        scope,
        refresh_token: secret(body, "refresh_token")?,
        id_token: secret(body, "id_token")?,
    })
}

fn text(body: &Document, name: &'static str) -> Result<Option<Text>> {
    body.string(name).map_err(|_| wrong(name))
}

fn secret(body: &Document, name: &'static str) -> Result<Option<Secret>> {
    match text(body, name)? {
        Some(token) if token.is_empty() => Err(wrong(name)),
        // An ID token has rules of its own, with reasons of their own.
        Some(token) if name != "id_token" && (token.len() > MAX_TOKEN || !is_visible(&token)) => Err(wrong(name)),
        token => Ok(token.map(Secret::new)),
    }
}

/// A number, or a string of digits: the one leniency, since some servers send it so.
fn expires_in(body: &Document) -> Result<Option<i64>> {
    let seconds = match (body.seconds("expires_in"), body.string("expires_in")) {
        (Ok(seconds), _) => seconds,
        (_, Ok(Some(digits))) if digits.bytes().all(|byte| byte.is_ascii_digit()) => form::number(&digits).or(Some(-1)),
        _ => Some(-1),
    };
    match seconds {
        Some(seconds) if seconds < 0 => Err(wrong("expires_in")),
        seconds => Ok(seconds.map(|seconds| seconds.min(MAX_LIFETIME))),
    }
}

fn wrong(name: &str) -> Error {
    Error::about(
        Code::TokenResponseInvalid,
        "The token endpoint's answer is not to be used (RFC 6749 §5.1): absent, of the wrong type or out of bounds is",
        name,
    )
}
