//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0).

use super::document::Document;
use super::error::{Code, Error, Result};
use super::http::{Request, Response};
use super::text::Text;
use super::url;

/// Endpoints without which nothing goes, and those that some servers have.
const REQUIRED: [&str; 3] = ["issuer", "authorization_endpoint", "token_endpoint"];
const OPTIONAL: [&str; 2] = ["revocation_endpoint", "end_session_endpoint"];
const FLAGS: [&str; 2] = [
    "authorization_response_iss_parameter_supported",
    "require_pushed_authorization_requests",
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
        if metadata.issuer() != *issuer {
            return Err(Error::about(
                Code::MetadataInvalid,
                "The issuer option and the metadata's issuer must be equal to the letter (mind a trailing slash). The metadata says",
                &metadata.issuer(),
            ));
        }
        Ok(metadata)
    }

    /// Checks a metadata document.
    pub fn parse(document: Document) -> Result<Metadata> {
        for name in REQUIRED.into_iter().chain(OPTIONAL) {
            let target = document
                .string(name)
                .map_err(|wrong| wrong.under(Code::MetadataInvalid))?;
            let is_required = REQUIRED.contains(&name);
            // An endpoint has no fragment (RFC 6749 §3.1): parameters put behind it would not arrive.
            let is_sound = |target: Text| url::is_safe(&target) && !target.contains('#');
            if !target.map_or(!is_required, is_sound) {
                return Err(Error::about(
                    Code::MetadataInvalid,
                    "The metadata needs an https URL (or http on loopback) without fragment as",
                    name,
                ));
            }
        }
        for name in FLAGS {
            document
                .boolean(name)
                .map_err(|wrong| wrong.under(Code::MetadataInvalid))?;
        }
        Ok(Metadata(document))
    }

    /// Issuer identifier.
    pub fn issuer(&self) -> Text {
        self.url("issuer").unwrap_or_default()
    }

    /// Where users are sent.
    pub fn authorization_endpoint(&self) -> Text {
        self.url("authorization_endpoint").unwrap_or_default()
    }

    /// Where codes become tokens.
    pub fn token_endpoint(&self) -> Text {
        self.url("token_endpoint").unwrap_or_default()
    }

    /// RFC 7009.
    pub fn revocation_endpoint(&self) -> Option<Text> {
        self.url("revocation_endpoint")
    }

    /// OpenID Connect RP-Initiated Logout 1.0.
    pub fn end_session_endpoint(&self) -> Option<Text> {
        self.url("end_session_endpoint")
    }

    /// RFC 9207: every authorization response has `iss`.
    pub fn sends_issuer(&self) -> bool {
        self.0.boolean("authorization_response_iss_parameter_supported") == Ok(Some(true))
    }

    /// RFC 9126: requests must be pushed.
    pub fn requires_par(&self) -> bool {
        self.0.boolean("require_pushed_authorization_requests") == Ok(Some(true))
    }

    fn url(&self, name: &'static str) -> Option<Text> {
        self.0.string(name).ok().flatten()
    }
}
