//! The scopes that users granted by upgrades, kept beyond their sessions: names and the time of the grant, no token.

use crate::core::base64url;
use crate::core::reader::{FromValue, ObjectReader, Versioned};
use crate::core::scope::ScopeSet;
use crate::core::target::Target;
use crate::core::token::Claims;
use crate::core::value::{Members, ToValue, Value};

/// Version of the stored record.
const VERSION: i64 = 1;
/// How long a grant is remembered, seconds: 90 days.
pub const REMEMBERED_FOR: i64 = 90 * 24 * 3600;
/// How many grants are kept, of all users of the client together; the oldest go first.
const MAX_ENTRIES: usize = 64;

/// What is remembered of all users of a client on this device. Users are told apart by their subject, and nobody's scopes
/// are another's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RememberedScopes(Vec<Entry>);

/// What a user granted at one time, for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    subject: String,
    /// Hashes of the hints that name the user: neither name nor address is stored.
    hints: Vec<String>,
    target: Target,
    scopes: ScopeSet,
    /// When it was granted, seconds since the epoch.
    at: i64,
}

impl RememberedScopes {
    /// Reads the stored record, and leaves out what is too old. Nothing where a later version wrote it, which is left
    /// alone; one that cannot be understood is empty.
    pub fn from_value(value: Option<&Value>, now: i64) -> Option<RememberedScopes> {
        let mut remembered = match Versioned::new(value, VERSION) {
            Versioned::Current(value) => RememberedScopes::read(value).unwrap_or_default(),
            Versioned::Newer => return None,
            Versioned::Unsound => RememberedScopes::default(),
        };
        // A time that is far ahead is of a clock that was put back.
        let is_recent = |entry: &Entry| now.saturating_sub(entry.at).saturating_abs() < REMEMBERED_FOR;
        remembered.0.retain(is_recent);
        Some(remembered)
    }

    fn read(value: &Value) -> Option<RememberedScopes> {
        let mut record = ObjectReader::new(value)?;
        let entries = record.required("grants");
        record.sound(RememberedScopes(entries))
    }

    /// The record to store.
    pub fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("v", &VERSION);
        record.put("grants", &self.0);
        record.into()
    }

    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a user granted for a target.
    pub fn scopes(&self, subject: &str, target: &Target) -> ScopeSet {
        let entries = self.0.iter().filter(|entry| entry.is_of(subject, target));
        entries.fold(ScopeSet::default(), |scopes, entry| scopes.union(&entry.scopes))
    }

    /// What a user granted scopes for.
    pub fn targets(&self, subject: &str) -> Vec<Target> {
        let mut targets = Vec::new();
        for entry in self.0.iter().filter(|entry| entry.subject == subject) {
            if !targets.contains(&entry.target) {
                targets.push(entry.target.clone());
            }
        }
        targets
    }

    /// The one user that a `login_hint` names: by subject, or by what ID tokens said of them. Nothing where it may be
    /// several.
    pub fn subject_of(&self, hint: &str) -> Option<&str> {
        let is_meant = |entry: &&Entry| entry.subject == hint || entry.hints.contains(&hashed(&entry.subject, hint));
        let mut subjects = self.0.iter().filter(is_meant).map(|entry| entry.subject.as_str());
        let first = subjects.next()?;
        subjects.all(|subject| subject == first).then_some(first)
    }

    /// Adds what a user granted just now.
    pub fn remember(&mut self, user: &Claims, target: &Target, scopes: &ScopeSet, now: i64) {
        let Ok(subject) = user.subject() else { return };
        self.forget(subject, target, scopes);
        if scopes.is_empty() {
            return;
        }
        if self.0.len() >= MAX_ENTRIES {
            self.0.remove(0);
        }
        self.0.push(Entry {
            subject: subject.to_owned(),
            hints: user.login_hints().map(|hint| hashed(subject, hint)).collect(),
            target: target.clone(),
            scopes: scopes.clone(),
            at: now,
        });
    }

    /// Takes out what a user does not grant any more.
    pub fn forget(&mut self, subject: &str, target: &Target, scopes: &ScopeSet) {
        for entry in self.0.iter_mut().filter(|entry| entry.is_of(subject, target)) {
            entry.scopes = entry.scopes.minus(scopes);
        }
        self.0.retain(|entry| !entry.scopes.is_empty());
    }

    /// Takes out all that a user granted; where nobody is named, all there is.
    pub fn forget_user(&mut self, subject: Option<&str>) {
        self.0
            .retain(|entry| subject.is_some_and(|subject| entry.subject != subject));
    }
}

impl Entry {
    fn is_of(&self, subject: &str, target: &Target) -> bool {
        self.subject == subject && self.target == *target
    }
}

impl ToValue for Entry {
    fn to_value(&self) -> Value {
        let mut record = Members::default();
        record.put("sub", &self.subject);
        record.put("hints", &self.hints);
        record.put("target", &self.target);
        record.put("scopes", &self.scopes);
        record.put("at", &self.at);
        record.into()
    }
}

impl FromValue for Entry {
    fn from_value(value: &Value) -> Option<Entry> {
        let mut record = ObjectReader::new(value)?;
        let entry = Entry {
            subject: record.required("sub"),
            hints: record.required("hints"),
            target: record.required("target"),
            scopes: record.required("scopes"),
            at: record.required("at"),
        };
        record.sound(entry)
    }
}

/// The same hint has another hash for another user.
fn hashed(subject: &str, hint: &str) -> String {
    base64url::sha256(&[subject, "\n", hint].concat())
}
