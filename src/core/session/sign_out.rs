//! What a sign-out leaves behind for tabs that were away.

use super::Session;
use crate::core::reader::{FromValue, RecordReader};
use crate::core::value::{Members, Value};

/// When the user signed out, milliseconds since the epoch. The note outlives the session that it ended, in a place that
/// all tabs share, and names neither user nor token.
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

    /// Whether it is of a sign-out after that of another note.
    pub(super) fn is_later_than(self, other: Option<i64>) -> bool {
        Some(self.0) > other
    }

    /// The note to store.
    pub fn to_value(self) -> Value {
        let mut record = Members::default();
        record.put("v", VERSION);
        record.put("at", self.0);
        record.into()
    }

    /// The stored note; nothing where it cannot be understood.
    pub fn parse(value: &Value) -> Option<SignOutNote> {
        let mut record = RecordReader::new(value)?;
        let (version, note) = (record.required::<i64>("v"), SignOutNote(record.required("at")));
        record.sound(note).filter(|_| version == VERSION)
    }
}

impl FromValue for SignOutNote {
    const EXPECTED: &'static str = "a moment";

    fn from_value(value: &Value) -> Option<SignOutNote> {
        i64::from_value(value).map(SignOutNote)
    }
}

impl From<SignOutNote> for Value {
    fn from(SignOutNote(at): SignOutNote) -> Value {
        at.into()
    }
}

impl Session {
    /// The latest sign-out before this session began.
    pub(super) fn last_sign_out(&self) -> Option<i64> {
        self.last_sign_out.map(|SignOutNote(at)| at)
    }

    /// The session of somebody who signed in after that sign-out. Notes are compared with each other only: clocks that
    /// differ, or are put back, end no session.
    pub(crate) fn begun_after(mut self, note: Option<SignOutNote>) -> Session {
        self.last_sign_out = note;
        self
    }

    /// Whether the latest note is of a sign-out after this session began.
    pub fn is_ended_by(&self, note: Option<SignOutNote>) -> bool {
        note > self.last_sign_out
    }
}
