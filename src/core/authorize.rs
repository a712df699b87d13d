//! The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).

use super::error::Result;
use super::metadata::Metadata;
use super::options::{self, Options, bounded, invalid, string};
use super::pkce;
use super::scope::ScopeSet;
use super::secret::Secret;
use super::session::Target;
use super::transaction::{Kind, Mode, Transaction};
use super::url;
use super::value::{Value, only_known};

/// The most bytes of appState as JSON text.
pub const MAX_APP_STATE: usize = 32 * 1024;

/// Randomness for one request: 256 bits each.
pub struct Entropy {
    /// For `state`.
    pub state: [u8; 32],
    /// For `nonce`.
    pub nonce: [u8; 32],
    /// For the PKCE verifier.
    pub verifier: [u8; 32],
}

/// Options of one request, checked. `returnTo` and `appState` are checked where the page is known.
#[derive(Clone, Debug, Default)]
pub struct RequestOptions {
    /// Scopes, where others than the client's are wanted.
    pub scope: Option<ScopeSet>,
    /// Another audience or resource than the client's.
    pub target: Option<Target>,
    /// Same-origin path to return to.
    pub return_to: Option<String>,
    /// JSON text.
    pub app_state: Option<String>,
    /// `acr_values`
    pub acr_values: Option<String>,
    /// `max_age`, seconds
    pub max_age: Option<u32>,
    /// True where the response comes in the fragment.
    pub fragment: bool,
    /// prompt, login_hint, ui_locales and the caller's own, in the order of the wire.
    pub params: Vec<(String, String)>,
}

const KNOWN: &[&str] = &[
    "scope",
    "audience",
    "resource",
    "returnTo",
    "appState",
    "prompt",
    "loginHint",
    "acrValues",
    "maxAge",
    "uiLocales",
    "authorizationDetails",
    "responseMode",
    "params",
    "mode",
    "signal",
];

impl RequestOptions {
    /// Reads the options of `authorizeUrl`, `signIn` or `upgrade`. `app_state` and `details` are JSON text made by the host.
    pub fn parse(value: &Value, app_state: Option<String>, details: Option<String>) -> Result<RequestOptions> {
        only_known(value, KNOWN, "the request's options")?;
        match string(value, "mode")?.as_deref() {
            None | Some("redirect") => {}
            Some("popup" | "silent") => return Err(options::unsupported("mode: popup and silent")),
            Some(_) => return Err(invalid("`mode` must be redirect, popup or silent.")),
        }
        if app_state.as_ref().is_some_and(|text| text.len() > MAX_APP_STATE) {
            return Err(invalid(
                "`appState` may take 32 kB as JSON. Keep the data in your own storage and put its key here.",
            ));
        }
        let mut given = options::params(value, "params")?;
        let mut params = Vec::new();
        for (option, name) in [
            ("prompt", "prompt"),
            ("loginHint", "login_hint"),
            ("uiLocales", "ui_locales"),
        ] {
            if let Some(text) = string(value, option)? {
                given.retain(|(given, _)| given != name);
                params.push((name.to_owned(), text));
            }
        }
        if let Some(details) = details {
            if value.array("authorizationDetails").is_err() {
                return Err(invalid(
                    "`authorizationDetails` must be an array of objects (RFC 9396 §2).",
                ));
            }
            params.push(("authorization_details".to_owned(), details));
        }
        params.append(&mut given);
        Ok(RequestOptions {
            scope: options::scope(value)?,
            target: Target::parse(value)?,
            return_to: string(value, "returnTo")?,
            app_state,
            acr_values: string(value, "acrValues")?,
            max_age: bounded(value, "maxAge", 0, i64::from(i32::MAX))?.map(|seconds| seconds as u32),
            fragment: match string(value, "responseMode")?.as_deref() {
                None | Some("query") => false,
                Some("fragment") => true,
                Some(_) => return Err(invalid("`responseMode` must be query or fragment.")),
            },
            params,
        })
    }

    /// True where the answer must be stronger or fresher than the session: it always asks.
    pub fn is_step_up(&self) -> bool {
        self.acr_values.is_some() || self.max_age.is_some() || self.params.iter().any(|(name, _)| name == "prompt")
    }
}

/// What a request is for.
pub struct Purpose<'a> {
    /// Sign-in or upgrade.
    pub kind: Kind,
    /// The scopes on the wire.
    pub scope: ScopeSet,
    /// Of these, the ones that an upgrade is after.
    pub wanted: ScopeSet,
    /// The user that must come back, with an upgrade.
    pub subject: Option<&'a str>,
    /// Sent as `login_hint` unless the caller or the options have one.
    pub login_hint: Option<&'a str>,
    /// Path to return to.
    pub return_to: String,
}

/// An authorization request: the URL, and what must be remembered until the answer.
pub struct AuthorizationRequest {
    /// Where to send the user.
    pub url: String,
    /// The key of the transaction.
    pub state: Secret,
    /// What to store under it.
    pub transaction: Transaction,
}

/// Builds the request. S256 whatever the metadata says (RFC 9700 §2.1.1).
pub fn request(
    client: &Options,
    metadata: &Metadata,
    options: RequestOptions,
    purpose: Purpose<'_>,
    entropy: &Entropy,
    now: i64,
) -> Result<AuthorizationRequest> {
    if metadata.requires_par {
        return Err(options::unsupported("require_pushed_authorization_requests"));
    }
    let state = pkce::token(&entropy.state);
    let verifier = pkce::token(&entropy.verifier);
    let nonce = purpose.scope.contains("openid").then(|| pkce::token(&entropy.nonce));
    let target = options.target.clone().unwrap_or_else(|| client.target.clone());

    let mut extra = options.params.clone();
    let inherited = client
        .params
        .iter()
        .filter(|(name, _)| !options.params.iter().any(|(own, _)| own == name));
    extra.extend(inherited.cloned());
    if let Some(hint) = purpose
        .login_hint
        .filter(|_| !extra.iter().any(|(name, _)| name == "login_hint"))
    {
        extra.push(("login_hint".to_owned(), hint.to_owned()));
    }
    let max_age = options
        .max_age
        .map(Ok)
        .or_else(|| take(&mut extra, "max_age").map(|text| seconds(&text)))
        .transpose()?;
    let acr_values = options.acr_values.clone().or_else(|| take(&mut extra, "acr_values"));

    let scope = purpose.scope.to_wire();
    let challenge = pkce::challenge(verifier.secret());
    let max_age_text = max_age.map(|seconds| seconds.to_string());
    let mut params = vec![
        ("response_type", "code"),
        ("client_id", client.client_id.as_str()),
        ("redirect_uri", client.redirect_uri.as_str()),
        ("state", state.secret()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let optional = [
        ("scope", Some(scope.as_str()).filter(|scope| !scope.is_empty())),
        ("nonce", nonce.as_ref().map(Secret::secret)),
        ("response_mode", options.fragment.then_some("fragment")),
        ("audience", target.audience.as_deref()),
        ("acr_values", acr_values.as_deref()),
        ("max_age", max_age_text.as_deref()),
    ];
    params.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    params.extend(target.resource.iter().map(|resource| ("resource", resource.as_str())));
    params.extend(extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let url = url::with_params(&metadata.authorization_endpoint, params);

    let transaction = Transaction {
        kind: purpose.kind,
        nonce,
        verifier,
        redirect_uri: client.redirect_uri.clone(),
        requested: purpose.scope,
        wanted: purpose.wanted,
        subject: purpose.subject.map(str::to_owned),
        target,
        app_state: options.app_state,
        return_to: purpose.return_to,
        mode: if options.fragment { Mode::Fragment } else { Mode::Query },
        expects_issuer: metadata.sends_issuer,
        acr_values,
        max_age,
        created_at: now,
    };
    Ok(AuthorizationRequest {
        url,
        state,
        transaction,
    })
}

fn take(params: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let index = params.iter().position(|(given, _)| given == name)?;
    Some(params.remove(index).1)
}

fn seconds(text: &str) -> Result<u32> {
    text.parse()
        .map_err(|_| invalid("`max_age` must be a number of seconds."))
}
