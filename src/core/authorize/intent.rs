//! What an authorization request is for.

use super::{Asker, RequestKind, return_to};
use crate::core::config::Config;
use crate::core::error::Result;
use crate::core::scope::ScopeSet;
use crate::core::secret::RawIdToken;
use crate::core::url;

/// What a request is for, besides what the options say.
#[derive(Clone, Debug)]
pub struct RequestIntent {
    /// Sign-in or upgrade.
    pub kind: RequestKind,
    /// The scopes that the answer is to grant, those held before included.
    pub requested: ScopeSet,
    /// Of these, the ones that are not there yet.
    pub wanted: ScopeSet,
    /// The session that asks; nothing where nobody is signed in.
    pub asker: Option<Asker>,
    /// The user that must come back.
    pub subject: Option<String>,
    /// Sent as `login_hint` unless the caller or the options have one.
    pub login_hint: Option<String>,
    /// The ID token of the user that is asked for, where nobody is to be asked.
    pub id_token_hint: Option<RawIdToken>,
    /// Path to return to.
    pub return_to: String,
    /// The response comes to a window or frame of its own.
    pub in_window: bool,
    /// No user may be asked: prompt=none.
    pub is_silent: bool,
    /// The user whose remembered scopes are asked for again.
    pub recalled_for: Option<String>,
}

impl RequestIntent {
    /// To sign in, on this page, with some scopes. Another page than `/` to return to is set by `with_return_to`.
    pub fn sign_in(scope: ScopeSet) -> RequestIntent {
        RequestIntent {
            kind: RequestKind::SignIn,
            requested: scope.clone(),
            wanted: scope,
            asker: None,
            subject: None,
            login_hint: None,
            id_token_hint: None,
            return_to: "/".to_owned(),
            in_window: false,
            is_silent: false,
            recalled_for: None,
        }
    }

    /// Sets the path to return to as a request has it, whose URL anybody may have made: error `invalid_return_to` unless it is
    /// one of the redirect URI's own origin.
    pub fn try_return_to(self, path: &str, client: &Config) -> Result<RequestIntent> {
        let callback = client.redirect_uri.as_str();
        Ok(self.with_return_to(return_to::parse(path, url::origin(callback), callback)?))
    }

    /// Sets the path to return to, which is not checked: one that the application wrote itself.
    #[must_use]
    pub fn with_return_to(mut self, path: impl Into<String>) -> RequestIntent {
        self.return_to = path.into();
        self
    }
}
