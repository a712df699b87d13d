//! How an authorization server treats scopes: which carry others, which it spells in several ways or never lists, how it
//! wants to be asked, and what its errors mean. One text for each provider, read where it lies.

use super::error::{Error, Result};
use super::form::Form;
use super::options::{Options, invalid};
use super::pieces::{cut, pieces};
use super::record::{Fields, text_of};
use super::scope::{self, ScopeSet};
use super::text::Text;
use super::url;

/// Scopes that many servers never list in their answers, though granted (OpenID Connect Core §5.4, §11).
pub(crate) const UNLISTED: &str = "openid profile email address phone offline_access";

/// More than this is no closure: somebody's rules feed each other.
const MAX_CLOSURE: usize = scope::MAX_BYTES;

/// One group for each named profile. `implies` has rules on lines, tokens with spaces between: the first carries the
/// others. Of two spellings each carries the other. Members that only named profiles have:
/// - `consent`: offline_access needs prompt=consent. OpenID Connect Core §11 wants it unless the server has other ways,
///   as the named ones have.
/// - `whole`: a scope that ends so stands for all that was ever consented to, and goes alone.
/// - `signOut`: where users sign out, if the metadata does not say.
/// - `hints`: how an error's description begins, and what to do about it.
const PROFILES: &str = "\x1d\x1eextends=generic\
    \x1econsent=\
    \x1d\x1eextends=auth0\
    \x1eunlisted=online_access\
    \x1esignOut=/v2/logout\
    \x1ehints=Consent required|Auth0 asks on localhost, and where the API does not let this application skip consent.\
    \x1d\x1eextends=google\
    \x1eupgradeRequest=incremental\
    \x1eunlisted=\
    \x1eimplies=email https://www.googleapis.com/auth/userinfo.email\n\
    https://www.googleapis.com/auth/userinfo.email email\n\
    profile https://www.googleapis.com/auth/userinfo.profile\n\
    https://www.googleapis.com/auth/userinfo.profile profile\
    \x1d\x1eextends=entra\
    \x1erefreshScope=requested\
    \x1eunlisted=openid profile email offline_access\
    \x1eanyCase=\
    \x1ewhole=.default\
    \x1eimplies=* https://graph.microsoft.com/*\nhttps://graph.microsoft.com/* *\
    \x1ehints=AADSTS90094|Only an administrator can consent to these.\n\
    AADSTS65001|Nobody consented yet: ask without prompt none, or an administrator.\
    \x1d\x1eextends=okta\
    \x1ehints=One or more scopes are not configured|Define them at this authorization server, or check the issuer.\n\
    Custom scopes are not allowed|The org authorization server has none: use another issuer, such as /oauth2/default.\
    \x1d\x1eextends=keycloak\
    \x1eunlisted=roles web-origins acr basic service_account\
    \x1ehints=Invalid scopes:|Each must be assigned to this client as a client scope.\
    \x1d\x1eextends=github\
    \x1escopeDelimiter=,\
    \x1eunlisted=\
    \x1eimplies=repo repo:status repo_deployment public_repo repo:invite security_events admin:repo_hook\n\
    user read:user user:email user:follow\n\
    project read:project\n\
    admin:org manage_runners:org\n\
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

/// The members of a named profile. Behind those of a developer's own: the first of a name has the word, and rules add up.
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
            let mut more = String::from(all.as_str());
            for member in self.0.members() {
                for rule in pieces(text_of(member, "implies").unwrap_or_default(), b'\n') {
                    for token in all.iter() {
                        carry(rule, token, &mut more);
                    }
                }
            }
            let grown = ScopeSet::answered(&more);
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

    /// Of these scopes, those that are listed in other letters, at a server that takes no note of case.
    pub fn spelled(self, listed: &str, scopes: &str) -> ScopeSet {
        let is_listed = |scope: &str| scope::tokens(listed).any(|token| token.eq_ignore_ascii_case(scope));
        scope::only(scopes, &|scope| self.0.has("anyCase") && is_listed(scope))
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

    /// Where users are sent to sign out, at a server that has its own way.
    pub fn sign_out(self, client: &Options, return_to: Option<&str>) -> Option<Text> {
        let path = self.0.text("signOut")?;
        let mut form = Form::default();
        form.put("client_id", client.client_id());
        form.some("returnTo", return_to);
        let issuer = client.issuer();
        let endpoint = Text::of(&[issuer.strip_suffix('/').unwrap_or(issuer), path]);
        Some(url::with_query(&endpoint, form))
    }

    /// Whether a refresh has to name its scopes.
    pub fn refreshes_with_scope(self) -> bool {
        self.0.text("refreshScope") == Some("requested")
    }

    /// Whether these scopes are only given with prompt=consent.
    pub fn needs_consent(self, scopes: &str) -> bool {
        let has = |scope| scope::contains(scopes, scope);
        self.0.has("consent") && has("openid") && has("offline_access")
    }

    /// An error of this server, with what it means.
    pub fn explain(self, error: Error) -> Error {
        let description = error.detail("description").unwrap_or_default();
        for line in pieces(self.0.text_or_empty("hints"), b'\n') {
            if let Some((start, hint)) = cut(line, b'|')
                && description.starts_with(start)
            {
                return error.with_hint(hint);
            }
        }
        error
    }

    /// What an upgrade sends: of all scopes that it is to end with, those that must be named. What another one carries is
    /// not asked for again.
    pub fn asked(self, all: &str, wanted: &str) -> ScopeSet {
        let (mut kept, mut carried) = (String::new(), String::new());
        let goes_alone = scope::tokens(wanted).any(|scope| self.is_whole(scope));
        for token in scope::tokens(all) {
            let is_about_user = scope::contains(UNLISTED, token);
            let is_kept = if self.is_incremental() {
                token == "openid"
            } else {
                is_about_user || !(goes_alone || self.is_whole(token) || scope::contains(&carried, token))
            };
            if is_kept {
                for (set, tokens) in [(&mut kept, token), (&mut carried, &*self.closure(token))] {
                    set.push(' ');
                    set.push_str(tokens);
                }
            }
        }
        scope::union(&kept, wanted)
    }
}

/// Adds what a token carries by a rule: the first pattern carries the others.
fn carry(rule: &str, token: &str, more: &mut String) {
    let mut rest = None;
    for pattern in scope::tokens(rule) {
        let (start, is_open) = pattern
            .strip_suffix('*')
            .map_or((pattern, false), |start| (start, true));
        let found = token.strip_prefix(start).filter(|rest| is_open || rest.is_empty());
        if rest.is_none() {
            rest = found;
            if found.is_none() {
                return;
            }
        } else if found.is_none() || start.is_empty() {
            // A token that has this spelling already is not the start of another.
            more.push(' ');
            more.push_str(start);
            if is_open {
                more.push_str(rest.unwrap_or_default());
            }
        }
    }
}
