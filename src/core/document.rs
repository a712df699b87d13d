//! The members of a JSON object, one level deep, with accessors that keep absent, null and wrong type apart.
//!
//! The host parses the JSON and hands the members over as a form, each name behind one letter for its type:
//! `s` string, `n` number (cut to whole units), `b` boolean, `a` string in an array of strings, `x` anything else.

use super::form::{self, Fields, Form};
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
        let mut kind = b'-';
        for pair in Fields(&self.0).pairs() {
            let tagged = form::name(pair);
            if tagged.get(1..) == Some(name) {
                kind = tagged.as_bytes().first().copied().unwrap_or_default();
            }
        }
        kinds.as_bytes().contains(&kind)
    }

    /// The text of a member, of whatever type; empty where it is absent.
    pub fn text(&self, name: &str) -> Text {
        self.texts(name).pop().unwrap_or_default()
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        form::number(&self.text(name))
    }

    /// The texts of a member: one string, or an array of them.
    pub fn texts(&self, name: &str) -> Vec<Text> {
        let mut all = Vec::new();
        for pair in Fields(&self.0).pairs() {
            if form::name(pair).get(1..) == Some(name) {
                all.push(form::text(pair));
            }
        }
        all
    }

    /// A string; nothing where it is absent or of another type.
    pub fn string(&self, name: &str) -> Option<Text> {
        self.is(name, "s").then(|| self.text(name))
    }
}

/// Not what it holds: answers have tokens in them, and ID tokens a person's data.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<Form> for Document {
    fn from(form: Form) -> Document {
        Document(form.into_text())
    }
}
