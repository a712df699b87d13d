//! The token response (RFC 6749 §5.1).

use std::fmt;

use crate::core::authorization_details::AuthorizationDetails;
use crate::core::authorize::PendingRequest;
use crate::core::dpop::PublicKey;
use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::Response;
use crate::core::provider::ProviderProfile;
use crate::core::reader::{FromValue, ObjectReader};
use crate::core::secret::{AccessToken, RawIdToken, RefreshToken, is_visible};
use crate::core::value::Value;

/// A longer token is no token.
const MAX_TOKEN: usize = 64 * 1024;
/// More scopes than these are no answer to what a URL can ask for.
const MAX_SCOPE: usize = 16 * 1024;
/// A year, in seconds: no longer lifetime is believed.
pub(crate) const MAX_LIFETIME: i64 = 365 * 24 * 3600;

/// A success response, complete and of the right types. Nothing of it is trusted before the ID token is checked.
#[derive(Clone, PartialEq)]
pub struct TokenResponse {
    /// For the API.
    pub access_token: AccessToken,
    /// Whether it is bound to the key that its request had a proof of (RFC 9449 §5).
    pub token_type: TokenType,
    /// Seconds from the answer; nothing where the server did not say.
    pub expires_in: Option<i64>,
    /// As the server put it; nothing where it is as requested (RFC 6749 §5.1).
    pub scope: Option<String>,
    /// For new access tokens.
    pub refresh_token: Option<RefreshToken>,
    /// What was granted besides scopes; nothing where the server did not say.
    pub authorization_details: Option<AuthorizationDetails>,
    /// Who signed in.
    pub id_token: Option<RawIdToken>,
}

/// How an access token is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// By whoever has it (RFC 6750).
    Bearer,
    /// With a proof of its key (RFC 9449).
    Dpop,
}

/// Not the tokens.
impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenResponse([redacted])")
    }
}

impl TokenResponse {
    /// Reads the answer. `key` is the one that its request had a proof of: the token has to be bound to it then, and to none
    /// otherwise.
    pub fn parse_bound(response: &Response, key: Option<&PublicKey>) -> Result<TokenResponse> {
        let mut answer = TokenResponse::parse(response)?;
        if (answer.token_type == TokenType::Dpop) != key.is_some() {
            return Err(Error::TokenTypeUnsupported);
        }
        answer.access_token = answer.access_token.bound_to(key.cloned());
        Ok(answer)
    }

    /// Reads the answer, whatever its request had.
    pub fn parse(response: &Response) -> Result<TokenResponse> {
        if let Some(error) = response.error() {
            return Err(error.at(Endpoint::Token).with_retryable(false));
        }
        let json = response.json.as_ref().unwrap_or(&Value::Null);
        let mut answer = ObjectReader::new(json).ok_or_else(Error::token_response_unreadable)?;
        // A success has no `error`, of whatever type. Null and no text are none.
        if json.present("error").is_some_and(|error| error.as_str() != Some("")) {
            answer.refuse("error");
        }
        let token_type: String = answer.required("token_type");
        let Token(access_token) = answer.required("access_token");
        let expires_in: Option<Lifetime> = answer.nullable("expires_in");
        answer.check(Error::token_response_invalid)?;
        let found = TokenResponse {
            access_token: AccessToken::new(access_token),
            token_type: TokenType::named(&token_type).ok_or(Error::TokenTypeUnsupported)?,
            expires_in: expires_in.as_ref().and_then(Lifetime::seconds),
            scope: answer.nullable("scope"),
            refresh_token: answer
                .nullable("refresh_token")
                .map(|Token(text)| RefreshToken::new(text)),
            authorization_details: answer.nullable("authorization_details"),
            // An ID token has rules of its own, with reasons of their own.
            id_token: answer.nullable::<String>("id_token").map(RawIdToken::new),
        };
        if found.id_token.as_ref().is_some_and(|token| token.secret().is_empty()) {
            answer.refuse("id_token");
        }
        if found.scope.as_ref().is_some_and(|scope| scope.len() > MAX_SCOPE) {
            answer.refuse("scope");
        }
        if expires_in.is_some() && found.expires_in.is_none() {
            answer.refuse("expires_in");
        }
        answer.check(Error::token_response_invalid)?;
        Ok(found)
    }

    /// True where an ID token must be there: `openid` was requested, however it is spelled, and the answer does not say
    /// that it was denied. Where the server never lists it, no answer does.
    pub fn promises_id_token(&self, request: &PendingRequest, profile: &ProviderProfile) -> bool {
        let is_denied = self
            .scope
            .as_deref()
            .is_some_and(|scope| !profile.names(&profile.returned(scope), "openid"));
        profile.names(&request.requested, "openid") && (!is_denied || profile.is_unlisted("openid") == Some(true))
    }
}

impl TokenType {
    /// The type of a name, in whatever case (RFC 6749 §5.1).
    fn named(name: &str) -> Option<TokenType> {
        let types = [("bearer", TokenType::Bearer), ("dpop", TokenType::Dpop)];
        let found = types.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        found.map(|(_, token_type)| token_type)
    }
}

/// A token of an answer.
#[derive(Default)]
struct Token(String);

impl FromValue for Token {
    fn from_value(value: &Value) -> Option<Token> {
        let is_token = |token: &&str| is_visible(token) && token.len() <= MAX_TOKEN;
        value.as_str().filter(is_token).map(|token| Token(token.to_owned()))
    }
}

/// A number, or digits in a string: the one leniency, since some servers send them so.
enum Lifetime {
    Number(f64),
    Digits(String),
}

impl FromValue for Lifetime {
    fn from_value(value: &Value) -> Option<Lifetime> {
        match value {
            Value::Number(number) => Some(Lifetime::Number(*number)),
            Value::String(text) => Some(Lifetime::Digits(text.clone())),
            _ => None,
        }
    }
}

impl Lifetime {
    /// Seconds: not negative, and what is longer than anybody believes is that long.
    fn seconds(&self) -> Option<i64> {
        let is_digits = |text: &&String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = match self {
            Lifetime::Number(number) => Some(*number).filter(|number| *number >= 0.0)? as i64,
            Lifetime::Digits(text) => Some(text).filter(is_digits)?.parse().unwrap_or(i64::MAX),
        };
        Some(seconds.min(MAX_LIFETIME))
    }
}
