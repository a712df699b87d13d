//! The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).

use super::{PendingRequest, RequestKind, ResponseMode, pkce};
use crate::core::config::{Config, check_params};
use crate::core::error::{Error, Result};
use crate::core::provider::UpgradeRequest;
use crate::core::scope::ScopeSet;
use crate::core::secret::{CodeVerifier, Nonce, State};
use crate::core::server::ServerMetadata;
use crate::core::target::Target;
use crate::core::url::{self, Params};

/// The most bytes of appState as JSON text.
const MAX_APP_STATE: usize = 32 * 1024;

/// Randomness for one request: 256 bits each for state, nonce and verifier.
pub type Entropy = [[u8; 32]; 3];

/// Options of one authorization request.
#[derive(Clone, Debug, Default)]
pub struct AuthorizeOptions {
    /// Scopes, where others than the client's are wanted.
    pub scope: Option<ScopeSet>,
    /// Another audience or resource than the client's.
    pub target: Option<Target>,
    /// Same-origin path to return to. Default: where the user is.
    pub return_to: Option<String>,
    /// JSON text, given back with the outcome.
    pub app_state: Option<String>,
    /// `prompt`.
    pub prompt: Option<String>,
    /// `login_hint`.
    pub login_hint: Option<String>,
    /// `acr_values`.
    pub acr_values: Option<String>,
    /// `max_age`, seconds.
    pub max_age: Option<i64>,
    /// `ui_locales`.
    pub ui_locales: Option<String>,
    /// `authorization_details` as JSON text (RFC 9396).
    pub authorization_details: Option<String>,
    /// `response_mode`.
    pub response_mode: Option<ResponseMode>,
    /// Further parameters, none of them the client's own.
    pub params: Params,
}

/// What a request is for, besides what the options say.
#[derive(Clone, Debug)]
pub struct RequestIntent {
    /// Sign-in or upgrade.
    pub kind: RequestKind,
    /// The scopes that the answer is to grant, those held before included.
    pub requested: ScopeSet,
    /// Of these, the ones that are not there yet.
    pub wanted: ScopeSet,
    /// The user that must come back.
    pub subject: Option<String>,
    /// Sent as `login_hint` unless the caller or the options have one.
    pub login_hint: Option<String>,
    /// Path to return to.
    pub return_to: String,
    /// The response comes to a window or frame of its own.
    pub in_window: bool,
    /// No user may be asked: prompt=none.
    pub is_silent: bool,
}

/// A request before the server is known: all that the caller said, checked.
#[derive(Clone, Debug)]
pub struct AuthorizationParams {
    intent: RequestIntent,
    scope: ScopeSet,
    target: Target,
    app_state: Option<String>,
    response_mode: ResponseMode,
    acr_values: Option<String>,
    max_age: Option<i64>,
    params: Params,
}

/// An authorization request: the URL, and what must be remembered until the response.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// Where to send the user.
    pub url: String,
    /// The key of the transaction.
    pub state: State,
    /// What to store under it.
    pub pending: PendingRequest,
}

impl AuthorizeOptions {
    /// True where the answer must be stronger or fresher than the session: it always asks.
    pub fn is_step_up(&self) -> bool {
        let has = |name| self.params.get(name).is_some();
        self.prompt.is_some()
            || self.acr_values.is_some()
            || self.max_age.is_some()
            || has("prompt")
            || has("acr_values")
            || has("max_age")
    }

    /// The parameters that the options become, named ones first.
    fn to_params(&self) -> Params {
        let mut params = Params::new();
        if let Some(mode) = self.response_mode {
            let mode = if mode == ResponseMode::Fragment {
                "fragment"
            } else {
                "query"
            };
            params.push("response_mode", mode);
        }
        params.push_some("prompt", self.prompt.as_deref());
        params.push_some("login_hint", self.login_hint.as_deref());
        params.push_some("acr_values", self.acr_values.as_deref());
        params.push_some("max_age", self.max_age.map(|seconds| seconds.to_string()).as_deref());
        params.push_some("ui_locales", self.ui_locales.as_deref());
        params.push_some("authorization_details", self.authorization_details.as_deref());
        params.complete(&self.params);
        params
    }

    fn check(&self, intent: &RequestIntent) -> Result<()> {
        let is_app_state_too_long = self.app_state.as_ref().is_some_and(|text| text.len() > MAX_APP_STATE);
        let is_prompt_contrary = intent.is_silent && self.prompt.as_ref().is_some_and(|prompt| prompt != "none");
        let wrong = if is_app_state_too_long {
            "appState: 32 kB as JSON at the most"
        } else if !is_max_age(self.max_age) {
            "maxAge"
        } else if is_prompt_contrary {
            "prompt, which is none with silent"
        } else {
            return check_params(&self.params);
        };
        Err(Error::invalid_options(wrong))
    }
}

impl AuthorizationParams {
    /// Puts together what a client, a caller and an intent have to say.
    pub fn new(client: &Config, options: &AuthorizeOptions, intent: RequestIntent) -> Result<AuthorizationParams> {
        options.check(&intent)?;
        let provider = &client.provider;
        let is_upgrade = intent.kind == RequestKind::Upgrade;
        let scope = if is_upgrade {
            provider.scopes_to_request(&intent.requested, &intent.wanted)
        } else {
            intent.requested.clone()
        };
        // Those that an upgrade holds already come on top of the checked ones.
        scope.check_length()?;
        let mut params = options.to_params();
        let mut complete = |name: &str, value: &str| {
            params.complete(&[(name.to_owned(), value.to_owned())].into_iter().collect());
        };
        if intent.is_silent {
            complete("prompt", "none");
        }
        for (name, value) in client.authorization_params.iter() {
            complete(name, value);
        }
        if provider.needs_consent(&scope) {
            complete("prompt", "consent");
        }
        if is_upgrade && provider.upgrade_request == UpgradeRequest::Incremental {
            complete("include_granted_scopes", "true");
        }
        if let Some(hint) = &intent.login_hint {
            complete("login_hint", hint);
        }
        Ok(AuthorizationParams {
            scope,
            target: options.target.clone().unwrap_or_else(|| client.target.clone()),
            app_state: options.app_state.clone(),
            response_mode: options.response_mode.unwrap_or_default(),
            acr_values: params.get("acr_values").map(str::to_owned),
            max_age: max_age(&params)?,
            params,
            intent,
        })
    }

    /// Builds the request. S256 whatever the metadata says (RFC 9700 §2.1.1).
    pub fn request(
        self,
        client: &Config,
        metadata: &ServerMetadata,
        entropy: &Entropy,
        now: i64,
    ) -> Result<AuthorizationRequest> {
        if metadata.requires_pushed_requests {
            return Err(Error::invalid_options(
                "require_pushed_authorization_requests, which is not supported yet",
            ));
        }
        let [state, nonce, verifier] = entropy.each_ref().map(pkce::random_text);
        let verifier = CodeVerifier::new(verifier);
        let nonce = self.scope.contains("openid").then(|| Nonce::new(nonce));

        let mut query = Params::new();
        query.push("response_type", "code");
        query.push("client_id", &client.client_id);
        query.push("redirect_uri", &client.redirect_uri);
        // An empty scope parameter is against the grammar: without scopes there is none.
        if !self.scope.is_empty() {
            query.push("scope", &self.scope.to_string());
        }
        query.push("state", &state);
        query.push_some("nonce", nonce.as_ref().map(Nonce::secret));
        query.push("code_challenge", &pkce::challenge(&verifier));
        query.push("code_challenge_method", "S256");
        query.push_some("audience", self.target.audience());
        for resource in self.target.resources() {
            query.push("resource", resource);
        }
        for (name, value) in self.params.iter() {
            query.push(name, value);
        }
        Ok(AuthorizationRequest {
            url: url::with_query(&metadata.authorization_endpoint, &query),
            state: State::new(state),
            pending: PendingRequest {
                kind: self.intent.kind,
                created_at: now,
                code_verifier: verifier,
                nonce,
                redirect_uri: client.redirect_uri.clone(),
                requested: self.intent.requested,
                wanted: self.intent.wanted,
                subject: self.intent.subject,
                target: self.target,
                response_mode: self.response_mode,
                expects_issuer: metadata.sends_issuer,
                in_window: self.intent.in_window,
                acr_values: self.acr_values,
                max_age: self.max_age,
                app_state: self.app_state,
                return_to: self.intent.return_to,
            },
        })
    }
}

/// The demand that is sent, whoever named it.
fn max_age(params: &Params) -> Result<Option<i64>> {
    let Some(text) = params.get("max_age") else {
        return Ok(None);
    };
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = digits.and_then(|digits| digits.parse().ok());
    seconds
        .filter(|seconds| is_max_age(Some(*seconds)))
        .map(Some)
        .ok_or_else(|| Error::invalid_options("max_age"))
}

fn is_max_age(seconds: Option<i64>) -> bool {
    seconds.is_none_or(|seconds| (0..=i64::from(i32::MAX)).contains(&seconds))
}
