//! What a caller says of one authorization request.

use super::request::MAX_AGE;
use super::{RequestIntent, ResponseMode};
use crate::core::config::check_params;
use crate::core::demands::{Demands, is_max_age};
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::target::Target;
use crate::core::text::check_text;
use crate::core::url::Params;

/// The most bytes of appState as JSON text.
const MAX_APP_STATE: usize = 256 * 1024;

/// Options of one authorization request.
///
/// ```
/// let options = scopewise::AuthorizeOptions::default()
///     .with_return_to("/calendar")
///     .with_acr_values("urn:example:mfa")
///     .with_max_age(300);
/// assert!(options.is_step_up());
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
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

impl AuthorizeOptions {
    /// Asks for other scopes than the client's.
    #[must_use]
    pub fn with_scope(mut self, scope: ScopeSet) -> AuthorizeOptions {
        self.scope = Some(scope);
        self
    }

    /// Asks for another audience or resource than the client's.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> AuthorizeOptions {
        self.target = Some(target);
        self
    }

    /// Sets the same-origin path to return to.
    #[must_use]
    pub fn with_return_to(mut self, path: impl Into<String>) -> AuthorizeOptions {
        self.return_to = Some(path.into());
        self
    }

    /// Sets the JSON text that comes back with the outcome.
    #[must_use]
    pub fn with_app_state(mut self, json: impl Into<String>) -> AuthorizeOptions {
        self.app_state = Some(json.into());
        self
    }

    /// Sets `prompt`.
    #[must_use]
    pub fn with_prompt(mut self, prompt: impl Into<String>) -> AuthorizeOptions {
        self.prompt = Some(prompt.into());
        self
    }

    /// Sets `login_hint`.
    #[must_use]
    pub fn with_login_hint(mut self, hint: impl Into<String>) -> AuthorizeOptions {
        self.login_hint = Some(hint.into());
        self
    }

    /// Sets `acr_values`.
    #[must_use]
    pub fn with_acr_values(mut self, values: impl Into<String>) -> AuthorizeOptions {
        self.acr_values = Some(values.into());
        self
    }

    /// Sets `max_age`, seconds.
    #[must_use]
    pub fn with_max_age(mut self, seconds: i64) -> AuthorizeOptions {
        self.max_age = Some(seconds);
        self
    }

    /// Asks for what a challenge demands besides scopes: the authentication, and claims.
    #[must_use]
    pub fn with_demands(mut self, demands: Demands) -> AuthorizeOptions {
        self.acr_values = demands.acr_values.or(self.acr_values);
        self.max_age = demands.max_age.or(self.max_age);
        let claims = demands.claims.map(|claims| ("claims".to_owned(), claims));
        let mut params: Params = claims.into_iter().collect();
        params.complete(&self.params);
        self.params = params;
        self
    }

    /// Sets `ui_locales`.
    #[must_use]
    pub fn with_ui_locales(mut self, locales: impl Into<String>) -> AuthorizeOptions {
        self.ui_locales = Some(locales.into());
        self
    }

    /// Sets `authorization_details`, JSON text (RFC 9396).
    #[must_use]
    pub fn with_authorization_details(mut self, json: impl Into<String>) -> AuthorizeOptions {
        self.authorization_details = Some(json.into());
        self
    }

    /// Sets `response_mode`.
    #[must_use]
    pub fn with_response_mode(mut self, mode: ResponseMode) -> AuthorizeOptions {
        self.response_mode = Some(mode);
        self
    }

    /// Adds further parameters, none of them the client's own.
    #[must_use]
    pub fn with_params(mut self, params: Params) -> AuthorizeOptions {
        self.params = params;
        self
    }

    /// True where the answer must be stronger or fresher than the session.
    pub fn is_step_up(&self) -> bool {
        let has = |name| self.params.get(name).is_some();
        self.prompt.is_some()
            || self.acr_values.is_some()
            || self.max_age.is_some()
            || ["prompt", "acr_values", "max_age", "claims"].into_iter().any(has)
    }

    /// True where the user has to be asked though all scopes are there: for a step-up, or for more than scopes.
    pub fn always_asks(&self) -> bool {
        let asks_for_details = |list: &str| list != "[]";
        self.is_step_up() || self.authorization_details.as_deref().is_some_and(asks_for_details)
    }

    /// The parameters that the options become, named ones first.
    pub(super) fn to_params(&self) -> Params {
        let mut params = Params::new();
        params.push_some("response_mode", self.response_mode.map(ResponseMode::as_str));
        params.push_some("prompt", self.prompt.as_deref());
        params.push_some("login_hint", self.login_hint.as_deref());
        params.push_some("acr_values", self.acr_values.as_deref());
        params.push_some("max_age", self.max_age.map(|seconds| seconds.to_string()).as_deref());
        params.push_some("ui_locales", self.ui_locales.as_deref());
        params.push_some("authorization_details", self.authorization_details.as_deref());
        params.complete(&self.params);
        params
    }

    pub(super) fn check(&self, intent: &RequestIntent) -> Result<()> {
        let is_app_state_too_long = self.app_state.as_ref().is_some_and(|text| text.len() > MAX_APP_STATE);
        let params = self.to_params();
        let is_prompt_contrary = intent.is_silent && params.get("prompt").is_some_and(|prompt| prompt != "none");
        let details = self.authorization_details.as_deref();
        let wrong = if is_app_state_too_long {
            "\"appState\" must have 256 KiB as JSON at the most"
        } else if !self.max_age.is_none_or(is_max_age) {
            MAX_AGE
        } else if details.is_some_and(|text| !is_array_of_objects(text)) {
            "\"authorizationDetails\" must be an array of objects"
        } else if is_prompt_contrary {
            "\"prompt\" can be none only with mode \"silent\""
        } else {
            check_text("returnTo", self.return_to.as_deref().unwrap_or_default())?;
            params.iter().try_for_each(|(name, text)| check_text(name, text))?;
            return check_params(&self.params);
        };
        Err(Error::invalid_options(wrong))
    }
}

/// Whether JSON text looks like one from its ends, which tells all other kinds of JSON apart.
fn is_array_of_objects(text: &str) -> bool {
    let array = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    array.map(str::trim).is_some_and(|items| {
        let is_of_objects = items.starts_with('{') && items.ends_with('}');
        items.is_empty() || is_of_objects
    })
}
