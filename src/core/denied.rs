//! What users said no to, per audience, for as long as the session lives. Kept apart from the session's record,
//! so that a "no" leaves that record as it was.

use serde::Serialize;

use super::grant::Target;
use super::scope::ScopeSet;
use super::value::{Value, required};

/// Denied scopes of one session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Denied {
    session: String,
    by_target: Vec<(Target, ScopeSet)>,
}

impl Denied {
    /// Nothing denied yet.
    pub fn of_session(session: &str) -> Denied {
        Denied {
            session: session.to_owned(),
            by_target: Vec::new(),
        }
    }

    /// Whose it is.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// True where a "no" to this scope is on record.
    pub fn contains(&self, target: &Target, scope: &str) -> bool {
        self.by_target
            .iter()
            .any(|(held, scopes)| held == target && scopes.contains(scope))
    }

    /// Puts the latest answer for some scopes on record: the missing ones denied, the others not.
    pub fn record(&mut self, target: &Target, asked: &ScopeSet, missing: &ScopeSet) {
        let before = self
            .by_target
            .iter()
            .position(|(held, _)| held == target)
            .map(|index| self.by_target.remove(index).1);
        let after = before.unwrap_or_default().minus(asked).union(missing);
        if !after.is_empty() {
            self.by_target.push((target.clone(), after));
        }
    }

    /// Reads a stored record.
    pub fn restore(value: &Value) -> Option<Denied> {
        let entry = |item: &Value| match item.as_array()? {
            [target, scopes] => {
                let tokens: Option<Vec<&str>> = scopes.as_array()?.iter().map(Value::as_str).collect();
                Some((Target::restore(target)?, ScopeSet::from_tokens(tokens?).ok()?))
            }
            _ => None,
        };
        Some(Denied {
            session: required(value.string("session"))?.to_owned(),
            by_target: required(value.array("by_target"))?
                .iter()
                .map(entry)
                .collect::<Option<_>>()?,
        })
    }
}
