//! What an API's `WWW-Authenticate` asks for (RFC 9110 §11.6.1, RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3).
//!
//! An API may be anybody's, so nothing here takes more time than the header's length allows.

use super::options::is_bounded;
use super::record::Record;
use super::scope::{self, ScopeSet};
use super::text::Text;

/// The most bytes that are read: browsers and servers cap all headers together at about that.
pub const MAX_BYTES: usize = 16 * 1024;

/// The most parameters of a challenge: each one is looked for among the others.
const MAX_PARAMETERS: usize = 32;

/// The most scopes of a challenge, for the same reason.
const MAX_SCOPES: usize = 200;

/// What would help, the more specific the greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing that is known here.
    #[default]
    Nothing,
    /// Another access token.
    InvalidToken,
    /// More scopes.
    InsufficientScope,
    /// A stronger or fresher authentication.
    InsufficientUserAuthentication,
}

/// What the answer of an API asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// What would help.
    pub kind: Kind,
    /// The scopes that are named: those that the resource needs, which may be held already. Empty where none are.
    pub scope: ScopeSet,
    /// Authentication context classes, with spaces between.
    pub acr_values: Option<Text>,
    /// Seconds since the user's authentication, at the most.
    pub max_age: Option<i64>,
}

/// Reads the header of an answer with status 401 or 403, lines of the same name joined by commas. The first of the most
/// specific sound challenges counts: they are alternatives, and what is no sound challenge for a token counts for nothing.
pub fn read(status: u16, header: &str) -> Challenge {
    let mut best = Challenge::default();
    if header.len() > MAX_BYTES {
        return best;
    }
    let mut rest = Rest(header);
    let mut draft = Draft::of("");
    let mut after_scheme = false;
    loop {
        let mut parted = false;
        rest.blank();
        while rest.eat(',') {
            parted = true;
            rest.blank();
        }
        if rest.0.is_empty() {
            draft.judge(status, &mut best);
            return best;
        }
        let word = rest.until(|byte| !is_word(byte));
        rest.blank();
        if word.is_empty() {
            // Out of place.
            draft.sound = false;
            if rest.eat('"') {
                rest.quoted();
            } else {
                rest.until(|byte| is_word(byte) || ends_value(byte));
            }
        } else if rest.eat('=') {
            rest.blank();
            let value = if rest.eat('"') {
                rest.quoted()
            } else {
                Some(rest.until(ends_value).into())
            };
            draft.put(word, value);
        } else if parted || !after_scheme {
            // A text without quotes goes on, or a comma is missing: that could be read in two ways.
            draft.sound &= parted;
            draft.judge(status, &mut best);
            draft = Draft::of(word);
            after_scheme = true;
            continue;
        }
        // Else it is a token68, which says nothing about tokens of this kind.
        after_scheme = false;
    }
}

/// A challenge while its parameters come in.
struct Draft {
    sound: bool,
    parameters: usize,
    record: Record,
}

impl Draft {
    fn of(scheme: &str) -> Draft {
        Draft {
            sound: scheme.eq_ignore_ascii_case("Bearer") || scheme.eq_ignore_ascii_case("DPoP"),
            parameters: 0,
            record: Record::default(),
        }
    }

    /// Adds a parameter, unless there is one of that name (RFC 6750 §3) or its quote never ends: then none counts.
    fn put(&mut self, name: &str, value: Option<Text>) {
        if !self.sound {
            return;
        }
        let mut name = String::from(name);
        name.make_ascii_lowercase();
        self.parameters += 1;
        self.sound = self.parameters <= MAX_PARAMETERS && !self.record.fields().has(&name);
        match value {
            Some(value) => self.record.put(&name, &value),
            None => self.sound = false,
        }
    }

    fn judge(&self, status: u16, best: &mut Challenge) {
        let fields = self.record.fields();
        let scope = fields.text("scope");
        let kind = match (fields.text("error"), status) {
            (Some("insufficient_user_authentication"), _) => Kind::InsufficientUserAuthentication,
            (Some("insufficient_scope"), _) => Kind::InsufficientScope,
            // Some servers name the scope alone.
            (None, 403) if scope.is_some() => Kind::InsufficientScope,
            (None | Some("invalid_token"), 401) => Kind::InvalidToken,
            _ => Kind::Nothing,
        };
        let scope = scope.unwrap_or_default();
        // No request carries more.
        let fits = scope.len() <= scope::MAX_BYTES && scope::tokens(scope).nth(MAX_SCOPES).is_none();
        if self.sound && fits && kind > best.kind && is_bounded(fields, "max_age", 0, i32::MAX.into()) {
            *best = Challenge {
                kind,
                scope: ScopeSet::answered(scope),
                acr_values: fields.text("acr_values").filter(|text| has_any(text)).map(Text::from),
                max_age: fields.number("max_age").flatten(),
            };
        }
    }
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn eat(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blank(&mut self) {
        self.until(|byte| !is_blank(byte));
    }

    /// Takes what stands before the first such byte.
    fn until(&mut self, ends: fn(u8) -> bool) -> &'a str {
        let at = self.0.bytes().position(ends).unwrap_or(self.0.len());
        let (taken, rest) = self.0.get(..at).zip(self.0.get(at..)).unwrap_or_default();
        self.0 = rest;
        taken
    }

    /// Takes a quoted text and its closing quote; nothing where there is none.
    fn quoted(&mut self) -> Option<Text> {
        let mut text = String::new();
        let mut chars = self.0.chars();
        loop {
            let c = match chars.next() {
                Some('"') => {
                    self.0 = chars.as_str();
                    return Some(text.into());
                }
                Some('\\') => chars.next(),
                c => c,
            };
            let Some(c) = c else {
                self.0 = "";
                return None;
            };
            text.push(c);
        }
    }
}

/// An empty demand could never be met.
fn has_any(text: &str) -> bool {
    scope::tokens(text).next().is_some()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn ends_value(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b',' | b'"')
}

/// Of a token (RFC 9110 §5.6.2) or a token68.
fn is_word(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'|' | b'~')
}
