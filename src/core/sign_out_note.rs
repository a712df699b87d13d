//! What a sign-out leaves behind for tabs that were away.

use super::reader::{FromValue, ObjectReader, Versioned};
use super::value::{Members, ToValue, Value};

/// When the user signed out, milliseconds since the epoch. The note outlives the session that it ended, in a place that
/// all tabs share, and names neither user nor token. Notes are compared with each other only: clocks that differ, or are
/// put back, end no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignOutNote(i64);

/// Version of the stored note.
const VERSION: i64 = 1;

impl SignOutNote {
    /// The note of a sign-out: later than the one before, also where the clock was put back.
    pub fn after(before: Option<SignOutNote>, now: i64) -> SignOutNote {
        SignOutNote(before.map_or(now, |SignOutNote(at)| now.max(at.saturating_add(1))))
    }

    /// Whether it is of a sign-out within the last so many milliseconds.
    pub fn is_within(self, milliseconds: u32, now: i64) -> bool {
        (0..=milliseconds.into()).contains(&now.saturating_sub(self.0))
    }

    /// The note to store.
    pub fn to_value(self) -> Value {
        let mut record = Members::default();
        record.put("v", &VERSION);
        record.put("at", &self.0);
        record.into()
    }

    /// The stored note; nothing where it cannot be understood.
    pub fn parse(value: &Value) -> Option<SignOutNote> {
        let mut record = ObjectReader::new(Versioned::new(Some(value), VERSION).current()?)?;
        let note = SignOutNote(record.required("at"));
        record.sound(note)
    }
}

impl FromValue for SignOutNote {
    fn from_value(value: &Value) -> Option<SignOutNote> {
        i64::from_value(value).map(SignOutNote)
    }
}

/// As another record has it: the moment alone.
impl ToValue for SignOutNote {
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}
