//! What an API's `WWW-Authenticate` asks for (RFC 9110 §11.6.1, RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3), and the claims
//! challenge of APIs behind Microsoft Entra.
//!
//! An API may be anybody's, so nothing here takes more time than the header's length allows.

use crate::core::base64url;
use crate::core::demands::Demands;
use crate::core::scope::{self, ScopeSet};

/// The most bytes that are read: browsers and servers cap all headers together at about that.
pub const MAX_HEADER: usize = 16 * 1024;

/// The most parameters of a challenge: each one is looked for among the others.
const MAX_PARAMETERS: usize = 32;

/// The most scopes of a challenge, for the same reason.
const MAX_SCOPES: usize = 200;

/// The most bytes of claims: they go into a URL.
const MAX_CLAIMS: usize = 4 * 1024;

/// What would help, the more specific the greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChallengeKind {
    /// Nothing that is known here.
    #[default]
    Nothing,
    /// Another access token.
    InvalidToken,
    /// The same, with a proof that has the API's nonce in it (RFC 9449 §9).
    UseDpopNonce,
    /// More scopes.
    InsufficientScope,
    /// A stronger or fresher authentication.
    InsufficientUserAuthentication,
}

/// What the answer of an API asks for.
///
/// ```
/// use scopewise::{Challenge, ChallengeKind};
///
/// let header = r#"Bearer error="insufficient_scope", scope="write:appointments""#;
/// let challenge = Challenge::parse(403, header);
/// assert_eq!(challenge.kind, ChallengeKind::InsufficientScope);
/// assert!(challenge.scope.contains("write:appointments"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// What would help.
    pub kind: ChallengeKind,
    /// Whether there is a sound challenge for a token at all.
    pub is_readable: bool,
    /// The scopes that are named: those that the resource needs, which may be held already. Empty where none are.
    pub scope: ScopeSet,
    /// What is demanded besides.
    pub demands: Demands,
    /// Where the API's metadata is (RFC 9728 §5.1), as this challenge says, or else another sound one for a token.
    pub resource_metadata: Option<String>,
}

impl Challenge {
    /// Reads the header of an answer with status 401 or 403, lines of the same name joined by commas. The first of the
    /// most specific sound challenges counts: they are alternatives, and what is no sound challenge for a token counts for
    /// nothing.
    pub fn parse(status: u16, header: &str) -> Challenge {
        let mut best = Challenge::default();
        if header.len() > MAX_HEADER {
            return best;
        }
        let mut rest = Rest(header);
        let mut current = Parameters::of("");
        let mut is_after_scheme = false;
        loop {
            let is_after_comma = rest.skip_commas();
            if rest.0.is_empty() {
                current.judge(status, &mut best);
                return best;
            }
            let word = rest.until(|byte| !is_word(byte));
            rest.skip_blanks();
            if word.is_empty() {
                // A character that is not allowed here.
                current.is_sound = false;
                if rest.eat('"') {
                    rest.quoted();
                } else {
                    rest.until(|byte| is_word(byte) || ends_value(byte));
                }
            } else if rest.eat('=') {
                current.add(word, rest.value());
            } else if is_after_comma || !is_after_scheme {
                // A text without quotes goes on, or a comma is missing: that could be read in two ways.
                current.is_sound &= is_after_comma;
                current.judge(status, &mut best);
                current = Parameters::of(word);
                is_after_scheme = true;
                continue;
            }
            // Else it is a token68, which says nothing about tokens of this kind.
            is_after_scheme = false;
        }
    }
}

/// The parameters of one challenge, while they come in.
struct Parameters {
    is_sound: bool,
    found: Vec<(String, String)>,
}

impl Parameters {
    fn of(scheme: &str) -> Parameters {
        Parameters {
            is_sound: scheme.eq_ignore_ascii_case("Bearer") || scheme.eq_ignore_ascii_case("DPoP"),
            found: Vec::new(),
        }
    }

    /// Adds a parameter, unless there is one of that name (RFC 6750 §3) or its quote never ends: then none counts.
    fn add(&mut self, name: &str, value: Option<String>) {
        let name = name.to_ascii_lowercase();
        self.is_sound &= self.found.len() < MAX_PARAMETERS && self.get(&name).is_none();
        match value {
            Some(value) if self.is_sound => self.found.push((name, value)),
            _ => self.is_sound = false,
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.found
            .iter()
            .find(|(held, _)| held == name)
            .map(|(_, value)| value.as_str())
    }

    fn judge(&self, status: u16, best: &mut Challenge) {
        if !self.is_sound {
            return;
        }
        best.is_readable = true;
        let scope = self.get("scope");
        let claims = self.get("claims").and_then(claims);
        let kind = match (self.get("error"), status) {
            (Some("insufficient_claims" | "invalid_token"), _) if claims.is_some() => {
                ChallengeKind::InsufficientUserAuthentication
            }
            // The second is what APIs of Okta's own call it.
            (Some("insufficient_user_authentication" | "insufficient_authentication_context"), _) => {
                ChallengeKind::InsufficientUserAuthentication
            }
            (Some("use_dpop_nonce"), 401) => ChallengeKind::UseDpopNonce,
            (Some("insufficient_scope"), _) => ChallengeKind::InsufficientScope,
            // Some servers name the scope alone.
            (None, 403) if scope.is_some() => ChallengeKind::InsufficientScope,
            (None | Some("invalid_token"), 401) => ChallengeKind::InvalidToken,
            _ => ChallengeKind::Nothing,
        };
        let scope = scope.unwrap_or_default();
        // More scopes than a request may have cannot be asked for.
        let fits = scope.len() <= scope::MAX_BYTES && scope::tokens(scope).nth(MAX_SCOPES).is_none();
        let place = self.get("resource_metadata").map(str::to_owned);
        match Demands::new(self.get("acr_values"), self.get("max_age"), claims) {
            Some(demands) if fits && kind > best.kind => {
                *best = Challenge {
                    kind,
                    is_readable: true,
                    scope: ScopeSet::from_answer(scope::tokens(scope)),
                    demands,
                    resource_metadata: place.or(best.resource_metadata.take()),
                };
            }
            _ if best.resource_metadata.is_none() => best.resource_metadata = place,
            _ => {}
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

    fn skip_blanks(&mut self) {
        self.until(|byte| !is_blank(byte));
    }

    /// Skips blanks and commas; true where there was a comma.
    fn skip_commas(&mut self) -> bool {
        let mut found = false;
        self.skip_blanks();
        while self.eat(',') {
            found = true;
            self.skip_blanks();
        }
        found
    }

    /// Takes a parameter's value; nothing where its quote never ends.
    fn value(&mut self) -> Option<String> {
        self.skip_blanks();
        if self.eat('"') {
            self.quoted()
        } else {
            Some(self.until(ends_value).to_owned())
        }
    }

    /// Takes what stands before the first such byte.
    fn until(&mut self, ends: fn(u8) -> bool) -> &'a str {
        let at = self.0.bytes().position(ends).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(at).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }

    /// Takes a quoted text and its closing quote; nothing where there is none.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.0.chars();
        loop {
            let c = match chars.next() {
                Some('"') => {
                    self.0 = chars.as_str();
                    return Some(text);
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

/// A JSON object in Base64, in either alphabet.
fn claims(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let json = String::from_utf8(base64url::decode(&text)?).ok()?;
    let json = json.trim();
    let is_object = json.starts_with('{') && json.ends_with('}') && json.len() <= MAX_CLAIMS;
    is_object.then(|| json.to_owned())
}

/// Control characters count as blanks: no server sends them, and no browser lets them through.
fn is_blank(byte: u8) -> bool {
    byte <= b' '
}

fn ends_value(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b',' | b'"')
}

/// Of a token (RFC 9110 §5.6.2) or a token68.
fn is_word(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'|' | b'~')
}
