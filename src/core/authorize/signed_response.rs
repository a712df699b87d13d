//! Authorization responses as signed JWTs: JWT Secured Authorization Response Mode for OAuth 2.0 (JARM).

use super::response::{Callback, FORBIDDEN, READ, is_too_large};
use super::{PendingRequest, ResponseMode};
use crate::core::config::Config;
use crate::core::error::{Error, FailedCheck, Result};
use crate::core::jwt::{JsonParser, Jwt, SignedToken};
use crate::core::secret::State;
use crate::core::server::ServerMetadata;
use crate::core::url::Params;
use crate::core::value::Value;

/// A response that is a JWT. What it says counts once its signature is verified.
#[derive(Clone, Debug)]
pub struct SignedResponse {
    jwt: Jwt,
    callback: Callback,
}

/// The `state` of the response that is a JWT in a query, if one is there. It says which request may be meant, no more.
pub(super) fn state_of(query: &str, parse: JsonParser<'_>) -> Option<State> {
    if is_too_large(query) {
        return None;
    }
    let text = responses(query).next()?;
    let jwt = Jwt::decode(&text, parse).ok()?;
    let state = jwt.claims().text("state").filter(|state| !state.is_empty())?;
    Some(State::new(state))
}

/// True where a query has a `response`, sound or not.
pub(super) fn is_in(query: &str) -> bool {
    responses(query).next().is_some()
}

/// The values of `response`.
fn responses(query: &str) -> impl Iterator<Item = String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .filter(|(name, _)| name == "response")
        .map(|(_, value)| value.into_owned())
}

/// Checks that a server signs its responses, as far as it says so, and publishes the keys.
pub(super) fn check_support(mode: ResponseMode, metadata: &ServerMetadata) -> Result<()> {
    let is_listed = |modes: &Vec<String>| modes.iter().any(|listed| listed == mode.as_str());
    if mode != ResponseMode::QueryJwt {
        Ok(())
    } else if !metadata.response_modes.as_ref().is_none_or(is_listed) {
        let problem = "does not list query.jwt: leave out responseMode, or let the server sign its responses";
        Err(Error::metadata_member("response_modes_supported", problem))
    } else if metadata.jwks_uri.is_none() {
        Err(Error::metadata_member(
            "jwks_uri",
            "must be there for responseMode query.jwt",
        ))
    } else {
        Ok(())
    }
}

impl SignedResponse {
    /// Reads a query, without its `?`: duplicates, form, state.
    pub fn parse(query: &str, parse: JsonParser<'_>) -> Result<SignedResponse> {
        if is_too_large(query) {
            return Err(Error::ResponseMalformed);
        }
        let mut responses = responses(query);
        let text = responses.next().unwrap_or_default();
        if responses.next().is_some() {
            return Err(Error::duplicate_parameter("response"));
        }
        let jwt = Jwt::decode(&text, parse).map_err(Error::ResponseJwtInvalid)?;
        // Its members are the parameters of a response (JARM §2.1).
        let mut params = Params::new();
        for name in READ.into_iter().chain(FORBIDDEN) {
            match jwt.claims().present(name) {
                None => {}
                Some(Value::String(text)) => params.push(name, text),
                Some(_) => return Err(Error::ResponseJwtInvalid(FailedCheck::new(name))),
            }
        }
        let callback = Callback::parse(&params.to_form(), ResponseMode::QueryJwt)?;
        Ok(SignedResponse { jwt, callback })
    }

    /// Checks that it answers a request, all but its signature: iss, error and code, aud, exp (JARM §2.4), nbf.
    pub fn check(&self, request: &PendingRequest, client: &Config, now: i64) -> Result<()> {
        self.callback.check(request, &client.expected_issuer)?;
        let earliest = now.saturating_sub(client.clock_tolerance);
        let latest = now.saturating_add(client.clock_tolerance);
        let checked = self.jwt.check_present(&["aud", "exp"]);
        let checked = checked.and_then(|()| self.jwt.check(&client.client_id, earliest));
        let checked = checked.and_then(|()| self.jwt.check_begun(latest));
        checked.map_err(Error::ResponseJwtInvalid)
    }

    /// What its signature is checked against.
    pub fn signed_part(&self, metadata: &ServerMetadata) -> Result<SignedToken<'_>> {
        let signed = self.jwt.signed_part(metadata.response_algorithms.as_deref());
        signed.map_err(Error::ResponseJwtInvalid)
    }

    /// What it says.
    pub fn callback(&self) -> &Callback {
        &self.callback
    }
}
