//! Scope tokens and sets of them (RFC 6749 §3.3).

use super::error::{Code, Error, Result};
use super::form::decimal;
use super::pieces::{Pieces, pieces};
use super::text::Text;

/// The most bytes that a scope parameter may have: beyond it servers and proxies cut URLs.
pub const MAX_BYTES: usize = 8_000;

/// A set of scope tokens in first-seen order, kept as it goes on the wire. Case-sensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Text);

impl ScopeSet {
    /// Parses what a developer wrote: one token, or several with spaces between. May be empty.
    pub fn parse(text: &str) -> Result<ScopeSet> {
        for token in tokens(text) {
            checked(token)?;
        }
        // Before a set is made of them, which takes its time.
        fits(text)?;
        Ok(ScopeSet::answered(text))
    }

    /// Reads the `scope` member of an answer. Tokens outside the grammar are dropped: they can never be asked for.
    pub fn answered(text: &str) -> ScopeSet {
        let mut set = String::new();
        for token in tokens(text) {
            if illegal_at(token).is_none() && !contains(&set, token) {
                if !set.is_empty() {
                    set.push(' ');
                }
                set.push_str(token);
            }
        }
        ScopeSet(set.into())
    }

    /// Whether the token is in the set.
    pub fn contains(&self, token: &str) -> bool {
        contains(&self.0, token)
    }

    /// The tokens, in first-seen order.
    pub fn iter(&self) -> Pieces<'_> {
        tokens(&self.0)
    }

    /// These, then those of the other that are not here.
    pub fn union(&self, other: &str) -> ScopeSet {
        union(&self.0, other)
    }

    /// These without the other's.
    pub fn minus(&self, other: &str) -> ScopeSet {
        minus(&self.0, other)
    }

    /// Space-delimited, as on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As text: each function here takes sets so.
impl std::ops::Deref for ScopeSet {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The tokens of both sets, the first's first.
pub fn union(first: &str, second: &str) -> ScopeSet {
    ScopeSet::answered(&Text::of(&[first, " ", second]))
}

/// The tokens of a set that are not in the other.
pub fn minus(set: &str, other: &str) -> ScopeSet {
    only(set, &|token| !contains(other, token))
}

/// The tokens of a set that are to be kept.
pub fn only(set: &str, keep: &dyn Fn(&str) -> bool) -> ScopeSet {
    let mut kept = String::new();
    for token in tokens(set) {
        if keep(token) {
            kept.push_str(token);
            kept.push(' ');
        }
    }
    ScopeSet::answered(&kept)
}

/// Whether a token is in a set.
pub fn contains(set: &str, token: &str) -> bool {
    tokens(set).any(|held| held == token)
}

/// Refuses scopes that no URL carries.
pub(crate) fn fits(text: &str) -> Result<()> {
    if text.len() > MAX_BYTES {
        return Err(syntax());
    }
    Ok(())
}

/// The tokens of a space-delimited string; runs of spaces count as one.
pub fn tokens(text: &str) -> Pieces<'_> {
    pieces(text, b' ')
}

/// The token, if it follows the grammar: `1*( %x21 / %x23-5B / %x5D-7E )`.
pub fn checked(token: &str) -> Result<&str> {
    if token.is_empty() {
        return Err(empty());
    }
    match illegal_at(token) {
        None => Ok(token),
        Some(index) => {
            let place = Text::of(&["index ", &decimal(index as i64)]);
            Err(Error::about(Code::InvalidScopeSyntax, &place))
        }
    }
}

/// The failure for a scope argument without a scope.
pub fn empty() -> Error {
    syntax()
}

fn syntax() -> Error {
    Error::new(Code::InvalidScopeSyntax)
}

/// Index of the first character outside the grammar.
fn illegal_at(token: &str) -> Option<usize> {
    token
        .bytes()
        .position(|byte| !matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
