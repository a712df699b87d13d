//! Token requests (RFC 6749 §4.1.3, §6).

use crate::core::authorize::PendingRequest;
use crate::core::http::Request;
use crate::core::scope::ScopeSet;
use crate::core::secret::{AuthorizationCode, RefreshToken};
use crate::core::server::ServerMetadata;
use crate::core::target::Target;
use crate::core::url::Params;

/// The request that trades a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2).
pub fn code_request(
    metadata: &ServerMetadata,
    client_id: &str,
    pending: &PendingRequest,
    code: &AuthorizationCode,
) -> Request {
    let mut params = Params::new();
    params.push("grant_type", "authorization_code");
    params.push("client_id", client_id);
    params.push("code", code.secret());
    params.push("redirect_uri", &pending.redirect_uri);
    params.push("code_verifier", pending.code_verifier.secret());
    push_resources(&mut params, &pending.target);
    Request::post(&metadata.token_endpoint, &params)
}

/// What a refresh is asked for (RFC 6749 §6). Without a scope it is for the whole grant; it never asks for more.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshRequest {
    /// To be sent once.
    pub refresh_token: RefreshToken,
    /// Scopes, where the server wants them named.
    pub scope: Option<ScopeSet>,
    /// The grant's target.
    pub target: Target,
}

impl RefreshRequest {
    /// The request.
    pub fn request(&self, metadata: &ServerMetadata, client_id: &str) -> Request {
        let mut params = Params::new();
        params.push("grant_type", "refresh_token");
        params.push("client_id", client_id);
        params.push("refresh_token", self.refresh_token.secret());
        params.push_some("scope", self.scope.as_ref().map(ToString::to_string).as_deref());
        push_resources(&mut params, &self.target);
        Request::post(&metadata.token_endpoint, &params)
    }
}

/// RFC 8707 §2.2.
fn push_resources(params: &mut Params, target: &Target) {
    for resource in target.resources() {
        params.push("resource", resource);
    }
}
