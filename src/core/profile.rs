//! How an authorization server treats scopes: which carry others, which it spells in several ways or never lists, how it
//! wants to be asked, and what its errors mean. One text for each provider, read where it lies.

use super::error::{Error, Result};
use super::options::invalid;
use super::pieces::{Pieces, cut, pieces};
use super::record::Fields;
use super::scope::{self, ScopeSet};

/// More than this is no closure: somebody's rules feed each other.
const MAX_CLOSURE: usize = scope::MAX_BYTES;

/// One group for each named profile. Rules stand on lines, tokens with spaces between: with `implies` the first carries
/// the others, with `aliases` all are the same. Members that only named profiles have:
/// - `consent`: offline_access needs prompt=consent. OpenID Connect Core §11 wants it unless the server has other ways,
///   as the named ones have.
/// - `whole`: a scope that ends so stands for all that was ever consented to, and goes alone.
/// - `hints`: how an error's description begins, and what to do about it.
const PROFILES: &str = "\x1d\x1eextends=generic\
    \x1econsent=\
    \x1d\x1eextends=auth0\
    \x1eunlisted=online_access\
    \x1ehints=Consent required|On localhost Auth0 always asks: use another host name.\
    \x1d\x1eextends=google\
    \x1eupgradeRequest=incremental\
    \x1eunlisted=\
    \x1ealiases=email https://www.googleapis.com/auth/userinfo.email\nprofile https://www.googleapis.com/auth/userinfo.profile\
    \x1d\x1eextends=entra\
    \x1erefreshScope=requested\
    \x1ewhole=.default\
    \x1ealiases=* https://graph.microsoft.com/*\
    \x1ehints=AADSTS90094|Only an administrator can consent to these.\n\
    AADSTS65001|Nobody consented yet: ask without prompt none, or an administrator.\
    \x1d\x1eextends=okta\
    \x1ehints=One or more scopes are not configured|Define them at this authorization server, or check the issuer.\n\
    Custom scopes are not allowed|The org authorization server has none: use another issuer, such as /oauth2/default.\
    \x1d\x1eextends=keycloak\
    \x1ehints=Invalid scopes:|Each must be assigned to this client as a client scope.\
    \x1d\x1eextends=github\
    \x1escopeDelimiter=,\
    \x1eunlisted=\
    \x1eimplies=repo repo:status repo_deployment public_repo repo:invite security_events admin:repo_hook\n\
    user read:user user:email user:follow\n\
    project read:project\n\
    admin:enterprise manage_runners:enterprise manage_billing:enterprise\n\
    admin:* write:*\n\
    write:* read:*";

/// A profile, as members of a record. Without members it follows RFC 6749.
#[derive(Clone, Copy)]
pub struct Profile<'a>(pub Fields<'a>);

impl Default for Profile<'_> {
    fn default() -> Self {
        Profile(Fields(""))
    }
}

/// The members of a named profile. Behind those of a developer's own: the first of a name has the word.
pub fn named(name: &str) -> Result<&'static str> {
    let mut groups = Fields(PROFILES).groups();
    groups
        .find(|group| Fields(group).text("extends") == Some(name))
        .ok_or_else(|| invalid("provider"))
}

impl<'a> Profile<'a> {
    /// The scopes, and all that they carry or are other spellings of.
    pub fn closure(self, scopes: &str) -> ScopeSet {
        let mut all = ScopeSet::answered(scopes);
        loop {
            let mut more = String::new();
            for name in ["implies", "aliases"] {
                for rule in self.lines(name) {
                    for token in all.iter() {
                        carry(rule, token, name == "aliases", &mut more);
                    }
                }
            }
            let grown = all.union(&more);
            if grown.len() == all.len() || grown.len() > MAX_CLOSURE {
                return all;
            }
            all = grown;
        }
    }

    /// The tokens of an answer's `scope`.
    pub fn listed(self, answer: &str) -> ScopeSet {
        if self.0.text("scopeDelimiter") == Some(",") {
            return ScopeSet::answered(&answer.replace(',', " "));
        }
        ScopeSet::answered(answer)
    }

    /// Whether the server never lists this scope; nothing where the profile does not say.
    pub fn is_unlisted(self, scope: &str) -> Option<bool> {
        if self.is_whole(scope) {
            return Some(true);
        }
        self.0.text("unlisted").map(|unlisted| scope::contains(unlisted, scope))
    }

    /// Whether a scope stands for all that was ever consented to.
    pub fn is_whole(self, scope: &str) -> bool {
        self.0.text("whole").is_some_and(|end| scope.ends_with(end))
    }

    /// Whether an upgrade asks for what is missing only.
    pub fn is_incremental(self) -> bool {
        self.0.text("upgradeRequest") == Some("incremental")
    }

    /// Whether these scopes are only given with prompt=consent.
    pub fn needs_consent(self, scopes: &str) -> bool {
        let has = |scope| scope::contains(scopes, scope);
        self.0.has("consent") && has("openid") && has("offline_access")
    }

    /// An error of this server, with what it means.
    pub fn explain(self, error: Error) -> Error {
        let description = error.detail("description").unwrap_or_default();
        for line in self.lines("hints") {
            if let Some((start, hint)) = cut(line, b'|')
                && description.starts_with(start)
            {
                return error.with_hint(hint);
            }
        }
        error
    }

    fn lines(self, name: &str) -> Pieces<'a> {
        pieces(self.0.text_or_empty(name), b'\n')
    }
}

/// Adds what a token carries by a rule. Of several spellings the longest that fits is meant, so that `*` does not take
/// the others for its own.
fn carry(rule: &str, token: &str, is_alias: bool, more: &mut String) {
    let (mut longest, mut found) = (0, None);
    for pattern in scope::tokens(rule) {
        let start = start(pattern);
        let rest = token.strip_prefix(start);
        let is_whole = rest == Some("") || start.len() < pattern.len();
        if is_whole && pattern.len() > longest && rest.is_some() {
            (longest, found) = (pattern.len(), rest);
        }
        if !is_alias {
            break;
        }
    }
    if let Some(rest) = found {
        for pattern in scope::tokens(rule) {
            let start = start(pattern);
            more.push(' ');
            more.push_str(start);
            if start.len() < pattern.len() {
                more.push_str(rest);
            }
        }
    }
}

/// What stands before the `*` at a pattern's end, or all of it.
fn start(pattern: &str) -> &str {
    pattern.strip_suffix("*").unwrap_or(pattern)
}
