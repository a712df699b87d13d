//! What a request for scopes came to.

use super::form::{Fields, Form};
use super::scope::ScopeSet;
use super::text::Text;
use super::transaction::Transaction;

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All that was asked.
    Granted,
    /// Some of it.
    Partial,
    /// None of what was missing.
    Denied,
}

/// What was asked and what is held now: kind, outcome, requested, granted, missing, appState and returnTo. Kept as the
/// form that is stored, and that crosses to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome(Text);

impl Outcome {
    /// Compares what was requested, and within it what was `wanted` and not there before, with what the grant holds.
    pub fn of(transaction: &Transaction, granted: &ScopeSet) -> Outcome {
        Outcome::judged(transaction, granted, false)
    }

    /// The same after a no. A step-up may miss no scope, and is denied all the same.
    pub fn refused(transaction: &Transaction, granted: &ScopeSet) -> Outcome {
        Outcome::judged(transaction, granted, true)
    }

    fn judged(transaction: &Transaction, granted: &ScopeSet, refused: bool) -> Outcome {
        let requested = transaction.requested();
        let (wanted, missing) = (transaction.wanted(), requested.minus(granted));
        let outcome = if refused && wanted.is_empty() {
            "denied"
        } else if missing.is_empty() {
            "granted"
        } else if !wanted.is_empty() && wanted.minus(&missing).is_empty() {
            "denied"
        } else {
            "partial"
        };
        let kind = transaction.kind().as_str();
        Outcome::new(
            [
                kind,
                outcome,
                requested.as_str(),
                granted.as_str(),
                missing.as_str(),
                &transaction.return_to(),
            ],
            transaction.app_state().as_deref(),
        )
    }

    /// What comes of an upgrade that has nothing to ask.
    pub fn of_nothing_missing(
        requested: &ScopeSet,
        granted: &ScopeSet,
        return_to: &str,
        app_state: Option<&str>,
    ) -> Outcome {
        Outcome::new(
            [
                "upgrade",
                "granted",
                requested.as_str(),
                granted.as_str(),
                "",
                return_to,
            ],
            app_state,
        )
    }

    fn new(members: [&str; 6], app_state: Option<&str>) -> Outcome {
        let mut form = Form::default();
        for (name, text) in ["kind", "outcome", "requested", "granted", "missing", "returnTo"]
            .into_iter()
            .zip(members)
        {
            form.put(name, text);
        }
        form.some("appState", app_state);
        Outcome(form.into_text())
    }

    /// In one word.
    pub fn verdict(&self) -> Verdict {
        match &*Fields(&self.0).text_or_empty("outcome") {
            "granted" => Verdict::Granted,
            "denied" => Verdict::Denied,
            _ => Verdict::Partial,
        }
    }

    /// Scopes of the request, with an upgrade those held before included.
    pub fn requested(&self) -> ScopeSet {
        Fields(&self.0).scopes("requested")
    }

    /// Scopes of the grant after it.
    pub fn granted(&self) -> ScopeSet {
        Fields(&self.0).scopes("granted")
    }

    /// Requested and not granted.
    pub fn missing(&self) -> ScopeSet {
        Fields(&self.0).scopes("missing")
    }

    /// All of it, to store or to hand over.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a stored text.
    pub(crate) fn restored(text: Text) -> Outcome {
        Outcome(text)
    }
}
