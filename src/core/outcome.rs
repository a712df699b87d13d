//! What a request for scopes came to.

use super::record::{Fields, Record};
use super::scope;
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
/// record that is stored, and that crosses to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome(Text);

impl Outcome {
    /// Compares what was requested, and within it what was `wanted` and not there before, with what the grant holds.
    pub fn of(transaction: &Transaction, granted: &str) -> Outcome {
        Outcome::judged(transaction, granted, false)
    }

    /// The same after a no. A step-up may miss no scope, and is denied all the same.
    pub fn refused(transaction: &Transaction, granted: &str) -> Outcome {
        Outcome::judged(transaction, granted, true)
    }

    fn judged(transaction: &Transaction, granted: &str, refused: bool) -> Outcome {
        let (requested, wanted) = (transaction.requested(), transaction.wanted());
        let missing = scope::minus(requested, granted);
        let outcome = if refused && wanted.is_empty() {
            "denied"
        } else if missing.is_empty() {
            "granted"
        } else if !wanted.is_empty() && scope::minus(wanted, &missing).is_empty() {
            "denied"
        } else {
            "partial"
        };
        let mut record = Outcome::record(requested, granted, transaction.return_to(), transaction.app_state());
        record.put("kind", transaction.kind().as_str());
        record.put("outcome", outcome);
        record.put("missing", &missing);
        Outcome(record.into_text())
    }

    /// What comes of an upgrade that has nothing to ask.
    pub fn of_nothing_missing(requested: &str, granted: &str, return_to: &str, app_state: Option<&str>) -> Outcome {
        let mut record = Outcome::record(requested, granted, return_to, app_state);
        record.put("kind", "upgrade");
        record.put("outcome", "granted");
        Outcome(record.into_text())
    }

    fn record(requested: &str, granted: &str, return_to: &str, app_state: Option<&str>) -> Record {
        let mut record = Record::default();
        record.put("requested", requested);
        record.put("granted", granted);
        record.put("returnTo", return_to);
        record.some("appState", app_state);
        record
    }

    /// In one word.
    pub fn verdict(&self) -> Verdict {
        match self.text("outcome") {
            "granted" => Verdict::Granted,
            "denied" => Verdict::Denied,
            _ => Verdict::Partial,
        }
    }

    /// Scopes of the request, with an upgrade those held before included.
    pub fn requested(&self) -> &str {
        self.text("requested")
    }

    /// Scopes of the grant after it.
    pub fn granted(&self) -> &str {
        self.text("granted")
    }

    /// Requested and not granted.
    pub fn missing(&self) -> &str {
        self.text("missing")
    }

    /// All of it, to store or to hand over.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a record with an outcome in it.
    pub(crate) fn restored(text: Text) -> Outcome {
        Outcome(text)
    }

    fn text(&self, name: &str) -> &str {
        Fields(&self.0).text_or_empty(name)
    }
}
