//! The options of a client. The facade checks names and types of all options; here they get their meaning.

use super::api;
use super::error::{Code, Error, Result};
use super::form;
use super::grant::Target;
use super::metadata::Metadata;
use super::pieces::pieces;
use super::profile::{self, Profile};
use super::record::{Fields, Record, text_of};
use super::scope::{self, ScopeSet};
use super::text::Text;
use super::url;

/// Options of `createClient`, checked and completed. Kept as a record.
#[derive(Clone, Debug)]
pub struct Options(Record);

/// Parameters that the client sets itself.
const OWNED: &str = "client_id response_type response_mode redirect_uri scope state nonce code_challenge \
                     code_challenge_method code_verifier audience resource authorization_details request request_uri dpop_jkt";

impl Options {
    /// Reads the options. `metadata` is there where it was given, `origin` is the page's.
    pub fn parse(fields: Fields<'_>, metadata: Option<&Metadata>, origin: &str) -> Result<Options> {
        let given = metadata.map(Metadata::issuer);
        let issuer = fields.text("issuer").or(given).unwrap_or_default();
        let redirect_uri = absolute(fields.text("redirectUri").unwrap_or("/"), origin);
        let client_id = fields.text_or_empty("clientId");
        let storage = fields.text("storage").unwrap_or("session");
        let wrong = if client_id.is_empty() {
            "clientId"
        } else if !url::is_safe(issuer) || url::base(issuer) != issuer {
            "issuer, or metadata"
        } else if given.is_some_and(|given| given != issuer) {
            "issuer, which differs from metadata.issuer"
        } else if !is_bounded(fields, "clockTolerance", 0, 300) {
            "clockTolerance"
        } else if !is_bounded(fields, "timeout", 1, 600_000) {
            "timeout"
        } else if !matches!(storage, "session" | "local" | "memory" | "indexeddb" | "worker" | "own") {
            "storage"
        } else if !url::is_safe(&redirect_uri) || !url::parts(&redirect_uri).1.is_empty() {
            "redirectUri: a path, or a URL without fragment"
        } else {
            ""
        };
        if !wrong.is_empty() {
            return Err(invalid(wrong));
        }
        let mut record = Record::default();
        record.put("issuer", issuer);
        record.put("redirect_uri", &redirect_uri);
        record.put("storage", storage);
        record.copy(fields, "clientId clockTolerance timeout");
        api::check(fields)?;
        for member in fields.members() {
            for name in ["api", "implies"] {
                record.some(name, text_of(member, name));
            }
        }
        record.copy(fields, "upgradeRequest scopeDelimiter refreshScope unlisted");
        record.append(profile::named(fields.text("extends").unwrap_or("generic"))?);
        match scope(fields)? {
            Some(scope) => record.put("scope", &scope),
            None => record.put("scope", "openid"),
        }
        record.put("target", Target::parse(fields)?.unwrap_or_default().as_str());
        record.put("params", params(fields, "authorizationParams")?);
        Ok(Options(record))
    }

    /// Issuer identifier.
    pub fn issuer(&self) -> &str {
        self.text("issuer")
    }

    /// Where the authorization response lands.
    pub fn redirect_uri(&self) -> &str {
        self.text("redirect_uri")
    }

    /// Scopes of the first request.
    pub fn scope(&self) -> &str {
        self.text("scope")
    }

    /// The default grant's audience and resources.
    pub fn target(&self) -> Target {
        Target::restored(self.0.fields())
    }

    /// Further parameters of every authorization request, encoded.
    pub fn params(&self) -> &str {
        self.text("params")
    }

    /// The APIs that may have tokens, for [`api::find`].
    pub fn apis(&self) -> Fields<'_> {
        self.0.fields()
    }

    /// How the authorization server treats scopes.
    pub fn profile(&self) -> Profile<'_> {
        Profile(self.0.fields())
    }

    /// Client identifier.
    pub fn client_id(&self) -> &str {
        self.text("clientId")
    }

    /// Where tokens live: session, local, memory, indexeddb, worker or own.
    pub fn storage(&self) -> &str {
        self.text("storage")
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
            &form::encode(self.issuer()),
            ":",
            &form::encode(self.client_id()),
            ":",
        ])
    }

    fn text(&self, name: &str) -> &str {
        self.0.fields().text_or_empty(name)
    }

    fn number(&self, name: &str, default: i64) -> i64 {
        self.0.fields().number(name).flatten().unwrap_or(default)
    }
}

/// A path of an origin as a URL; what is a URL already stays as it is.
pub(crate) fn absolute(text: &str, origin: &str) -> Text {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    Text::of(&[if is_path { origin } else { "" }, text])
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
    let mut tokens = String::new();
    for member in fields.members() {
        if let Some(token) = text_of(member, "token") {
            if !tokens.is_empty() {
                tokens.push(' ');
            }
            tokens.push_str(scope::checked(token)?);
        }
    }
    let text = Some(tokens.as_str()).filter(|tokens| !tokens.is_empty());
    text.or(fields.text("scope")).map(ScopeSet::parse).transpose()
}

/// Further request parameters, encoded, none of them the client's own.
pub fn params<'a>(fields: Fields<'a>, option: &str) -> Result<&'a str> {
    let params = fields.text_or_empty(option);
    for pair in form::pairs(params) {
        let name = form::name(pair);
        if pieces(OWNED, b' ').any(|owned| name == owned) {
            return Err(Error::about(Code::InvalidOptions, &name));
        }
    }
    Ok(params)
}
