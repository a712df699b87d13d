//! Step-up: an upgrade that asks for a stronger or fresher authentication (RFC 9470 §4 and §5).

use super::document::Document;
use super::error::{Code, Error, Result};
use super::pieces::pieces;
use super::transaction::{Kind, Transaction};

/// Turns the result of the ID token's checks into that of the step-up: with an upgrade, `acr_values` and `max_age`
/// are demands, and an answer below them is one that the session does not take.
pub fn check(transaction: &Transaction, claims: &Document, checked: Result<()>) -> Result<()> {
    if transaction.kind() != Kind::Upgrade {
        return checked;
    }
    match checked {
        Err(error) if error.detail("reason").is_some_and(|reason| reason == "auth_time") => {
            Err(insufficient(transaction))
        }
        Err(error) => Err(error),
        Ok(()) if has_acr(transaction, claims) => Ok(()),
        Ok(()) => Err(insufficient(transaction)),
    }
}

fn has_acr(transaction: &Transaction, claims: &Document) -> bool {
    let Some(wanted) = transaction.acr_values() else {
        return true;
    };
    let acr = claims.text("acr");
    claims.is("acr", "s") && pieces(&wanted, b' ').any(|wanted| acr == wanted)
}

fn insufficient(transaction: &Transaction) -> Error {
    Error::new(Code::InsufficientUserAuthentication)
        .with_step_up(transaction.acr_values().as_deref(), transaction.max_age())
}
