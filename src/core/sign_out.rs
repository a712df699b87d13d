//! OpenID Connect RP-Initiated Logout 1.0.

use super::callback::FAREWELL;
use super::error::{Code, Error, Result};
use super::form::Form;
use super::http::Request;
use super::metadata::Metadata;
use super::options::{self, Options};
use super::pkce;
use super::secret::Secret;
use super::session::Session;
use super::text::Text;
use super::token;
use super::url;

/// Longer URLs may be cut on their way; then the client identifier has to do.
const MAX_URL: usize = 8_000;

/// The requests that revoke what a session holds (RFC 7009): refresh tokens, and access tokens where there are none.
pub fn revocations(metadata: &Metadata, client_id: &str, session: &Session) -> Vec<Request> {
    let mut requests = Vec::new();
    for grant in session.grants() {
        let token = Secret::new(grant.refresh_token().unwrap_or(grant.access_token()));
        requests.extend(token::revocation(metadata, client_id, &token));
    }
    requests
}

/// Where to send the user, or nothing where the server has no such endpoint.
pub fn request(
    metadata: &Metadata,
    client: &Options,
    id_token: &str,
    return_to: Option<&str>,
    entropy: &[u8; 32],
) -> Option<Text> {
    let Some(endpoint) = metadata.end_session_endpoint() else {
        return client.profile().sign_out(client, return_to);
    };
    let build = |hint: &str| {
        let mut form = Form::default();
        form.put("client_id", client.client_id());
        form.some("id_token_hint", Some(hint).filter(|hint| !hint.is_empty()));
        form.some("post_logout_redirect_uri", return_to);
        if return_to.is_some() {
            form.put("state", &Text::of(&[FAREWELL, pkce::token(entropy).secret()]));
        }
        url::with_query(endpoint, form)
    };
    let full = build(id_token);
    Some(if full.len() > MAX_URL { build("") } else { full })
}

/// `returnTo` of a sign-out: an absolute URL that is registered with the server, or a path of this origin.
pub fn return_uri(text: &str, origin: &str) -> Result<Text> {
    let absolute = options::absolute(text, origin);
    if url::is_safe(&absolute) {
        return Ok(absolute);
    }
    Err(Error::new(Code::InvalidReturnTo))
}
