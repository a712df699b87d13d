//! Token revocation (RFC 7009).

use super::ServerMetadata;
use crate::core::http::Request;
use crate::core::secret::{AccessToken, RefreshToken};
use crate::core::url::Params;

/// A token that can be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocableToken {
    /// An access token.
    Access(AccessToken),
    /// A refresh token; the access tokens of its grant may go with it.
    Refresh(RefreshToken),
}

impl RevocableToken {
    /// The refresh token, or the access token where there is none.
    pub fn of(access_token: &AccessToken, refresh_token: Option<&RefreshToken>) -> RevocableToken {
        match refresh_token {
            Some(token) => RevocableToken::Refresh(token.clone()),
            None => RevocableToken::Access(access_token.clone()),
        }
    }

    fn secret(&self) -> &str {
        match self {
            RevocableToken::Access(token) => token.secret(),
            RevocableToken::Refresh(token) => token.secret(),
        }
    }
}

/// The request that revokes a token (RFC 7009 §2.1), where the server can.
pub fn request(metadata: &ServerMetadata, client_id: &str, token: &RevocableToken) -> Option<Request> {
    let endpoint = metadata.revocation_endpoint.as_deref()?;
    let mut params = Params::new();
    params.push("client_id", client_id);
    params.push("token", token.secret());
    Some(Request::post(endpoint, &params))
}
