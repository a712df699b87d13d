//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0).

use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::{Request, Response, Sent, TransportError};
use crate::core::reader::ObjectReader;
use crate::core::scope::ScopeSet;
use crate::core::url;
use crate::core::value::Value;

/// A sound metadata document: every URL in it that the client reads is https, or http on loopback.
///
/// ```
/// use scopewise::ServerMetadata;
/// use scopewise::core::value::Value;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Where to look for it, with the HTTP client of your choice.
/// let [openid, oauth] = ServerMetadata::requests("https://id.example.com/tenant");
/// assert_eq!(openid.url, "https://id.example.com/tenant/.well-known/openid-configuration");
/// assert_eq!(oauth.url, "https://id.example.com/.well-known/oauth-authorization-server/tenant");
///
/// let document: Value = serde_json::from_str(
///     r#"{
///         "issuer": "https://id.example.com",
///         "authorization_endpoint": "https://id.example.com/authorize",
///         "token_endpoint": "https://id.example.com/token"
///     }"#,
/// )?;
/// assert_eq!(ServerMetadata::parse(&document)?.token_endpoint, "https://id.example.com/token");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ServerMetadata {
    /// Issuer identifier.
    pub issuer: String,
    /// Where users are sent.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// The keys that ID tokens and other JWTs are signed with (RFC 7517).
    pub jwks_uri: Option<String>,
    /// RFC 7009.
    pub revocation_endpoint: Option<String>,
    /// OpenID Connect Core §5.3.
    pub user_info_endpoint: Option<String>,
    /// OpenID Connect RP-Initiated Logout 1.0.
    pub end_session_endpoint: Option<String>,
    /// RFC 9126.
    pub pushed_request_endpoint: Option<String>,
    /// What ID tokens are signed with; nothing where it does not say.
    pub id_token_algorithms: Option<Vec<String>>,
    /// What authorization responses are signed with, where they are JWTs (JARM §4); nothing where it does not say.
    pub response_algorithms: Option<Vec<String>>,
    /// What userinfo answers are signed with; nothing where it does not say.
    pub user_info_algorithms: Option<Vec<String>>,
    /// How authorization responses can come; nothing where it does not say.
    pub response_modes: Option<Vec<String>>,
    /// RFC 9207: every authorization response has `iss`.
    pub sends_issuer: bool,
    /// RFC 9126: requests must be pushed.
    pub requires_pushed_requests: bool,
    /// The scopes that it lists; none where it lists none. It need not list all.
    pub scopes_supported: ScopeSet,
}

impl ServerMetadata {
    /// Where to look, in this order: OpenID Connect Discovery §4, then RFC 8414 §3.
    pub fn requests(issuer: &str) -> [Request; 2] {
        let bare = issuer.strip_suffix('/').unwrap_or(issuer);
        let origin = url::origin(bare);
        let path = bare.strip_prefix(origin).unwrap_or_default();
        [
            Request::get([bare, "/.well-known/openid-configuration"].concat()),
            Request::get([origin, "/.well-known/oauth-authorization-server", path].concat()),
        ]
    }

    /// Whether the document may be in the next place, after this answer from one. Some servers answer for the place that
    /// they do not have with any error of the caller's, with a page of theirs, or with what no page may read.
    pub fn may_be_elsewhere(sent: &Sent) -> bool {
        match sent {
            Ok(response) if response.is_success() => {
                let document = response.json.as_ref();
                document.and_then(|document| document.present("issuer")).is_none()
            }
            Ok(response) => response.status < 500,
            Err(failure) => *failure == TransportError::Lost,
        }
    }

    /// Reads a discovery answer. Its issuer must be the expected one, character by character (Discovery §4.3).
    pub fn response(response: &Response, issuer: &str) -> Result<ServerMetadata> {
        if let Some(error) = response.status_error() {
            return Err(error.at(Endpoint::Metadata));
        }
        let metadata = ServerMetadata::parse(response.json.as_ref().unwrap_or(&Value::Null))?;
        if metadata.issuer != issuer {
            let problem = "is the issuer that it names: the issuer option must be the same, to the letter";
            return Err(Error::metadata_member(metadata.issuer, problem));
        }
        Ok(metadata)
    }

    /// Checks a metadata document.
    pub fn parse(document: &Value) -> Result<ServerMetadata> {
        let mut document = ObjectReader::new(document).ok_or_else(Error::metadata_unreadable)?;
        let metadata = ServerMetadata {
            issuer: required_url(&mut document, "issuer"),
            authorization_endpoint: required_url(&mut document, "authorization_endpoint"),
            token_endpoint: required_url(&mut document, "token_endpoint"),
            jwks_uri: optional_url(&mut document, "jwks_uri"),
            revocation_endpoint: optional_url(&mut document, "revocation_endpoint"),
            user_info_endpoint: optional_url(&mut document, "userinfo_endpoint"),
            end_session_endpoint: optional_url(&mut document, "end_session_endpoint"),
            pushed_request_endpoint: optional_url(&mut document, PUSHED_REQUEST_ENDPOINT),
            id_token_algorithms: document.nullable(ID_TOKEN_ALGORITHMS),
            // What few use, and most servers list, keeps nobody from signing in.
            response_algorithms: document.optional("authorization_signing_alg_values_supported"),
            user_info_algorithms: document.optional("userinfo_signing_alg_values_supported"),
            response_modes: document.optional("response_modes_supported"),
            sends_issuer: document.nullable(SENDS_ISSUER).unwrap_or_default(),
            requires_pushed_requests: document.nullable(REQUIRES_PUSHED_REQUESTS).unwrap_or_default(),
            // It is for messages only.
            scopes_supported: document.optional("scopes_supported").unwrap_or_default(),
        };
        document.check(|name| {
            let problem = match name {
                ID_TOKEN_ALGORITHMS => "must be a list of texts",
                SENDS_ISSUER | REQUIRES_PUSHED_REQUESTS => "must be true or false",
                _ => return Error::metadata_invalid(name),
            };
            Error::metadata_member(name, problem)
        })?;
        Ok(metadata)
    }

    /// Where authorization requests are pushed before their users go to the server (RFC 9126); nothing where they go by URL.
    /// `par` is what the application says of it: without a word it is as the server requires.
    pub fn endpoint_for_pushing(&self, par: Option<bool>) -> Result<Option<&str>> {
        if self.requires_pushed_requests && par == Some(false) {
            return Err(Error::invalid_options(
                "\"par\" must not be false: the server requires pushed authorization requests (require_pushed_authorization_requests in its metadata)",
            ));
        }
        if !par.unwrap_or(self.requires_pushed_requests) {
            return Ok(None);
        }
        let problem = "must be there to push requests to, which the par option, or the server, requires";
        match &self.pushed_request_endpoint {
            Some(endpoint) => Ok(Some(endpoint)),
            None => Err(Error::metadata_member(PUSHED_REQUEST_ENDPOINT, problem)),
        }
    }

    /// Those of some scopes that the server does not list, where it lists any.
    pub fn unsupported(&self, scopes: &ScopeSet) -> ScopeSet {
        if self.scopes_supported.is_empty() {
            return ScopeSet::default();
        }
        scopes.minus(&self.scopes_supported)
    }
}

const PUSHED_REQUEST_ENDPOINT: &str = "pushed_authorization_request_endpoint";
const ID_TOKEN_ALGORITHMS: &str = "id_token_signing_alg_values_supported";
const SENDS_ISSUER: &str = "authorization_response_iss_parameter_supported";
const REQUIRES_PUSHED_REQUESTS: &str = "require_pushed_authorization_requests";

fn required_url(document: &mut ObjectReader<'_>, name: &'static str) -> String {
    let url = optional_url(document, name);
    if url.is_none() {
        document.refuse(name);
    }
    url.unwrap_or_default()
}

/// An endpoint has no fragment (RFC 6749 §3.1): parameters put behind it would not arrive.
fn optional_url(document: &mut ObjectReader<'_>, name: &'static str) -> Option<String> {
    let url: Option<String> = document.nullable(name);
    if url.as_ref().is_some_and(|url| !url::is_safe(url) || url.contains('#')) {
        document.refuse(name);
    }
    url
}
