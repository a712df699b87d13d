//! Scope tokens and sets of them (RFC 6749 §3.3).

use std::fmt;
use std::str::FromStr;

use super::error::{Error, Result};
use super::reader::FromValue;
use super::text::are_first;
use super::value::{ToValue, Value};

/// The most bytes that a scope parameter may have: beyond it servers and proxies cut URLs.
pub const MAX_BYTES: usize = 8_000;

/// One scope-token: `1*( %x21 / %x23-5B / %x5D-7E )`, case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(String);

impl Scope {
    /// Parses a token.
    pub fn parse(token: &str) -> Result<Scope> {
        if token.is_empty() {
            return Err(Error::invalid_scope_syntax(None));
        }
        match illegal_at(token) {
            None => Ok(Scope(token.to_owned())),
            index => Err(Error::invalid_scope_syntax(index)),
        }
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(token: &str) -> Result<Scope> {
        Scope::parse(token)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of scopes in first-seen order, which tells two sets with the same scopes apart: compare what they lack with
/// [`ScopeSet::minus`]. Its `Display` is space-delimited, as on the wire.
///
/// ```
/// use scopewise::ScopeSet;
///
/// # fn main() -> scopewise::Result<()> {
/// let granted: ScopeSet = "openid read:appointments".parse()?;
/// let needed: ScopeSet = "read:appointments write:appointments".parse()?;
/// assert!(granted.contains("openid"));
/// assert_eq!(needed.minus(&granted).to_string(), "write:appointments");
/// assert_eq!(granted.union(&needed).len(), 3);
///
/// let illegal = "read:\"quoted\"".parse::<ScopeSet>();
/// assert_eq!(illegal.unwrap_err().code(), "invalid_scope_syntax");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Parses what a developer wrote: one token, or several with spaces between. May be empty.
    pub fn parse(text: &str) -> Result<ScopeSet> {
        ScopeSet::from_tokens(tokens(text))
    }

    /// Parses tokens that a developer wrote one by one.
    pub fn from_tokens<'a>(tokens: impl Iterator<Item = &'a str>) -> Result<ScopeSet> {
        let scopes = tokens.map(Scope::parse).collect::<Result<Vec<_>>>()?;
        let set = ScopeSet::of(scopes);
        set.check_length()?;
        Ok(set)
    }

    /// Reads tokens of an answer or a record. What is outside the grammar is dropped: it can never be asked for.
    pub fn from_answer(tokens: impl IntoIterator<Item = impl AsRef<str>>) -> ScopeSet {
        let mut scopes = Vec::new();
        for token in tokens {
            push_sound(&mut scopes, token.as_ref());
        }
        ScopeSet::of(scopes)
    }

    /// These scopes, each once.
    pub fn of(mut scopes: Vec<Scope>) -> ScopeSet {
        let mut are_first = are_first(scopes.iter().map(Scope::as_str)).into_iter();
        scopes.retain(|_| are_first.next() == Some(true));
        ScopeSet(scopes)
    }

    /// Refuses scopes that no URL carries.
    pub(crate) fn check_length(&self) -> Result<()> {
        let length: usize = self.0.iter().map(|scope| scope.0.len() + 1).sum();
        if length > MAX_BYTES + 1 {
            return Err(Error::invalid_scope_syntax(None));
        }
        Ok(())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a scope is in the set.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|held| held.0 == scope)
    }

    /// Whether all of the other's scopes are in the set.
    pub fn contains_all(&self, other: &ScopeSet) -> bool {
        other.minus(self).is_empty()
    }

    /// The scopes, in first-seen order, as what they are.
    pub fn as_slice(&self) -> &[Scope] {
        &self.0
    }

    /// The text of the scopes, in first-seen order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Scope::as_str)
    }

    /// These, then those of the other that are not here.
    #[must_use]
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        ScopeSet::of([self.0.as_slice(), &other.0].concat())
    }

    /// These without the other's.
    #[must_use]
    pub fn minus(&self, other: &ScopeSet) -> ScopeSet {
        // In order, so that large sets are compared in little time.
        let mut others: Vec<&str> = other.iter().collect();
        others.sort_unstable();
        self.filter(&|scope| others.binary_search(&scope).is_err())
    }

    /// Those that are to be kept.
    #[must_use]
    pub fn filter(&self, keep: &dyn Fn(&str) -> bool) -> ScopeSet {
        ScopeSet(self.0.iter().filter(|scope| keep(&scope.0)).cloned().collect())
    }

    /// The tokens as text, for an error.
    pub fn to_strings(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

impl FromStr for ScopeSet {
    type Err = Error;

    fn from_str(text: &str) -> Result<ScopeSet> {
        ScopeSet::parse(text)
    }
}

impl From<Scope> for ScopeSet {
    fn from(scope: Scope) -> ScopeSet {
        ScopeSet(vec![scope])
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> ScopeSet {
        ScopeSet::of(scopes.into_iter().collect())
    }
}

/// An array of tokens.
impl ToValue for ScopeSet {
    fn to_value(&self) -> Value {
        self.to_strings().to_value()
    }
}

/// As a record has it: an array of tokens.
impl FromValue for ScopeSet {
    const EXPECTED: &'static str = "an array of scopes";

    fn from_value(value: &Value) -> Option<ScopeSet> {
        let tokens = Vec::<String>::from_value(value)?;
        Some(ScopeSet::from_answer(tokens))
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

/// The tokens of a space-delimited string; runs of spaces count as one.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|token| !token.is_empty())
}

fn push_sound(scopes: &mut Vec<Scope>, token: &str) {
    scopes.extend(Scope::parse(token));
}

/// Index of the first character outside the grammar.
fn illegal_at(token: &str) -> Option<usize> {
    token
        .bytes()
        .position(|byte| !matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
