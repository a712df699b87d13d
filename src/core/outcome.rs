//! What a request for scopes came to.

use serde::Serialize;

use super::scope::ScopeSet;
use super::transaction::{Kind, optional};
use super::value::{Value, required};

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All that was asked.
    Granted,
    /// Some of it.
    Partial,
    /// None of what was missing.
    Denied,
}

/// What was asked and what is held now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// What the request was for.
    pub kind: Kind,
    /// In one word.
    pub outcome: Verdict,
    /// Scopes of the request, with an upgrade those held before included.
    pub requested: ScopeSet,
    /// Scopes of the grant after it.
    pub granted: ScopeSet,
    /// Requested and not granted.
    pub missing: ScopeSet,
    /// The application's JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_state: Option<String>,
    /// Where the application wants its user.
    pub return_to: String,
}

impl Outcome {
    /// Compares what was requested, and within it what was `wanted` and not there before, with what the grant holds.
    pub fn new(kind: Kind, requested: ScopeSet, wanted: &ScopeSet, granted: ScopeSet, missing: ScopeSet) -> Outcome {
        let outcome = if missing.is_empty() {
            Verdict::Granted
        } else if !wanted.is_empty() && wanted.minus(&missing).is_empty() {
            Verdict::Denied
        } else {
            Verdict::Partial
        };
        Outcome {
            kind,
            outcome,
            requested,
            granted,
            missing,
            app_state: None,
            return_to: "/".to_owned(),
        }
    }

    /// Adds what the application gets back.
    pub fn returning(mut self, app_state: Option<String>, return_to: String) -> Outcome {
        self.app_state = app_state;
        self.return_to = return_to;
        self
    }

    /// Reads a stored outcome.
    pub fn parse(value: &Value) -> Option<Outcome> {
        let scopes = |name| Some(ScopeSet::answered(&required(value.strings(name))?.join(" ")));
        Some(Outcome {
            kind: Kind::parse(required(value.string("kind"))?)?,
            outcome: match required(value.string("outcome"))? {
                "granted" => Verdict::Granted,
                "partial" => Verdict::Partial,
                "denied" => Verdict::Denied,
                _ => return None,
            },
            requested: scopes("requested")?,
            granted: scopes("granted")?,
            missing: scopes("missing")?,
            app_state: value
                .get("appState")
                .and_then(|_| optional(value, "appState"))
                .flatten(),
            return_to: required(value.string("returnTo"))?.to_owned(),
        })
    }
}
