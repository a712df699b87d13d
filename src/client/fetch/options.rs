//! What a caller says of a call of an API, and what it hears where there is no response.

use std::fmt;
use std::rc::Rc;

use crate::client::InteractionMode;
use crate::core::error::Error;
use crate::core::scope::ScopeSet;
use crate::core::target::Target;
use crate::host::{AbortSignal, NotAnswered};

/// Options of `fetch`.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct FetchOptions {
    /// Scopes that this call needs.
    pub scope: ScopeSet,
    /// Another audience or resource than the API's.
    pub target: Option<Target>,
    /// What to do about missing scopes.
    pub on_missing: OnMissing,
    /// The call's own signal, for an upgrade on its behalf.
    pub abort: Option<Rc<dyn AbortSignal>>,
}

impl fmt::Debug for FetchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchOptions")
            .field("scope", &self.scope)
            .field("target", &self.target)
            .field("on_missing", &self.on_missing)
            .finish_non_exhaustive()
    }
}

impl FetchOptions {
    /// Names scopes that this call needs.
    #[must_use]
    pub fn with_scope(mut self, scope: ScopeSet) -> FetchOptions {
        self.scope = scope;
        self
    }

    /// Sends the token of another audience or resource than the API's.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> FetchOptions {
        self.target = Some(target);
        self
    }

    /// Says what to do about missing scopes.
    #[must_use]
    pub fn with_on_missing(mut self, on_missing: OnMissing) -> FetchOptions {
        self.on_missing = on_missing;
        self
    }

    /// Lets the caller stop waiting for an upgrade.
    #[must_use]
    pub fn with_abort(mut self, abort: Rc<dyn AbortSignal>) -> FetchOptions {
        self.abort = Some(abort);
        self
    }
}

/// What to do about missing scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMissing {
    /// Fail.
    #[default]
    Throw,
    /// Upgrade in a popup, and send the request once more.
    Popup,
    /// Leave the page for an upgrade.
    Redirect,
}

impl OnMissing {
    /// How the user is asked; nothing where nobody is.
    pub(super) fn mode(self) -> Option<InteractionMode> {
        match self {
            OnMissing::Throw => None,
            OnMissing::Popup => Some(InteractionMode::Popup),
            OnMissing::Redirect => Some(InteractionMode::Redirect),
        }
    }
}

/// Why a call came to no response.
#[derive(Clone, Debug, PartialEq)]
pub enum FetchError {
    /// The client refused, or something that it did on the call's behalf failed.
    Client(Error),
    /// The platform rejected the call, or its caller aborted it.
    NotAnswered,
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchError::Client(error) => error.fmt(f),
            FetchError::NotAnswered => f.write_str("the API did not answer, or the caller aborted the call"),
        }
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FetchError::Client(error) => Some(error),
            FetchError::NotAnswered => None,
        }
    }
}

impl From<Error> for FetchError {
    fn from(error: Error) -> FetchError {
        FetchError::Client(error)
    }
}

impl From<NotAnswered> for FetchError {
    fn from(_: NotAnswered) -> FetchError {
        FetchError::NotAnswered
    }
}
