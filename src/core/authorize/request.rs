//! The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).

use super::{
    AuthorizeOptions, PendingRequest, RequestIntent, RequestKind, ResponseMode, pkce, pushed, signed_response,
};
use crate::core::config::Config;
use crate::core::demands::Demands;
use crate::core::error::{Error, Result};
use crate::core::http::Request;
use crate::core::provider::{UpgradePrompt, UpgradeRequest};
use crate::core::scope::ScopeSet;
use crate::core::secret::{CodeVerifier, Nonce, State};
use crate::core::server::ServerMetadata;
use crate::core::target::Target;
use crate::core::url::Params;

/// Randomness for one request: 256 bits each for state, nonce and verifier.
pub type Entropy = [[u8; 32]; 3];

/// A request before the server is known: all that the caller said, checked.
///
/// ```
/// use scopewise::core::authorize::RequestIntent;
/// use scopewise::{AuthorizationParams, AuthorizeOptions, ClientOptions, Config, ServerMetadata};
///
/// # fn main() -> scopewise::Result<()> {
/// # let metadata: scopewise::core::value::Value = serde_json::from_str(r#"{
/// #     "issuer": "https://id.example.com",
/// #     "authorization_endpoint": "https://id.example.com/authorize",
/// #     "token_endpoint": "https://id.example.com/token"
/// # }"#).expect("JSON");
/// # let metadata = ServerMetadata::parse(&metadata)?;
/// let options = ClientOptions::new("my-app", "https://id.example.com").with_redirect_uri("/callback");
/// let config = Config::new(options, "https://app.example.com")?;
/// let intent = RequestIntent::sign_in("openid read:appointments".parse()?).with_return_to("/calendar");
/// let params = AuthorizationParams::new(&config, &AuthorizeOptions::default(), intent)?;
///
/// // 256 random bits each for state, nonce and code verifier. Zeros are for an example only.
/// let entropy = [[0; 32]; 3];
/// let request = params.request(&config, &metadata, &entropy, 1_700_000_000)?;
/// assert!(request.url.starts_with("https://id.example.com/authorize?response_type=code&client_id=my-app&"));
/// assert!(request.url.contains("&scope=openid%20read%3Aappointments&"));
/// // Unless the request has to be pushed first, the URL is complete.
/// assert!(request.push.is_none());
/// // Keep `request.pending` under `request.state` until the user is back.
/// assert_eq!(request.pending.return_to, "/calendar");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizationParams {
    intent: RequestIntent,
    scope: ScopeSet,
    target: Target,
    app_state: Option<String>,
    response_mode: ResponseMode,
    demands: Demands,
    max_age: Option<i64>,
    params: Params,
}

/// An authorization request: the URL, and what must be remembered until the response.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// Where to send the user: at once, or once the request is pushed and [`AuthorizationRequest::pushed`] has completed it.
    pub url: String,
    /// What to send to the server before, where the request is pushed (RFC 9126).
    pub push: Option<Request>,
    /// The key of the transaction.
    pub state: State,
    /// What to store under it.
    pub pending: PendingRequest,
}

impl AuthorizationParams {
    /// Puts together what a client, a caller and an intent have to say. The scopes and the path to return to are the intent's:
    /// those of the options are for [`Client`], which makes an intent of them.
    ///
    /// [`Client`]: crate::Client
    pub fn new(client: &Config, options: &AuthorizeOptions, intent: RequestIntent) -> Result<AuthorizationParams> {
        options.check(&intent)?;
        let provider = &client.provider;
        let is_upgrade = intent.kind == RequestKind::Upgrade;
        let scope = if is_upgrade {
            client.scopes.check_upgrade(&intent.wanted)?;
            provider.scopes_to_request(&intent.requested, &intent.wanted)
        } else {
            client.scopes.check_sign_in(&intent.requested)?;
            intent.requested.clone()
        };
        // Those that an upgrade holds already come on top of the checked ones.
        scope.check_length()?;
        let mut params = options.to_params();
        // What the client says of every request is no demand of this one.
        let own_demands = demands(&params)?;
        if intent.is_silent {
            params.push_default("prompt", "none");
            if let Some(hint) = &intent.id_token_hint {
                params.push_default("id_token_hint", hint.secret());
            }
        }
        for (name, value) in client.authorization_params.iter() {
            params.push_default(name, value);
        }
        let asks_for_more = is_upgrade && !intent.wanted.is_empty();
        if provider.needs_consent(&scope) || asks_for_more && provider.upgrade_prompt == Some(UpgradePrompt::Consent) {
            params.push_default("prompt", "consent");
        }
        if is_upgrade && provider.upgrade_request == UpgradeRequest::Incremental {
            params.push_default("include_granted_scopes", "true");
        }
        if let Some(hint) = &intent.login_hint {
            params.push_default("login_hint", hint);
        }
        Ok(AuthorizationParams {
            scope,
            target: options.target.clone().unwrap_or_else(|| client.target.clone()),
            app_state: options.app_state.clone(),
            response_mode: options.response_mode.unwrap_or_default(),
            demands: own_demands,
            max_age: demands(&params)?.max_age,
            params,
            intent,
        })
    }

    /// An error gives the application back what it gave to the request.
    pub fn failed(&self, error: Error) -> Error {
        error.in_request(self.app_state.as_deref(), &self.intent.return_to)
    }

    /// Builds the request. S256 whatever the metadata says (RFC 9700 §2.1.1).
    pub fn request(
        self,
        client: &Config,
        metadata: &ServerMetadata,
        entropy: &Entropy,
        now: i64,
    ) -> Result<AuthorizationRequest> {
        signed_response::check_support(self.response_mode, metadata)?;
        let [state, nonce, verifier] = entropy.each_ref().map(pkce::random_text);
        let verifier = CodeVerifier::new(verifier);
        let nonce = client.provider.names(&self.scope, "openid").then(|| Nonce::new(nonce));

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
        for (name, value) in self.target.params().chain(self.params.iter()) {
            query.push(name, value);
        }
        let (url, push) = pushed::destination(client, metadata, &query)?;
        Ok(AuthorizationRequest {
            url,
            push,
            state: State::new(state),
            pending: PendingRequest {
                kind: self.intent.kind,
                created_at: now,
                last_sign_out: None,
                code_verifier: verifier,
                nonce,
                redirect_uri: client.redirect_uri.clone(),
                requested: self.intent.requested,
                wanted: self.intent.wanted,
                asker: self.intent.asker,
                subject: self.intent.subject,
                target: self.target,
                response_mode: self.response_mode,
                expects_issuer: metadata.sends_issuer,
                in_window: self.intent.in_window,
                is_silent: self.intent.is_silent,
                demands: self.demands,
                max_age: self.max_age,
                recalled_for: self.intent.recalled_for,
                has_prompt: self.params.get("prompt").is_some(),
                app_state: self.app_state,
                return_to: self.intent.return_to,
            },
        })
    }
}

pub(super) const MAX_AGE: &str = "\"maxAge\" must be 0 to 2,147,483,647 seconds";

/// What some parameters demand.
fn demands(params: &Params) -> Result<Demands> {
    let claims = params.get("claims").map(str::to_owned);
    let demands = Demands::new(params.get("acr_values"), params.get("max_age"), claims);
    demands.ok_or_else(|| Error::invalid_options(MAX_AGE))
}
