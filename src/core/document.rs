//! The members of a JSON object, one level deep, with accessors that keep absent, null and wrong type apart.
//!
//! The host parses the JSON and hands the members over as a form, each name behind one letter for its type:
//! `s` string, `n` number (cut to whole units), `b` boolean, `a` string in an array of strings, `x` anything else.

use super::error::{Code, Error};
use super::form::{self, Fields, Form};
use super::text::Text;

/// A flat JSON object.
#[derive(Clone, Default, PartialEq)]
pub struct Document(Text);

/// A member that is there with the wrong type: never the same as one that is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType(pub &'static str);

impl WrongType {
    /// The failure that says so, under the code of whoever reads the document.
    pub fn under(self, code: Code) -> Error {
        Error::about(code, "The server's answer is unsound: wrong type of", self.0)
    }
}

type Read<T> = Result<Option<T>, WrongType>;

impl Document {
    /// Takes what the host made of a JSON object.
    pub fn new(members: String) -> Document {
        Document(members.into())
    }

    /// A string.
    pub fn string(&self, name: &'static str) -> Read<Text> {
        self.read('s', name).map(|mut all| all.pop())
    }

    /// A boolean.
    pub fn boolean(&self, name: &'static str) -> Read<bool> {
        self.read('b', name).map(|all| all.first().map(|text| *text == "true"))
    }

    /// A number of seconds.
    pub fn seconds(&self, name: &'static str) -> Read<i64> {
        match self.read('n', name)?.first() {
            Some(text) => form::number(text).map(Some).ok_or(WrongType(name)),
            None => Ok(None),
        }
    }

    /// An array of strings, not empty.
    pub fn strings(&self, name: &'static str) -> Read<Vec<Text>> {
        self.read('a', name).map(|all| Some(all).filter(|all| !all.is_empty()))
    }

    /// Whether there is a member of that name, of any type.
    pub fn has(&self, name: &'static str) -> bool {
        self.read('-', name).is_err()
    }

    /// The texts of a member of a type; an error where it is of another.
    fn read(&self, kind: char, name: &'static str) -> Result<Vec<Text>, WrongType> {
        let mut all = Vec::new();
        for pair in Fields(&self.0).pairs() {
            let tagged = form::name(pair);
            let mut tag = tagged.chars();
            let found = tag.next();
            if tag.as_str() == name {
                if found != Some(kind) {
                    return Err(WrongType(name));
                }
                all.push(form::text(pair));
            }
        }
        Ok(all)
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
