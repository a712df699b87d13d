//! Where access tokens may be sent: the `apis` option, and the page's own origin.

use super::error::Result;
use super::form;
use super::grant::Target;
use super::options::{self, invalid};
use super::record::{Fields, Record, text_of};
use super::scope::ScopeSet;
use super::text::Text;
use super::url;

/// An API that may have a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    prefix: Text,
    challenge: Option<ScopeSet>,
    /// What its tokens are for; nothing for the client's default.
    pub target: Option<Target>,
    /// Scopes that every call needs.
    pub scope: ScopeSet,
}

/// Refuses entries that no URL can match, or that make no sense.
pub fn check(apis: Fields<'_>) -> Result<()> {
    for member in apis.members() {
        if let Some(form) = text_of(member, "api") {
            let prefix = prefix(form);
            if !matches(&prefix, &prefix) || Api::parse(prefix, form).is_err() {
                return Err(invalid("apis"));
            }
        }
    }
    Ok(())
}

/// The API of a URL as the browser's parser wrote it: the longest prefix has it, and the page's own origin is one.
pub fn find(apis: Fields<'_>, url: &str, origin: &str) -> Option<Api> {
    let (mut longest, mut entry) = (Text::default(), "");
    if matches(origin, url) {
        longest = origin.into();
    }
    for member in apis.members() {
        if let Some(form) = text_of(member, "api") {
            let prefix = prefix(form);
            // An entry for the whole of the own origin goes before the origin itself.
            if prefix.len() >= longest.len() && matches(&prefix, url) {
                (longest, entry) = (prefix, form);
            }
        }
    }
    if longest.is_empty() {
        return None;
    }
    Api::parse(longest, entry).ok()
}

impl Api {
    fn parse(prefix: Text, form: &str) -> Result<Api> {
        let mut record = Record::default();
        for pair in form::pairs(form) {
            record.put(&form::name(pair), &form::text(pair));
        }
        let fields = record.fields();
        Ok(Api {
            prefix,
            challenge: fields.text("challenge").map(ScopeSet::parse).transpose()?,
            target: Target::parse(fields)?,
            scope: options::scope(fields)?.unwrap_or_default(),
        })
    }

    /// Whether a challenge of this API may lead to an upgrade for that scope.
    pub fn allows(&self, token: &str) -> bool {
        self.challenge.as_ref().is_none_or(|allowed| allowed.contains(token))
    }

    /// Whether a call that was redirected to this URL stayed within the prefix, or the own origin.
    pub fn stays(&self, url: &str) -> bool {
        matches(&self.prefix, url)
    }
}

fn prefix(form: &str) -> Text {
    form::find(form, "prefix").unwrap_or_default()
}

/// Whether a URL starts with whole path segments of a prefix. An origin is a prefix, too, if it is more than `null`.
fn matches(prefix: &str, url: &str) -> bool {
    let base = url::base(url);
    base.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'))
        && url::is_safe(prefix)
        && url::is_safe(base)
        && !climbs(base)
}

/// Whether a server could read a dot segment out of a URL that has none for browsers: behind an encoded slash or
/// backslash, before a path parameter, encoded once or several times.
fn climbs(url: &str) -> bool {
    let mut rest = url.as_bytes();
    let mut encoded = false;
    // Of the segment so far, if it has nothing else.
    let mut dots = Some(0);
    loop {
        let (byte, tail) = match (encoded, rest) {
            (_, []) => (b'/', None),
            // %25 is an encoded percent sign.
            (true, [b'2', b'5', tail @ ..]) | (false, [b'%', tail @ ..]) => {
                encoded = true;
                rest = tail;
                continue;
            }
            (true, [b'2', b'e' | b'E', tail @ ..]) => (b'.', Some(tail)),
            (true, [b'2', b'f' | b'F', tail @ ..] | [b'5', b'c' | b'C', tail @ ..]) => (b'/', Some(tail)),
            (true, [b'3', b'b' | b'B', tail @ ..]) => (b';', Some(tail)),
            // Another encoded character, whose digits are no dots.
            (true, _) => (b'%', Some(rest)),
            (false, [byte, tail @ ..]) => (*byte, Some(tail)),
        };
        encoded = false;
        match byte {
            b'/' | b';' => {
                if matches!(dots, Some(1 | 2)) {
                    return true;
                }
                dots = Some(0);
            }
            b'.' => dots = dots.map(|dots| dots + 1),
            _ => dots = None,
        }
        match tail {
            Some(tail) => rest = tail,
            None => return false,
        }
    }
}
