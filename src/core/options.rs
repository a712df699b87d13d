//! The options of a client and of its requests. The facade checks names and types; here they get their meaning.

use super::error::{Code, Error, Result};
use super::form::{self, Fields, Form};
use super::grant::Target;
use super::metadata::Metadata;
use super::scope::ScopeSet;
use super::text::Text;
use super::url;

/// Where tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// sessionStorage
    Session,
    /// localStorage
    Local,
    /// This page only
    Memory,
    /// The application's own
    Adapter,
}

/// Options of `createClient`, checked.
#[derive(Clone, Debug)]
pub struct Options {
    /// Client identifier.
    pub client_id: Text,
    /// Issuer identifier.
    pub issuer: Text,
    /// Where the authorization response lands.
    pub redirect_uri: Text,
    /// Scopes of the first request.
    pub scope: ScopeSet,
    /// The default grant's audience and resources.
    pub target: Target,
    /// Further parameters of every authorization request.
    pub params: Form,
    /// Where tokens live.
    pub storage: StorageKind,
    /// Tolerated clock difference, seconds.
    pub clock_tolerance: i64,
    /// Bound on each request, milliseconds.
    pub timeout: u32,
}

/// Parameters that the client sets itself.
const OWNED: &str = "client_id response_type response_mode redirect_uri scope state nonce code_challenge \
                     code_challenge_method code_verifier audience resource authorization_details request request_uri dpop_jkt";

impl Options {
    /// Reads the options. `metadata` is there where it was given, `origin` is the page's.
    pub fn parse(fields: Fields<'_>, metadata: Option<&Metadata>, origin: &str) -> Result<Options> {
        let client_id = fields.text("clientId").filter(|id| !id.is_empty());
        let client_id = client_id.ok_or_else(|| {
            invalid("clientId is required: the client identifier registered with the authorization server.")
        })?;
        let issuer = match (fields.text("issuer"), metadata) {
            (Some(issuer), Some(given)) if issuer != given.issuer => {
                return Err(invalid(
                    "issuer and metadata.issuer differ. Give one, or make them equal.",
                ));
            }
            (Some(issuer), _) => issuer,
            (None, Some(given)) => given.issuer.clone(),
            (None, None) => return Err(invalid("One of issuer and metadata is required.")),
        };
        if !url::is_safe(&issuer) || url::base(&issuer) != &*issuer {
            return Err(invalid(
                "issuer must be an https URL (http on loopback) without query and fragment.",
            ));
        }
        Ok(Options {
            client_id,
            issuer,
            redirect_uri: redirect_uri(fields, origin)?,
            scope: scope(fields)?.unwrap_or_else(|| ScopeSet::answered("openid")),
            target: Target::parse(fields)?.unwrap_or_default(),
            params: params(fields, "authorizationParams")?,
            storage: match fields.text("storage").as_deref() {
                None | Some("session") => StorageKind::Session,
                Some("local") => StorageKind::Local,
                Some("memory") => StorageKind::Memory,
                Some("adapter") => StorageKind::Adapter,
                Some(_) => return Err(invalid("storage must be session, local, memory or an adapter.")),
            },
            clock_tolerance: bounded(fields, "clockTolerance", 300)?.unwrap_or(60),
            timeout: bounded(fields, "timeout", 600_000)?.unwrap_or(10_000) as u32,
        })
    }

    /// What tells this client's records from those of others on the origin. Unambiguous: `:` is escaped in both parts.
    pub fn key(&self) -> Text {
        Text::of(&[
            "scopewise:",
            &form::encode(&self.issuer),
            ":",
            &form::encode(&self.client_id),
            ":",
        ])
    }
}

/// The failure for a bad option.
pub fn invalid(message: &'static str) -> Error {
    Error::new(Code::InvalidOptions, message)
}

/// A whole number from 0 up to a bound.
pub fn bounded(fields: Fields<'_>, name: &str, most: i64) -> Result<Option<i64>> {
    match fields.number(name) {
        Some(None) => Ok(None),
        Some(Some(number)) if (0..=most).contains(&number) => Ok(Some(number)),
        _ => Err(Error::about(Code::InvalidOptions, "A number is out of bounds:", name)),
    }
}

/// A scope option: `scope` as one text, or each token of an array apart.
pub fn scope(fields: Fields<'_>) -> Result<Option<ScopeSet>> {
    match fields.text("scope") {
        Some(text) => ScopeSet::parse(&text).map(Some),
        None => {
            let tokens = fields.all("scope[]");
            Ok(if tokens.is_empty() {
                None
            } else {
                Some(ScopeSet::from_tokens(&tokens)?)
            })
        }
    }
}

/// Further request parameters, none of them the client's own.
pub fn params(fields: Fields<'_>, option: &str) -> Result<Form> {
    let mut params = Form::default();
    let given = fields.text_or_empty(option);
    for pair in Fields(&given).pairs() {
        let name = form::name(pair);
        if OWNED.split(' ').any(|owned| name == owned) {
            return Err(Error::about(
                Code::InvalidOptions,
                "The client sets this parameter itself; there is an option where it may vary:",
                &name,
            ));
        }
        params.append(pair);
    }
    Ok(params)
}

fn redirect_uri(fields: Fields<'_>, origin: &str) -> Result<Text> {
    let given = fields.text("redirectUri").unwrap_or_else(|| "/".into());
    let is_path = given.starts_with('/') && !given.starts_with("//");
    let absolute = if is_path { Text::of(&[origin, &given]) } else { given };
    if !url::is_safe(&absolute) || !url::parts(&absolute).1.is_empty() {
        return Err(invalid(
            "redirectUri must be a path, or an https URL (http on loopback), without fragment, registered with the authorization server.",
        ));
    }
    Ok(absolute)
}
