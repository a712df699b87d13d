//! The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1).

use super::error::Result;
use super::form::{self, Form};
use super::grant::Target;
use super::metadata::Metadata;
use super::options::{self, Options, invalid};
use super::pkce;
use super::record::{Fields, Record};
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
pub struct RequestOptions<'a> {
    /// Scopes, where others than the client's are wanted.
    pub scope: Option<ScopeSet>,
    /// Another audience or resource than the client's.
    pub target: Option<Target>,
    /// Same-origin path to return to.
    pub return_to: Option<&'a str>,
    /// JSON text.
    pub app_state: Option<&'a str>,
    /// "popup" or "silent", where the answer comes to a window or frame of its own.
    pub mode: Option<&'a str>,
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

impl<'a> RequestOptions<'a> {
    /// Reads the options of `authorizeUrl`, `signIn` or `upgrade`.
    pub fn parse(fields: Fields<'a>) -> Result<RequestOptions<'a>> {
        let mut params = Form::default();
        for (option, name) in TYPED {
            params.some(name, fields.text(option));
        }
        let (mode, app_state) = (fields.text("responseMode"), fields.text("appState"));
        let is_silent = fields.text("mode") == Some("silent");
        let wrong = if mode.is_some_and(|mode| !matches!(mode, "query" | "fragment")) {
            "responseMode"
        } else if app_state.is_some_and(|text| text.len() > MAX_APP_STATE) {
            "appState: 32 kB as JSON at the most"
        } else if !options::is_bounded(fields, "maxAge", 0, i64::from(i32::MAX)) {
            "maxAge"
        } else if is_silent && fields.text("prompt").is_some_and(|prompt| prompt != "none") {
            "prompt, which is none with silent"
        } else {
            ""
        };
        if !wrong.is_empty() {
            return Err(invalid(wrong));
        }
        complete(&mut params, options::params(fields, "params")?);
        Ok(RequestOptions {
            scope: options::scope(fields)?,
            target: Target::parse(fields)?,
            return_to: fields.text("returnTo"),
            app_state,
            mode: fields.text("mode"),
            params,
        })
    }

    /// True where the answer must be stronger or fresher than the session: it always asks.
    pub fn is_step_up(&self) -> bool {
        ["prompt", "acr_values", "max_age"]
            .iter()
            .any(|name| form::find(self.params.as_str(), name).is_some())
    }
}

/// What a request is for.
#[derive(Clone, Copy)]
pub struct Purpose<'a> {
    /// Sign-in or upgrade.
    pub kind: Kind,
    /// The scopes that the answer is to grant, those held before included.
    pub scope: &'a str,
    /// Of these, the ones that an upgrade is after.
    pub wanted: &'a str,
    /// The user that must come back, with an upgrade.
    pub subject: Option<&'a str>,
    /// Sent as `login_hint` unless the caller or the options have one.
    pub login_hint: Option<&'a str>,
    /// Path to return to.
    pub return_to: &'a str,
}

/// A request before the server is known: all that the caller said. Kept as a record.
pub struct Draft(Record);

/// An authorization request: the URL, and what must be remembered until the answer.
pub struct AuthorizationRequest {
    /// Where to send the user.
    pub url: Text,
    /// The key of the transaction.
    pub state: Secret,
    /// What to store under it.
    pub transaction: Transaction,
}

impl Draft {
    /// Puts together what a client, a caller and a purpose have to say.
    pub fn new(client: &Options, options: &RequestOptions<'_>, purpose: &Purpose<'_>) -> Result<Draft> {
        // Those that an upgrade holds already come on top of the checked ones.
        let profile = client.profile();
        let asked = if purpose.kind == Kind::Upgrade {
            profile.asked(purpose.scope, purpose.wanted)
        } else {
            ScopeSet::answered(purpose.scope)
        };
        scope::fits(&asked)?;
        let mut params = options.params.clone();
        if options.mode == Some("silent") {
            complete(&mut params, "prompt=none");
        }
        complete(&mut params, client.params());
        if profile.needs_consent(&asked) {
            complete(&mut params, "prompt=consent");
        }
        if purpose.kind == Kind::Upgrade && profile.is_incremental() {
            complete(&mut params, "include_granted_scopes=true");
        }
        let mut hint = Form::default();
        hint.some("login_hint", purpose.login_hint);
        complete(&mut params, hint.as_str());
        let mut record = Record::default();
        record.put("scope", purpose.scope);
        record.put("asked", &asked);
        record.put("wanted", purpose.wanted);
        record.put("return_to", purpose.return_to);
        record.some("app_state", options.app_state);
        record.some("subject", purpose.subject);
        record.flag("upgrade", purpose.kind == Kind::Upgrade);
        record.flag("window", options.mode.is_some());
        let target = options.target.clone().unwrap_or_else(|| client.target());
        record.put("target", target.as_str());
        for name in ["response_mode", "acr_values", "max_age"] {
            record.some(name, form::find(params.as_str(), name).as_deref());
        }
        if !options::is_bounded(record.fields(), "max_age", 0, i64::from(i32::MAX)) {
            return Err(invalid("max_age"));
        }
        record.put("params", params.as_str());
        Ok(Draft(record))
    }

    /// Builds the request. S256 whatever the metadata says (RFC 9700 §2.1.1).
    pub fn request(
        &self,
        client: &Options,
        metadata: &Metadata,
        entropy: &Entropy,
        now: i64,
    ) -> Result<AuthorizationRequest> {
        if metadata.requires_par() {
            return Err(invalid(
                "require_pushed_authorization_requests, which is not supported yet",
            ));
        }
        let draft = self.0.fields();
        let [state, nonce, verifier] = entropy.map(|bytes| pkce::token(&bytes));
        let scope = draft.text_or_empty("asked");

        let mut kept = Record::default();
        kept.copy(
            draft,
            "scope wanted return_to app_state subject upgrade window target response_mode acr_values max_age",
        );
        kept.put("redirect_uri", client.redirect_uri());
        kept.put("code_verifier", verifier.secret());
        kept.flag("expects_issuer", metadata.sends_issuer());

        let mut query = Form::default();
        query.put("response_type", "code");
        query.put("client_id", client.client_id());
        query.put("redirect_uri", client.redirect_uri());
        // An empty scope parameter is against the grammar: without scopes there is none.
        query.some("scope", Some(scope).filter(|scope| !scope.is_empty()));
        query.put("state", state.secret());
        if scope::contains(scope, "openid") {
            query.put("nonce", nonce.secret());
            kept.put("nonce", nonce.secret());
        }
        query.some("code_challenge", pkce::challenge(verifier.secret()).as_deref());
        query.put("code_challenge_method", "S256");
        query.append(draft.text_or_empty("target"));
        query.append(draft.text_or_empty("params"));
        Ok(AuthorizationRequest {
            url: url::with_query(metadata.authorization_endpoint(), query),
            state,
            transaction: Transaction::new(kept, now),
        })
    }
}

/// Adds those parameters that are not there yet.
fn complete(params: &mut Form, further: &str) {
    let first = params.clone();
    for pair in form::pairs(further) {
        if form::find(first.as_str(), &form::name(pair)).is_none() {
            params.append(pair);
        }
    }
}
