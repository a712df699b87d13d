//! OAuth errors, as authorization servers send them (RFC 6749 §4.1.2.1, §5.2).

use super::Endpoint;

/// An OAuth error as the server sent it, made inert.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ServerError {
    /// `error`.
    pub code: ServerErrorCode,
    /// `error_description`: no control or direction-changing characters, 1,000 characters at the most.
    pub description: Option<String>,
    /// `error_uri`, where it is http or https.
    pub uri: Option<String>,
    /// HTTP status, where it came in a response of an endpoint.
    pub status: Option<u16>,
    /// Where it came from.
    pub endpoint: Option<Endpoint>,
    /// With `invalid_scope`: the scopes that were asked for.
    pub requested: Vec<String>,
    /// Those of them that the server's metadata does not list.
    pub unsupported: Vec<String>,
    /// What the error means at this server.
    pub hint: Option<&'static str>,
    /// Whether the same call is safe to make again.
    pub retryable: bool,
}

/// The error codes that the client, or an application, acts on. All others pass through unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerErrorCode {
    /// The user, or the server, said no.
    AccessDenied,
    /// The user has to sign in (OpenID Connect Core §3.1.2.6).
    LoginRequired,
    /// The user has to agree to something (OpenID Connect Core §3.1.2.6).
    ConsentRequired,
    /// The user has to do something (OpenID Connect Core §3.1.2.6).
    InteractionRequired,
    /// A scope is unknown, or is not for this client or user.
    InvalidScope,
    /// The code or refresh token is not valid any more.
    InvalidGrant,
    /// Any other.
    Other(String),
}

impl ServerError {
    pub(super) fn new(code: &str, description: Option<&str>, uri: Option<&str>) -> ServerError {
        let uri = uri.filter(|uri| uri.starts_with("https://") || uri.starts_with("http://"));
        ServerError {
            code: ServerErrorCode::new(code),
            description: description.map(|text| inert(text, 1000)),
            uri: uri.map(|uri| inert(uri, 1000)),
            status: None,
            endpoint: None,
            requested: Vec::new(),
            unsupported: Vec::new(),
            hint: None,
            retryable: matches!(code, "temporarily_unavailable" | "server_error"),
        }
    }
}

impl ServerErrorCode {
    const NAMED: [ServerErrorCode; 6] = [
        ServerErrorCode::AccessDenied,
        ServerErrorCode::LoginRequired,
        ServerErrorCode::ConsentRequired,
        ServerErrorCode::InteractionRequired,
        ServerErrorCode::InvalidScope,
        ServerErrorCode::InvalidGrant,
    ];

    /// The code of an `error` parameter or member.
    pub fn new(code: &str) -> ServerErrorCode {
        let named = ServerErrorCode::NAMED.into_iter().find(|named| named.as_str() == code);
        named.unwrap_or_else(|| ServerErrorCode::Other(inert(code, 64)))
    }

    /// As the server spells it.
    pub fn as_str(&self) -> &str {
        match self {
            ServerErrorCode::AccessDenied => "access_denied",
            ServerErrorCode::LoginRequired => "login_required",
            ServerErrorCode::ConsentRequired => "consent_required",
            ServerErrorCode::InteractionRequired => "interaction_required",
            ServerErrorCode::InvalidScope => "invalid_scope",
            ServerErrorCode::InvalidGrant => "invalid_grant",
            ServerErrorCode::Other(code) => code,
        }
    }
}

/// Text of a stranger as inert data: no control or direction-changing characters, capped in length.
pub(crate) fn inert(text: &str, cap: usize) -> String {
    text.chars().take(cap).filter(|c| !is_hidden(*c)).collect()
}

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
