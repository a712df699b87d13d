//! The options of a client and of its calls, read strictly: an unknown member or a wrong type has a name.

use super::error::{Code, Error, Result};
use super::metadata::Metadata;
use super::scope::ScopeSet;
use super::session::Target;
use super::url;
use super::value::{Value, only_known};

/// What the page tells: where it is.
#[derive(Clone, Debug)]
pub struct Page {
    /// `location.origin`
    pub origin: String,
}

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
    pub client_id: String,
    /// Issuer identifier.
    pub issuer: String,
    /// Metadata, where it was given.
    pub metadata: Option<Metadata>,
    /// Where the authorization response lands.
    pub redirect_uri: String,
    /// Scopes of the first request.
    pub scope: ScopeSet,
    /// The default grant's audience and resources.
    pub target: Target,
    /// Further parameters of every authorization request.
    pub params: Vec<(String, String)>,
    /// Where tokens live.
    pub storage: StorageKind,
    /// Tolerated clock difference, seconds.
    pub clock_tolerance: i64,
    /// Bound on each request, milliseconds.
    pub timeout: u32,
}

const KNOWN: &[&str] = &[
    "clientId",
    "issuer",
    "metadata",
    "redirectUri",
    "scope",
    "audience",
    "resource",
    "apis",
    "authorizationParams",
    "storage",
    "dpop",
    "par",
    "verifySignature",
    "provider",
    "clockTolerance",
    "timeout",
    "fetch",
];

/// Parameters that the client sets itself.
const OWNED: &[&str] = &[
    "client_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "audience",
    "resource",
    "authorization_details",
    "request",
    "request_uri",
    "dpop_jkt",
];

impl Options {
    /// Reads the options. `storage` says what the value under that name is, since an adapter is no JSON.
    pub fn parse(value: &Value, storage: StorageKind, page: &Page) -> Result<Options> {
        only_known(value, KNOWN, "createClient's options")?;
        not_yet(value)?;
        let client_id = string(value, "clientId")?.filter(|id| !id.is_empty());
        let client_id = client_id.ok_or_else(|| {
            invalid("clientId is required: the client identifier registered with the authorization server.")
        })?;
        let metadata = value.get("metadata").map(Metadata::parse).transpose()?;
        let issuer = match (string(value, "issuer")?, &metadata) {
            (Some(issuer), Some(given)) if issuer != given.issuer => {
                return Err(invalid(
                    "issuer and metadata.issuer differ. Give one, or make them equal.",
                ));
            }
            (Some(issuer), _) => issuer,
            (None, Some(given)) => given.issuer.clone(),
            (None, None) => return Err(invalid("One of issuer and metadata is required.")),
        };
        if !url::is_safe(&issuer) || issuer.contains(['?', '#']) {
            return Err(invalid(
                "issuer must be an https URL (http on loopback) without query and fragment.",
            ));
        }
        Ok(Options {
            client_id,
            issuer,
            metadata,
            redirect_uri: redirect_uri(value, page)?,
            scope: scope(value)?.unwrap_or_else(|| ["openid"].into_iter().collect()),
            target: Target::parse(value)?.unwrap_or_default(),
            params: params(value, "authorizationParams")?,
            storage,
            clock_tolerance: bounded(value, "clockTolerance", 0, 300)?.unwrap_or(60),
            timeout: bounded(value, "timeout", 1, 600_000)?.unwrap_or(10_000) as u32,
        })
    }

    /// What tells this client's records from those of others on the origin. Unambiguous: `:` is escaped in both parts.
    pub fn key(&self) -> String {
        let escape = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        format!("{}:{}", escape(&self.issuer), escape(&self.client_id))
    }
}

/// Options of later versions, so that nobody believes they work.
fn not_yet(value: &Value) -> Result<()> {
    let wanted = |name: &str| match value.get(name) {
        None | Some(Value::Bool(false)) => false,
        Some(Value::String(text)) => name == "provider" && text != "generic",
        Some(_) => true,
    };
    for name in ["dpop", "par", "verifySignature"] {
        boolean(value, name)?;
        if wanted(name) {
            return Err(unsupported(name));
        }
    }
    match ["provider", "apis"].into_iter().find(|name| wanted(name)) {
        Some(name) => Err(unsupported(name)),
        None => Ok(()),
    }
}

/// The failure for what this version does not have.
pub fn unsupported(what: &str) -> Error {
    invalid(format!("`{what}` is not supported yet."))
}

/// The failure for a bad option.
pub fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidOptions, message)
}

/// A string option.
pub fn string(value: &Value, name: &'static str) -> Result<Option<String>> {
    let read = value
        .string(name)
        .map_err(|_| invalid(format!("`{name}` must be a string.")))?;
    Ok(read.map(str::to_owned))
}

/// A boolean option.
pub fn boolean(value: &Value, name: &'static str) -> Result<Option<bool>> {
    value
        .boolean(name)
        .map_err(|_| invalid(format!("`{name}` must be true or false.")))
}

/// A whole number between two bounds.
pub fn bounded(value: &Value, name: &'static str, least: i64, most: i64) -> Result<Option<i64>> {
    let wrong = || invalid(format!("`{name}` must be a number from {least} to {most}."));
    match value.seconds(name).map_err(|_| wrong())? {
        Some(number) if number < least || number > most => Err(wrong()),
        number => Ok(number),
    }
}

/// A scope option: a string or an array of tokens.
pub fn scope(value: &Value) -> Result<Option<ScopeSet>> {
    value.get("scope").map(scope_argument).transpose()
}

/// A scope argument: a string or an array of tokens.
pub fn scope_argument(value: &Value) -> Result<ScopeSet> {
    match value {
        Value::String(text) => ScopeSet::parse(text),
        Value::Array(items) => {
            let tokens: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            ScopeSet::from_tokens(tokens.ok_or_else(super::scope::wrong_type)?)
        }
        _ => Err(super::scope::wrong_type()),
    }
}

/// Further request parameters, none of them the client's own.
pub fn params(value: &Value, name: &'static str) -> Result<Vec<(String, String)>> {
    let wrong = || invalid(format!("`{name}` must be an object of strings."));
    let Some(given) = value.get(name) else {
        return Ok(Vec::new());
    };
    if !matches!(given, Value::Object(_)) {
        return Err(wrong());
    }
    let mut params = Vec::new();
    for (key, text) in given.members() {
        if OWNED.contains(&key.as_str()) {
            return Err(invalid(format!(
                "`{key}` in {name} is set by the client. Use the option of that name where there is one."
            )));
        }
        params.push((key.clone(), text.as_str().ok_or_else(wrong)?.to_owned()));
    }
    Ok(params)
}

fn redirect_uri(value: &Value, page: &Page) -> Result<String> {
    let given = string(value, "redirectUri")?.unwrap_or_else(|| "/".to_owned());
    let absolute = match given.strip_prefix('/') {
        Some(rest) if !rest.starts_with('/') => format!("{}{given}", page.origin),
        _ => given,
    };
    if !url::is_safe(&absolute) || absolute.contains('#') {
        return Err(invalid(
            "redirectUri must be an https URL (http on loopback) without fragment, registered with the authorization server.",
        ));
    }
    Ok(absolute)
}
