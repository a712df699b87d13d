//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0).

use super::error::{Code, Error, Result};
use super::http::{Request, Response};
use super::url;
use super::value::Value;

/// The members that the client reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// Issuer identifier.
    pub issuer: String,
    /// Where users are sent.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// RFC 7009.
    pub revocation_endpoint: Option<String>,
    /// OpenID Connect RP-Initiated Logout 1.0.
    pub end_session_endpoint: Option<String>,
    /// RFC 9207: every authorization response has `iss`.
    pub sends_issuer: bool,
    /// RFC 9126: requests must be pushed.
    pub requires_par: bool,
}

impl Metadata {
    /// Where to look, in this order: OpenID Connect Discovery §4, then RFC 8414 §3.
    pub fn requests(issuer: &str) -> [Request; 2] {
        let bare = issuer.strip_suffix('/').unwrap_or(issuer);
        let (scheme, rest) = bare.split_once("://").unwrap_or(("https", bare));
        let (host, path) = rest
            .split_once('/')
            .map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")));
        [
            Request::get(format!("{bare}/.well-known/openid-configuration")),
            Request::get(format!(
                "{scheme}://{host}/.well-known/oauth-authorization-server{path}"
            )),
        ]
    }

    /// Reads a discovery answer. Its issuer must be the one asked for, character by character (Discovery §4.3).
    pub fn response(response: &Response, issuer: &str) -> Result<Metadata> {
        if let Some(error) = response.error() {
            return Err(error);
        }
        let document = response
            .json
            .as_ref()
            .ok_or_else(|| invalid("The issuer's metadata is not a JSON document."))?;
        let metadata = Metadata::parse(document)?;
        if metadata.issuer != issuer {
            return Err(invalid(format!(
                "The metadata names the issuer `{}`, not the one in the options. They must be equal to the letter; mind a trailing slash.",
                metadata.issuer
            )));
        }
        Ok(metadata)
    }

    /// Reads a metadata document. Every URL must be https, or http on loopback.
    pub fn parse(document: &Value) -> Result<Metadata> {
        let optional = |name: &'static str| -> Result<Option<String>> {
            match document
                .string(name)
                .map_err(|wrong| wrong.in_document(Code::MetadataInvalid, "the metadata"))?
            {
                Some(target) if url::is_safe(target) => Ok(Some(target.to_owned())),
                Some(_) => Err(invalid(format!(
                    "`{name}` in the metadata must be an https URL, or http on a loopback host."
                ))),
                None => Ok(None),
            }
        };
        let required = |name| optional(name)?.ok_or_else(|| invalid(format!("The metadata has no `{name}`.")));
        let flag = |name| -> Result<bool> {
            let read = document
                .boolean(name)
                .map_err(|wrong| wrong.in_document(Code::MetadataInvalid, "the metadata"))?;
            Ok(read.unwrap_or(false))
        };
        Ok(Metadata {
            issuer: required("issuer")?,
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            revocation_endpoint: optional("revocation_endpoint")?,
            end_session_endpoint: optional("end_session_endpoint")?,
            sends_issuer: flag("authorization_response_iss_parameter_supported")?,
            requires_par: flag("require_pushed_authorization_requests")?,
        })
    }
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::MetadataInvalid, message)
}
