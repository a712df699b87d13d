//! Scope tokens and sets of them (RFC 6749 §3.3).

use serde::Serialize;

use super::error::{Code, Error, Result};

/// The most bytes that a scope parameter may have: beyond it servers and proxies cut URLs.
pub const MAX_BYTES: usize = 8_000;

/// A set of scope tokens, in first-seen order. Case-sensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Parses what a developer wrote: one token, or several with spaces between. May be empty.
    pub fn parse(text: &str) -> Result<ScopeSet> {
        let mut set = ScopeSet::default();
        for token in tokens(text) {
            set.insert(checked(token)?);
        }
        set.bounded()
    }

    /// Takes a developer's list, each item one token.
    pub fn from_tokens<S: AsRef<str>>(tokens: impl IntoIterator<Item = S>) -> Result<ScopeSet> {
        let mut set = ScopeSet::default();
        for token in tokens {
            set.insert(checked(token.as_ref())?);
        }
        set.bounded()
    }

    /// Reads the `scope` member of an answer. Tokens outside the grammar are dropped: they can never be asked for.
    pub fn answered(text: &str) -> ScopeSet {
        tokens(text).filter(|token| illegal_at(token).is_none()).collect()
    }

    /// Whether the token is in the set.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|held| held == token)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a token unless it is there.
    pub fn insert(&mut self, token: &str) {
        if !self.contains(token) {
            self.0.push(token.to_owned());
        }
    }

    /// The tokens, in first-seen order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// These, then those of the other that are not here.
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        self.iter().chain(other.iter()).collect()
    }

    /// These without the other's.
    pub fn minus(&self, other: &ScopeSet) -> ScopeSet {
        self.iter().filter(|token| !other.contains(token)).collect()
    }

    /// Space-delimited, as on the wire.
    pub fn to_wire(&self) -> String {
        self.0.join(" ")
    }

    /// The tokens as a list.
    pub fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }

    fn bounded(self) -> Result<ScopeSet> {
        let bytes: usize = self.iter().map(|token| token.len() + 1).sum();
        if bytes > MAX_BYTES {
            return Err(syntax(format!(
                "The scopes take {bytes} bytes; a URL carries {MAX_BYTES} at the most. Ask for fewer at once."
            )));
        }
        Ok(self)
    }
}

impl<'a> FromIterator<&'a str> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(tokens: I) -> ScopeSet {
        let mut set = ScopeSet::default();
        for token in tokens {
            set.insert(token);
        }
        set
    }
}

/// The tokens of a space-delimited string; runs of spaces count as one.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|token| !token.is_empty())
}

/// The token, if it follows the grammar: `1*( %x21 / %x23-5B / %x5D-7E )`.
pub fn checked(token: &str) -> Result<&str> {
    if token.is_empty() {
        return Err(empty());
    }
    match illegal_at(token) {
        None => Ok(token),
        Some(index) => Err(syntax(format!(
            "A scope token has an illegal character at index {index}. Printable ASCII without space, quote and backslash is allowed; put several scopes in one string with spaces between, or in an array."
        ))),
    }
}

/// The failure for a scope argument without a scope.
pub fn empty() -> Error {
    syntax("A scope is needed here: a scope token, several with spaces between, or an array of tokens.")
}

/// The failure for a scope argument that is no string and no array of strings.
pub fn wrong_type() -> Error {
    syntax("A scope is a string or an array of strings.")
}

fn syntax(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidScopeSyntax, message)
}

/// Index of the first character outside the grammar.
fn illegal_at(token: &str) -> Option<usize> {
    token
        .bytes()
        .position(|byte| !matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
