//! Step-up: an upgrade that asks for a stronger or fresher authentication (RFC 9470 §4 and §5).

use super::document::Document;
use super::error::{Code, Error, Result};
use super::pieces::pieces;
use super::transaction::{Kind, Transaction};

/// Turns the result of the ID token's checks into that of the step-up: with an upgrade, `acr_values` and `max_age`
/// are demands, and an answer below them is one that the session does not take.
pub fn check(transaction: &Transaction, claims: &Document, checked: Result<()>) -> Result<()> {
    let is_met = match &checked {
        // Nobody looked for auth_time where there was no ID token.
        Ok(()) => {
            has_acr(transaction.acr_values(), claims)
                && (transaction.max_age().is_none() || claims.is("auth_time", "n"))
        }
        Err(error) => error.detail("reason") != Some("auth_time"),
    };
    if is_met || transaction.kind() != Kind::Upgrade {
        return checked;
    }
    Err(Error::new(Code::InsufficientUserAuthentication).with_step_up(transaction.acr_values(), transaction.max_age()))
}

/// Whether the authentication that claims tell of is as strong and as fresh as an API wants it: another of the kind
/// would change nothing.
pub fn is_met(acr_values: Option<&str>, max_age: Option<i64>, claims: &Document, now: i64) -> bool {
    let age = claims.number("auth_time").map(|time| now.saturating_sub(time));
    (acr_values.is_some() || max_age.is_some())
        && has_acr(acr_values, claims)
        && max_age.is_none_or(|most| age.is_some_and(|age| age <= most))
}

fn has_acr(acr_values: Option<&str>, claims: &Document) -> bool {
    let acr = claims.string("acr");
    acr_values.is_none_or(|wanted| pieces(wanted, b' ').any(|wanted| acr == Some(wanted)))
}
