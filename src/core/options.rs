//! The options of a client. The facade checks names and types of all options; here they get their meaning.

use super::error::{Code, Error, Result};
use super::form::{self, Fields, Form};
use super::grant::Target;
use super::metadata::Metadata;
use super::pieces::pieces;
use super::scope::ScopeSet;
use super::text::Text;
use super::url;

/// Options of `createClient`, checked, in the form that they came in.
#[derive(Clone, Debug)]
pub struct Options {
    fields: Form,
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
}

/// Parameters that the client sets itself.
const OWNED: &str = "client_id response_type response_mode redirect_uri scope state nonce code_challenge \
                     code_challenge_method code_verifier audience resource authorization_details request request_uri dpop_jkt";

impl Options {
    /// Reads the options. `metadata` is there where it was given, `origin` is the page's.
    pub fn parse(fields: Fields<'_>, metadata: Option<&Metadata>, origin: &str) -> Result<Options> {
        let given = metadata.map(Metadata::issuer);
        let issuer = fields.text("issuer").or(given.clone()).unwrap_or_default();
        let redirect_uri = fields.text("redirectUri").unwrap_or_else(|| "/".into());
        let is_path = redirect_uri.starts_with('/') && !redirect_uri.starts_with("//");
        let redirect_uri = if is_path {
            Text::of(&[origin, &redirect_uri])
        } else {
            redirect_uri
        };
        let storage = fields.text("storage");
        let wrong = if fields.text_or_empty("clientId").is_empty() {
            "clientId"
        } else if !url::is_safe(&issuer) || url::base(&issuer) != &*issuer {
            "issuer, or metadata"
        } else if given.is_some_and(|given| given != issuer) {
            "issuer, which differs from metadata.issuer"
        } else if !is_bounded(fields, "clockTolerance", 0, 300) {
            "clockTolerance"
        } else if !is_bounded(fields, "timeout", 1, 600_000) {
            "timeout"
        } else if storage.is_some_and(|name| !matches!(&*name, "session" | "local" | "memory" | "own")) {
            "storage"
        } else if !url::is_safe(&redirect_uri) || !url::parts(&redirect_uri).1.is_empty() {
            "redirectUri: a path, or a URL without fragment"
        } else {
            ""
        };
        if !wrong.is_empty() {
            return Err(invalid(wrong));
        }
        Ok(Options {
            fields: fields.pick("clientId storage clockTolerance timeout"),
            issuer,
            redirect_uri,
            scope: scope(fields)?.unwrap_or_else(|| ScopeSet::answered("openid")),
            target: Target::parse(fields)?.unwrap_or_default(),
            params: params(fields, "authorizationParams")?,
        })
    }

    /// Client identifier.
    pub fn client_id(&self) -> Text {
        self.fields.fields().text_or_empty("clientId")
    }

    /// Where tokens live: session, local, memory or own.
    pub fn storage(&self) -> Text {
        self.fields.fields().text("storage").unwrap_or_else(|| "session".into())
    }

    /// Tolerated clock difference, seconds.
    pub fn clock_tolerance(&self) -> i64 {
        self.number("clockTolerance", 60)
    }

    /// Bound on each request, milliseconds.
    pub fn timeout(&self) -> u32 {
        self.number("timeout", 10_000) as u32
    }

    /// What tells this client's records from those of others on the origin. Unambiguous: `:` is escaped in both parts.
    pub fn key(&self) -> Text {
        Text::of(&[
            "scopewise:",
            &form::encode(&self.issuer),
            ":",
            &form::encode(&self.client_id()),
            ":",
        ])
    }

    fn number(&self, name: &str, default: i64) -> i64 {
        self.fields.fields().number(name).flatten().unwrap_or(default)
    }
}

/// The failure for a bad option.
pub fn invalid(name: &str) -> Error {
    Error::about(Code::InvalidOptions, name)
}

/// Whether a number, if there is one, is between two bounds.
pub fn is_bounded(fields: Fields<'_>, name: &str, least: i64, most: i64) -> bool {
    fields
        .number(name)
        .is_some_and(|number| number.is_none_or(|number| (least..=most).contains(&number)))
}

/// A scope option: `scope` as one text, or each token of an array apart, as `token`.
pub fn scope(fields: Fields<'_>) -> Result<Option<ScopeSet>> {
    let tokens = fields.all("token");
    if !tokens.is_empty() {
        return ScopeSet::from_tokens(&tokens).map(Some);
    }
    fields.text("scope").map(|text| ScopeSet::parse(&text)).transpose()
}

/// Further request parameters, none of them the client's own.
pub fn params(fields: Fields<'_>, option: &str) -> Result<Form> {
    let given = fields.text_or_empty(option);
    let mut params = Form::default();
    for pair in Fields(&given).pairs() {
        let name = form::name(pair);
        if pieces(OWNED, b' ').any(|owned| name == owned) {
            return Err(Error::about(Code::InvalidOptions, &name));
        }
        params.append(pair);
    }
    Ok(params)
}
