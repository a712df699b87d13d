//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0).

use super::document::Document;
use super::error::{Code, Error, Result};
use super::http::{Request, Response};
use super::pieces::cut;
use super::text::Text;
use super::url;

/// What the client reads: strings that are URLs, and flags.
const MEMBERS: [(&str, &str); 8] = [
    ("issuer", "s"),
    ("authorization_endpoint", "s"),
    ("token_endpoint", "s"),
    ("revocation_endpoint", "-s"),
    ("userinfo_endpoint", "-s"),
    ("end_session_endpoint", "-s"),
    ("authorization_response_iss_parameter_supported", "-b"),
    ("require_pushed_authorization_requests", "-b"),
];

/// A sound metadata document: every URL in it that the client reads is https, or http on loopback.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata(Document);

impl Metadata {
    /// Where to look, in this order: OpenID Connect Discovery §4, then RFC 8414 §3.
    pub fn requests(issuer: &str) -> [Request; 2] {
        let bare = issuer.strip_suffix('/').unwrap_or(issuer);
        let origin = url::origin(bare);
        let path = bare.strip_prefix(origin).unwrap_or_default();
        [
            Request::get(Text::of(&[bare, "/.well-known/openid-configuration"])),
            Request::get(Text::of(&[origin, "/.well-known/oauth-authorization-server", path])),
        ]
    }

    /// Reads a discovery answer. Its issuer must be the one asked for, character by character (Discovery §4.3).
    pub fn response(response: &Response, issuer: &str) -> Result<Metadata> {
        if let Some(error) = response.refusal() {
            return Err(error);
        }
        let metadata = Metadata::parse(response.json.clone().unwrap_or_default())?;
        if metadata.issuer() != issuer {
            return Err(Error::about(Code::MetadataInvalid, metadata.issuer()));
        }
        Ok(metadata)
    }

    /// Checks a metadata document.
    pub fn parse(document: Document) -> Result<Metadata> {
        for (name, kinds) in MEMBERS {
            let is_url = kinds != "-b" && !document.is(name, "-");
            let target = document.text(name);
            // An endpoint has no fragment (RFC 6749 §3.1): parameters put behind it would not arrive.
            if !document.is(name, kinds) || is_url && (!url::is_safe(target) || cut(target, b'#').is_some()) {
                return Err(Error::about(Code::MetadataInvalid, name));
            }
        }
        Ok(Metadata(document))
    }

    /// Issuer identifier.
    pub fn issuer(&self) -> &str {
        self.0.text("issuer")
    }

    /// Where users are sent.
    pub fn authorization_endpoint(&self) -> &str {
        self.0.text("authorization_endpoint")
    }

    /// Where codes become tokens.
    pub fn token_endpoint(&self) -> &str {
        self.0.text("token_endpoint")
    }

    /// RFC 7009.
    pub fn revocation_endpoint(&self) -> Option<&str> {
        self.0.string("revocation_endpoint")
    }

    /// OpenID Connect Core §5.3.
    pub fn user_info_endpoint(&self) -> Option<&str> {
        self.0.string("userinfo_endpoint")
    }

    /// OpenID Connect RP-Initiated Logout 1.0.
    pub fn end_session_endpoint(&self) -> Option<&str> {
        self.0.string("end_session_endpoint")
    }

    /// RFC 9207: every authorization response has `iss`.
    pub fn sends_issuer(&self) -> bool {
        self.0.text("authorization_response_iss_parameter_supported") == "true"
    }

    /// RFC 9126: requests must be pushed.
    pub fn requires_par(&self) -> bool {
        self.0.text("require_pushed_authorization_requests") == "true"
    }
}
