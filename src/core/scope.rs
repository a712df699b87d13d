//! Scope tokens and sets of them (RFC 6749 §3.3).

use super::error::{Code, Error, Result};
use super::form::decimal;
use super::text::Text;

/// The most bytes that a scope parameter may have: beyond it servers and proxies cut URLs.
pub const MAX_BYTES: usize = 8_000;

/// A set of scope tokens in first-seen order, kept as it goes on the wire. Case-sensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(String);

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
    pub fn from_tokens(tokens: &[Text]) -> Result<ScopeSet> {
        let mut set = ScopeSet::default();
        for token in tokens {
            set.insert(checked(token)?);
        }
        set.bounded()
    }

    /// Reads the `scope` member of an answer. Tokens outside the grammar are dropped: they can never be asked for.
    pub fn answered(text: &str) -> ScopeSet {
        let mut set = ScopeSet::default();
        for token in tokens(text) {
            if illegal_at(token).is_none() {
                set.insert(token);
            }
        }
        set
    }

    /// Whether the token is in the set.
    pub fn contains(&self, token: &str) -> bool {
        self.iter().any(|held| held == token)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a token unless it is there.
    pub fn insert(&mut self, token: &str) {
        if !self.contains(token) {
            if !self.is_empty() {
                self.0.push(' ');
            }
            self.0.push_str(token);
        }
    }

    /// The tokens, in first-seen order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        tokens(&self.0)
    }

    /// These, then those of the other that are not here.
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        let mut all = self.clone();
        for token in other.iter() {
            all.insert(token);
        }
        all
    }

    /// These without the other's.
    pub fn minus(&self, other: &ScopeSet) -> ScopeSet {
        self.only(&|token| !other.contains(token))
    }

    /// Those that are to be kept.
    pub fn only(&self, keep: &dyn Fn(&str) -> bool) -> ScopeSet {
        let mut kept = ScopeSet::default();
        for token in self.iter() {
            if keep(token) {
                kept.insert(token);
            }
        }
        kept
    }

    /// Space-delimited, as on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn bounded(self) -> Result<ScopeSet> {
        if self.0.len() > MAX_BYTES {
            return Err(syntax(
                "The scopes take more than 8,000 bytes, which no URL carries. Ask for fewer at once.",
            ));
        }
        Ok(self)
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
        Some(index) => Err(Error::about(
            Code::InvalidScopeSyntax,
            "A scope token has a character that is not allowed (printable ASCII without space, quote and backslash is), at index",
            &decimal(index as i64),
        )),
    }
}

/// The failure for a scope argument without a scope.
pub fn empty() -> Error {
    syntax("A scope is needed here: a token, several with spaces between, or an array of tokens.")
}

fn syntax(message: &'static str) -> Error {
    Error::new(Code::InvalidScopeSyntax, message)
}

/// Index of the first character outside the grammar.
fn illegal_at(token: &str) -> Option<usize> {
    token
        .bytes()
        .position(|byte| !matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
