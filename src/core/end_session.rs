//! OpenID Connect RP-Initiated Logout 1.0.

use super::authorize::pkce;
use super::authorize::response::SIGN_OUT_STATE;
use super::config::Config;
use super::error::{Error, Result};
use super::http::Request;
use super::provider::SignOutEndpoint;
use super::server::{ServerMetadata, revocation};
use super::session::{Grant, Session};
use super::token::Claims;
use super::url::{self, Params};

/// Longer URLs may be cut on their way; then the client identifier has to do.
const MAX_URL: usize = 8_000;

/// The requests that revoke what a session holds (RFC 7009): refresh tokens, and access tokens where there are none.
pub fn revocations(metadata: &ServerMetadata, client_id: &str, session: &Session) -> Vec<Request> {
    let tokens = session.grants().iter().map(Grant::revocable_token);
    tokens
        .filter_map(|token| revocation::request(metadata, client_id, &token))
        .collect()
}

/// Where to send the user, or nothing where the server has no such endpoint.
pub fn url(
    metadata: &ServerMetadata,
    client: &Config,
    session: &Session,
    return_to: Option<&str>,
    entropy: &[u8; 32],
) -> Option<String> {
    let standard = metadata.end_session_endpoint.as_deref();
    let own = client.provider.sign_out.as_ref();
    if let Some(own) = own.filter(|own| standard.is_none() || !own.is_fallback) {
        return Some(own_url(own, metadata, client, return_to));
    }
    let endpoint = standard?;
    let user = session.claims().and_then(Claims::logout_hint);
    let build = |id_token: Option<&str>, user: Option<&str>| {
        let mut params = Params::new();
        params.push("client_id", &client.client_id);
        params.push_some("id_token_hint", id_token);
        params.push_some("logout_hint", user);
        if let Some(return_to) = return_to {
            params.push("post_logout_redirect_uri", return_to);
            params.push("state", &[SIGN_OUT_STATE, &pkce::random_text(entropy)].concat());
        }
        url::with_query(endpoint, &params)
    };
    let mut url = build(session.id_token().map(|token| token.secret()), user);
    for user in [user, None] {
        if url.len() > MAX_URL {
            url = build(None, user);
        }
    }
    Some(url)
}

/// At a server that has its own way.
fn own_url(own: &SignOutEndpoint, metadata: &ServerMetadata, client: &Config, return_to: Option<&str>) -> String {
    let default = Some(client.redirect_uri.as_str()).filter(|_| own.needs_return_to);
    let mut params = Params::new();
    params.push(&own.client_id, &client.client_id);
    params.push_some(&own.return_to, return_to.or(default));
    let origin = url::origin(&metadata.authorization_endpoint);
    url::with_query(&url::absolute(&own.url, origin), &params)
}

/// `returnTo` of a sign-out: an absolute URL that is registered with the server, or a path of this origin.
pub fn return_uri(text: &str, origin: &str) -> Result<String> {
    let absolute = url::absolute(text, origin);
    if url::is_safe(&absolute) {
        return Ok(absolute);
    }
    Err(Error::InvalidReturnTo)
}
