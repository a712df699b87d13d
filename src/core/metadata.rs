//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0).

use super::document::Document;
use super::error::{Code, Error, Result};
use super::http::{Request, Response};
use super::text::Text;
use super::url;

/// The members that the client reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// Issuer identifier.
    pub issuer: Text,
    /// Where users are sent.
    pub authorization_endpoint: Text,
    /// Where codes become tokens.
    pub token_endpoint: Text,
    /// RFC 7009.
    pub revocation_endpoint: Option<Text>,
    /// OpenID Connect RP-Initiated Logout 1.0.
    pub end_session_endpoint: Option<Text>,
    /// RFC 9207: every authorization response has `iss`.
    pub sends_issuer: bool,
    /// RFC 9126: requests must be pushed.
    pub requires_par: bool,
}

impl Metadata {
    /// Where to look, in this order: OpenID Connect Discovery §4, then RFC 8414 §3.
    pub fn requests(issuer: &str) -> [Request; 2] {
        let bare = issuer.strip_suffix('/').unwrap_or(issuer);
        // The path begins at the third slash.
        let path = bare.match_indices('/').nth(2).map_or(bare.len(), |(index, _)| index);
        let (host, path) = bare.split_at(path);
        [
            Request::get(Text::of(&[bare, "/.well-known/openid-configuration"])),
            Request::get(Text::of(&[host, "/.well-known/oauth-authorization-server", path])),
        ]
    }

    /// Reads a discovery answer. Its issuer must be the one asked for, character by character (Discovery §4.3).
    pub fn response(response: &Response, issuer: &str) -> Result<Metadata> {
        if let Some(error) = response.error() {
            return Err(error);
        }
        let document = response.json.as_ref();
        let document =
            document.ok_or_else(|| Error::new(Code::MetadataInvalid, "The issuer's metadata is not a JSON object."))?;
        let metadata = Metadata::parse(document)?;
        if *metadata.issuer != *issuer {
            return Err(Error::about(
                Code::MetadataInvalid,
                "The issuer option and the metadata's issuer must be equal to the letter (mind a trailing slash). The metadata says",
                &metadata.issuer,
            ));
        }
        Ok(metadata)
    }

    /// Reads a metadata document. Every URL must be https, or http on loopback.
    pub fn parse(document: &Document) -> Result<Metadata> {
        Ok(Metadata {
            issuer: required(document, "issuer")?,
            authorization_endpoint: required(document, "authorization_endpoint")?,
            token_endpoint: required(document, "token_endpoint")?,
            revocation_endpoint: optional(document, "revocation_endpoint")?,
            end_session_endpoint: optional(document, "end_session_endpoint")?,
            sends_issuer: flag(document, "authorization_response_iss_parameter_supported")?,
            requires_par: flag(document, "require_pushed_authorization_requests")?,
        })
    }
}

fn required(document: &Document, name: &'static str) -> Result<Text> {
    optional(document, name)?.ok_or_else(|| Error::about(Code::MetadataInvalid, "The metadata lacks", name))
}

fn optional(document: &Document, name: &'static str) -> Result<Option<Text>> {
    let target = document
        .string(name)
        .map_err(|wrong| wrong.under(Code::MetadataInvalid))?;
    if target.as_deref().is_some_and(|target| !url::is_safe(target)) {
        return Err(Error::about(
            Code::MetadataInvalid,
            "In the metadata, only https (or http on loopback) is allowed for",
            name,
        ));
    }
    Ok(target)
}

fn flag(document: &Document, name: &'static str) -> Result<bool> {
    let read = document
        .boolean(name)
        .map_err(|wrong| wrong.under(Code::MetadataInvalid))?;
    Ok(read.unwrap_or_default())
}
