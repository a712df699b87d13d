//! Pushed authorization requests (RFC 9126): the parameters go to the server first, and the user's URL refers to them.

use super::AuthorizationRequest;
use crate::core::config::Config;
use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::{Request, Response};
use crate::core::secret::is_visible;
use crate::core::server::ServerMetadata;
use crate::core::url::{self, Params};
use crate::core::value::Value;

/// Where the user goes with some parameters, and what is sent before, if they are pushed.
pub(super) fn destination(
    client: &Config,
    metadata: &ServerMetadata,
    params: &Params,
) -> Result<(String, Option<Request>)> {
    let to = |params| url::with_query(&metadata.authorization_endpoint, params);
    Ok(match metadata.endpoint_for_pushing(client.par)? {
        None => (to(params), None),
        Some(endpoint) => {
            let mut named = Params::new();
            named.push("client_id", &client.client_id);
            (to(&named), Some(Request::post(endpoint, params)))
        }
    })
}

impl AuthorizationRequest {
    /// Completes the URL with the answer to what was pushed (RFC 9126 §2.2, §4).
    pub fn pushed(&mut self, response: &Response) -> Result<()> {
        if let Some(error) = response.error() {
            return Err(error.at(Endpoint::PushedAuthorization));
        }
        let request_uri = response.json.as_ref().and_then(request_uri);
        let request_uri = request_uri.ok_or_else(|| {
            let error = Error::http(response.status, false);
            error.at(Endpoint::PushedAuthorization)
        })?;
        let mut reference = Params::new();
        reference.push("request_uri", &request_uri);
        self.url = url::with_query(&self.url, &reference);
        self.push = None;
        Ok(())
    }
}

/// What refers to the request. The user is sent there at once, so how long it lasts must only make sense.
fn request_uri(answer: &Value) -> Option<String> {
    let lasts =
        matches!(answer.get("expires_in"), Some(Value::Number(seconds)) if *seconds >= 1.0 && seconds.fract() == 0.0);
    let request_uri = answer.text("request_uri").filter(|text| lasts && is_visible(text))?;
    Some(request_uri.to_owned())
}
