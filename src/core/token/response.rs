//! The token response (RFC 6749 §5.1).

use std::fmt;

use crate::core::authorize::PendingRequest;
use crate::core::error::{Error, Result};
use crate::core::http::Response;
use crate::core::reader::{FromValue, Reader};
use crate::core::scope;
use crate::core::secret::{AccessToken, RawIdToken, RefreshToken, is_visible};
use crate::core::value::Value;

/// A longer token is no token.
const MAX_TOKEN: usize = 64 * 1024;
/// More scopes than these are no answer to what a URL can ask for.
const MAX_SCOPE: usize = 16 * 1024;
/// More seconds are as good as these, which add up to numbers that can be stored and read again.
const MAX_LIFETIME: i64 = u32::MAX as i64;
/// More digits are no number of seconds.
const MAX_DIGITS: usize = 18;

/// A success response, complete and of the right types. Nothing of it is trusted before the ID token is checked.
#[derive(Clone, PartialEq)]
pub struct TokenResponse {
    /// For the API.
    pub access_token: AccessToken,
    /// Seconds from the answer; nothing where the server did not say.
    pub expires_in: Option<i64>,
    /// As the server put it; nothing where it is as requested (RFC 6749 §5.1).
    pub scope: Option<String>,
    /// For new access tokens.
    pub refresh_token: Option<RefreshToken>,
    /// Who signed in.
    pub id_token: Option<RawIdToken>,
}

/// Not the tokens.
impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenResponse([redacted])")
    }
}

impl TokenResponse {
    /// Reads the answer.
    pub fn parse(response: &Response) -> Result<TokenResponse> {
        if let Some(error) = response.error() {
            return Err(error.with_retryable(false));
        }
        let mut body = Body::new(response.json.as_ref())?;
        // An error that is none by type is no success either.
        if body.0.value("error").is_some() {
            return Err(wrong("error"));
        }
        let token_type: String = body.required("token_type")?;
        let found = TokenResponse {
            access_token: AccessToken::new(body.token("access_token")?.ok_or_else(|| wrong("access_token"))?),
            expires_in: body.optional::<Lifetime>("expires_in")?.map(|lifetime| lifetime.0),
            scope: body.optional("scope")?,
            refresh_token: body.token("refresh_token")?.map(RefreshToken::new),
            id_token: body.id_token()?.map(RawIdToken::new),
        };
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(Error::TokenTypeUnsupported);
        }
        if found.scope.as_ref().is_some_and(|scope| scope.len() > MAX_SCOPE) {
            return Err(wrong("scope"));
        }
        Ok(found)
    }

    /// True where an ID token must be there: `openid` was requested, and the answer does not say that it was denied.
    pub fn promises_id_token(&self, request: &PendingRequest) -> bool {
        let mut returned = self.scope.as_deref().map(scope::tokens);
        let is_returned = returned
            .as_mut()
            .is_none_or(|tokens| tokens.any(|token| token == "openid"));
        is_returned && request.requested.contains("openid")
    }
}

/// The members of an answer's body.
struct Body<'a>(Reader<'a>);

impl<'a> Body<'a> {
    fn new(json: Option<&'a Value>) -> Result<Body<'a>> {
        let reader = json.and_then(Reader::new);
        reader.map(Body).ok_or_else(|| wrong("content-type: application/json"))
    }

    fn optional<T: FromValue>(&mut self, name: &'static str) -> Result<Option<T>> {
        self.0.optional(name).map_err(|_| wrong(name))
    }

    fn required<T: FromValue>(&mut self, name: &'static str) -> Result<T> {
        self.0.required(name).map_err(|_| wrong(name))
    }

    fn token(&mut self, name: &'static str) -> Result<Option<String>> {
        let token: Option<String> = self.optional(name)?;
        let is_token = |token: &String| is_visible(token) && token.len() <= MAX_TOKEN;
        match token {
            Some(token) if !is_token(&token) => Err(wrong(name)),
            token => Ok(token),
        }
    }

    /// An ID token has rules of its own, with reasons of their own.
    fn id_token(&mut self) -> Result<Option<String>> {
        match self.optional::<String>("id_token")? {
            Some(token) if token.is_empty() => Err(wrong("id_token")),
            token => Ok(token),
        }
    }
}

/// Seconds, not negative and bounded. Digits in a string are the one leniency, since some servers send them so.
struct Lifetime(i64);

impl FromValue for Lifetime {
    const EXPECTED: &'static str = "a number of seconds";

    fn from_value(value: &Value) -> Option<Lifetime> {
        let is_digits = |text: &&str| text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = match value {
            Value::String(text) => Some(text.as_str()).filter(is_digits)?.parse().ok()?,
            value => i64::from_value(value)?,
        };
        (seconds >= 0).then_some(Lifetime(seconds.min(MAX_LIFETIME)))
    }
}

fn wrong(member: &'static str) -> Error {
    Error::TokenResponseInvalid { member }
}
