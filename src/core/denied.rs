//! What users said no to, per audience, for as long as the session lives. Kept apart from the session's record,
//! so that a "no" leaves that record as it was.

use super::form::{Fields, Form};
use super::grant::Target;
use super::scope::ScopeSet;
use super::text::Text;

/// Version of the stored record.
const VERSION: i64 = 1;

/// Denied scopes of one session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Denied {
    session: Text,
    by_target: Vec<(Target, ScopeSet)>,
}

impl Denied {
    /// Nothing denied yet.
    pub fn of_session(session: &str) -> Denied {
        Denied {
            session: session.into(),
            by_target: Vec::new(),
        }
    }

    /// This, if it is of that session; else nothing denied yet.
    pub fn of_session_or_new(self, session: &str) -> Denied {
        if self.session == session {
            self
        } else {
            Denied::of_session(session)
        }
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

    /// The text to store.
    pub fn to_record(&self) -> Text {
        let mut record = Form::record(VERSION);
        record.put("session", &self.session);
        for (target, scopes) in &self.by_target {
            record.put("target", target.as_str());
            record.put("denied", scopes.as_str());
        }
        record.into_text()
    }

    /// Reads a stored text, if it is of that session; else nothing was denied yet.
    pub fn restore(text: &str, session: &str) -> Denied {
        let mut denied = Denied::of_session(session);
        let record = Fields(text);
        if record.number("v") == Some(Some(VERSION)) && record.text_or_empty("session") == session {
            for (target, scopes) in record.all("target").into_iter().zip(record.all("denied")) {
                denied
                    .by_target
                    .push((Target::restored(target), ScopeSet::answered(&scopes)));
            }
        }
        denied
    }
}
