//! The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).

use super::error::Result;
use super::form::{self, Fields, Form};
use super::grant::Target;
use super::metadata::Metadata;
use super::options::{self, Options, invalid};
use super::pkce;
use super::scope::{self, ScopeSet};
use super::secret::Secret;
use super::text::Text;
use super::transaction::{Kind, Transaction};
use super::url;

/// The most bytes of appState as JSON text.
pub const MAX_APP_STATE: usize = 32 * 1024;

/// Randomness for one request: 256 bits each for state, nonce and verifier.
pub type Entropy = [[u8; 32]; 3];

/// Options of one request, checked. `return_to` is parsed where the page is known.
#[derive(Clone, Debug, Default)]
pub struct RequestOptions {
    /// Scopes, where others than the client's are wanted.
    pub scope: Option<ScopeSet>,
    /// Another audience or resource than the client's.
    pub target: Option<Target>,
    /// Same-origin path to return to.
    pub return_to: Option<Text>,
    /// JSON text.
    pub app_state: Option<Text>,
    /// Parameters of the request, typed options first.
    pub params: Form,
}

/// Options, and the parameters that they become.
const TYPED: [(&str, &str); 7] = [
    ("responseMode", "response_mode"),
    ("prompt", "prompt"),
    ("loginHint", "login_hint"),
    ("acrValues", "acr_values"),
    ("maxAge", "max_age"),
    ("uiLocales", "ui_locales"),
    ("authorizationDetails", "authorization_details"),
];

impl RequestOptions {
    /// Reads the options of `authorizeUrl`, `signIn` or `upgrade`.
    pub fn parse(fields: Fields<'_>) -> Result<RequestOptions> {
        let mut params = Form::default();
        for (option, name) in TYPED {
            params.some(name, fields.text(option).as_deref());
        }
        let (mode, app_state) = (fields.text("responseMode"), fields.text("appState"));
        let wrong = if mode.is_some_and(|mode| !matches!(&*mode, "query" | "fragment")) {
            "responseMode"
        } else if app_state.as_ref().is_some_and(|text| text.len() > MAX_APP_STATE) {
            "appState: 32 kB as JSON at the most"
        } else if !options::is_bounded(fields, "maxAge", 0, i64::from(i32::MAX)) {
            "maxAge"
        } else {
            ""
        };
        if !wrong.is_empty() {
            return Err(invalid(wrong));
        }
        Ok(RequestOptions {
            scope: options::scope(fields)?,
            target: Target::parse(fields)?,
            return_to: fields.text("returnTo"),
            app_state,
            params: completed(params, &options::params(fields, "params")?),
        })
    }

    /// True where the answer must be stronger or fresher than the session: it always asks.
    pub fn is_step_up(&self) -> bool {
        !self.params.fields().pick("prompt acr_values max_age").is_empty()
    }
}

/// What a request is for.
pub struct Purpose {
    /// Sign-in or upgrade.
    pub kind: Kind,
    /// The scopes on the wire.
    pub scope: ScopeSet,
    /// Of these, the ones that an upgrade is after.
    pub wanted: ScopeSet,
    /// The user that must come back, with an upgrade.
    pub subject: Option<Text>,
    /// Sent as `login_hint` unless the caller or the options have one.
    pub login_hint: Option<Text>,
    /// Path to return to.
    pub return_to: Text,
}

/// An authorization request: the URL, and what must be remembered until the answer.
pub struct AuthorizationRequest {
    /// Where to send the user.
    pub url: Text,
    /// The key of the transaction.
    pub state: Secret,
    /// What to store under it.
    pub transaction: Transaction,
}

/// Builds the request. S256 whatever the metadata says (RFC 9700 §2.1.1).
pub fn request(
    client: &Options,
    metadata: &Metadata,
    options: &RequestOptions,
    purpose: &Purpose,
    entropy: &Entropy,
    now: i64,
) -> Result<AuthorizationRequest> {
    if metadata.requires_par() {
        return Err(invalid(
            "require_pushed_authorization_requests, which is not supported yet",
        ));
    }
    // Those that an upgrade holds already come on top of the checked ones.
    scope::fits(purpose.scope.as_str())?;
    let [state, nonce, verifier] = entropy;
    let (state, verifier) = (pkce::token(state), pkce::token(verifier));
    let mut hint = Form::default();
    hint.some("login_hint", purpose.login_hint.as_deref());
    let params = completed(completed(options.params.clone(), &client.params), &hint);
    if !options::is_bounded(params.fields(), "max_age", 0, i64::from(i32::MAX)) {
        return Err(invalid("max_age"));
    }

    let mut query = Form::default();
    query.put("response_type", "code");
    query.put("client_id", &client.client_id());
    query.put("redirect_uri", &client.redirect_uri);
    // An empty scope parameter is against the grammar: without scopes there is none.
    query.some("scope", Some(purpose.scope.as_str()).filter(|scope| !scope.is_empty()));
    query.put("state", state.secret());
    if purpose.scope.contains("openid") {
        query.put("nonce", pkce::token(nonce).secret());
    }
    query.some("code_challenge", pkce::challenge(verifier.secret()).as_deref());
    query.put("code_challenge_method", "S256");
    query.append(options.target.as_ref().unwrap_or(&client.target).as_str());
    query.append(params.as_str());

    let mut kept = query
        .fields()
        .pick("redirect_uri scope nonce audience resource response_mode acr_values max_age");
    kept.put("code_verifier", verifier.secret());
    kept.put("wanted", purpose.wanted.as_str());
    kept.put("return_to", &purpose.return_to);
    kept.some("app_state", options.app_state.as_deref());
    kept.some("subject", purpose.subject.as_deref());
    kept.flag("upgrade", purpose.kind == Kind::Upgrade);
    kept.flag("expects_issuer", metadata.sends_issuer());
    Ok(AuthorizationRequest {
        url: url::with_query(&metadata.authorization_endpoint(), query),
        state,
        transaction: Transaction::new(kept, now),
    })
}

/// The parameters, and those of the second that the first does not have.
fn completed(mut params: Form, further: &Form) -> Form {
    let first = params.clone();
    for pair in further.fields().pairs() {
        if !first.fields().has(&form::name(pair)) {
            params.append(pair);
        }
    }
    params
}
