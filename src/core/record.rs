//! Members by name, in one text: what is stored, and what crosses to the page.
//!
//! A control character stands before each member, so that texts are read where they lie: nothing is escaped, and
//! nothing copied. [`form`](super::form) is for the wire.

use super::form::{self, decimal};
use super::pieces::{Pieces, before, cut, pieces};
use super::text::Text;

/// Stands before each member (ASCII's record separator).
pub const MEMBER: u8 = 0x1e;
/// Stands before each group of members (ASCII's group separator).
pub const GROUP: u8 = 0x1d;

/// A record being written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Record(String);

impl Record {
    /// Adds a member. Separators in the text, which no sound one has, become replacement characters.
    pub fn put(&mut self, name: &str, text: &str) {
        self.0.push(MEMBER.into());
        self.0.push_str(name);
        self.0.push('=');
        for c in text.chars() {
            self.0.push(if c == '\x1d' || c == '\x1e' { '\u{fffd}' } else { c });
        }
    }

    /// Adds a member where there is a text for it.
    pub fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    /// Adds a number where there is one.
    pub fn number(&mut self, name: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.put(name, &decimal(number));
        }
    }

    /// Adds a member without content where the condition holds.
    pub fn flag(&mut self, name: &str, condition: bool) {
        if condition {
            self.put(name, "");
        }
    }

    /// Adds the members of another record.
    pub fn append(&mut self, record: &str) {
        self.0.push_str(record);
    }

    /// Adds some members of another record (names with spaces between), in the order of those.
    pub fn copy(&mut self, from: Fields<'_>, names: &str) {
        for name in pieces(names, b' ') {
            self.some(name, from.text(name));
        }
    }

    /// Adds the members of another record as a group of their own.
    pub fn group(&mut self, record: &str) {
        self.0.push(GROUP.into());
        self.0.push_str(record);
    }

    /// The members of this record.
    pub fn fields(&self) -> Fields<'_> {
        Fields(&self.0)
    }

    /// The text of a stored record. Its version comes last: a text that was cut off has none, and is no record.
    pub fn sealed(mut self, version: i64) -> Text {
        self.number("v", Some(version));
        self.into_text()
    }

    /// The text, to keep.
    pub fn into_text(self) -> Text {
        self.0.into()
    }
}

/// A record being read. Any text is one; what is no record has no members to speak of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fields<'a>(pub &'a str);

impl<'a> Fields<'a> {
    /// The members, name and text in one.
    pub fn members(self) -> Pieces<'a> {
        pieces(self.0, MEMBER)
    }

    /// The first text of a name.
    pub fn text(self, wanted: &str) -> Option<&'a str> {
        for member in self.members() {
            if let Some(text) = text_of(member, wanted) {
                return Some(text);
            }
        }
        None
    }

    /// The first text of a name, or an empty one.
    pub fn text_or_empty(self, wanted: &str) -> &'a str {
        self.text(wanted).unwrap_or_default()
    }

    /// Whether there is such a member.
    pub fn has(self, wanted: &str) -> bool {
        self.text(wanted).is_some()
    }

    /// A whole number: `Some(None)` where there is none, `None` where something else stands there.
    pub fn number(self, wanted: &str) -> Option<Option<i64>> {
        match self.text(wanted) {
            Some(text) => form::number(text).map(Some),
            None => Some(None),
        }
    }

    /// What stands before the first group.
    pub fn head(self) -> Fields<'a> {
        Fields(before(self.0, GROUP))
    }

    /// What stands before the first group, and the groups.
    pub fn groups(self) -> Pieces<'a> {
        pieces(self.0, GROUP)
    }
}

/// The text of a member, if that is its name.
pub fn text_of<'a>(member: &'a str, wanted: &str) -> Option<&'a str> {
    let (name, text) = cut(member, b'=')?;
    (name == wanted).then_some(text)
}

/// Not what it holds: there are secrets in it.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.fields().fmt(f)
    }
}

impl std::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}
