//! The members of a JSON object, one level deep, with accessors that keep absent, null and wrong type apart.
//!
//! The host parses the JSON and hands the members over as a record, each name behind one letter for its type:
//! `s` string, `n` number (cut to whole units), `b` boolean, `a` string in an array of strings, `x` anything else.

use super::form;
use super::pieces::cut;
use super::record::{Fields, Record};
use super::text::Text;

/// A flat JSON object.
#[derive(Clone, Default, PartialEq)]
pub struct Document(Text);

impl Document {
    /// Takes what the host made of a JSON object.
    pub fn new(members: String) -> Document {
        Document(members.into())
    }

    /// Whether a member is of one of some types: letters as above, and `-` where it may be absent.
    pub fn is(&self, name: &str, kinds: &str) -> bool {
        let kind = self.member(name).map_or("-", |(kind, _)| kind);
        kinds.bytes().any(|letter| kind.as_bytes() == [letter])
    }

    /// The text of a member, of whatever type; empty where it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.member(name).map_or("", |(_, text)| text)
    }

    /// The JSON text, if the host left it.
    pub fn raw(&self) -> &str {
        self.string("").unwrap_or_default()
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        form::number(self.text(name))
    }

    /// A string; nothing where it is absent or of another type.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.is(name, "s").then(|| self.text(name))
    }

    /// The texts of a member: one string, or an array of them.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        let mut texts = Vec::new();
        for member in Fields(&self.0).members() {
            if let Some((_, text)) = tagged(member, name) {
                texts.push(text);
            }
        }
        texts
    }

    fn member(&self, name: &str) -> Option<(&str, &str)> {
        for member in Fields(&self.0).members() {
            if let Some(found) = tagged(member, name) {
                return Some(found);
            }
        }
        None
    }
}

fn tagged<'a>(member: &'a str, wanted: &str) -> Option<(&'a str, &'a str)> {
    let (name, text) = cut(member, b'=')?;
    let (kind, name) = name.split_at_checked(1)?;
    (name == wanted).then_some((kind, text))
}

/// Not what it holds: answers have tokens in them, and ID tokens a person's data.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<Record> for Document {
    fn from(record: Record) -> Document {
        Document(record.into_text())
    }
}
