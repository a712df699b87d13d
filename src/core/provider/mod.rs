//! How an authorization server treats scopes: which carry others, which it spells in several ways or never lists, how it
//! wants to be asked, and what its errors mean.

mod implied;
mod known;
mod sign_out;

pub use implied::ImpliedScopes;
pub use sign_out::SignOutEndpoint;

use super::error::{Error, ServerErrorCode};
use super::scope::ScopeSet;

/// Scopes that many servers never list in their answers, though granted (OpenID Connect Core §5.4, §11).
pub(crate) const OFTEN_OMITTED: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// A bound on closures: wildcard rules can make new scopes of each other without end.
const MAX_CLOSURE: usize = 2_000;

/// The scope quirks of an authorization server. The default follows RFC 6749.
///
/// ```
/// use scopewise::{ImpliedScopes, ProviderProfile};
///
/// # fn main() -> scopewise::Result<()> {
/// // A known one knows what its scopes carry.
/// let github = ProviderProfile::known("github").unwrap_or_default();
/// assert!(github.closure(&"repo".parse()?).contains("repo:status"));
///
/// // Or write down your own server's rules: here write:x carries read:x.
/// let mut profile = ProviderProfile::default();
/// profile.implies.push(ImpliedScopes::new("write:*", &["read:*"]));
/// assert_eq!(profile.closure(&"write:rooms".parse()?).to_string(), "write:rooms read:rooms");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ProviderProfile {
    /// How an upgrade asks.
    pub upgrade_request: UpgradeRequest,
    /// The prompt of an upgrade for more scopes.
    pub upgrade_prompt: Option<UpgradePrompt>,
    /// Scopes that carry others. Of two spellings of one scope each carries the other.
    pub implies: Vec<ImpliedScopes>,
    /// Scopes that the server never lists; where that is not known, those of OpenID Connect that often are not.
    pub unlisted: Option<Vec<String>>,
    /// What stands between the tokens of `scope` in a token response.
    pub scope_delimiter: ScopeDelimiter,
    /// What a refresh request sends as `scope`.
    pub refresh_scope: RefreshScope,
    /// offline_access needs prompt=consent. OpenID Connect Core §11 wants it unless the server has other ways, as the
    /// known ones have.
    pub offline_access_needs_consent: bool,
    /// The server takes no note of a scope's case.
    pub ignores_case: bool,
    /// One issuer stands for all of its tenants, each of which has its own.
    pub has_tenants: bool,
    /// A scope that ends so stands for all that was ever consented to, and goes alone.
    pub all_consented_suffix: Option<&'static str>,
    /// Where users sign out, if the server has a way of its own.
    pub sign_out: Option<SignOutEndpoint>,
    /// What the server calls `invalid_grant`.
    pub invalid_grant_codes: &'static [&'static str],
    /// How an error's description begins, and what to do about it.
    pub hints: &'static [(&'static str, &'static str)],
}

/// How an upgrade asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpgradeRequest {
    /// For held and missing scopes.
    #[default]
    Union,
    /// For the missing ones, with `include_granted_scopes=true` (draft-ietf-oauth-incremental-authz). Where none are, for
    /// the held ones.
    Incremental,
}

/// The prompt of an upgrade for more scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpgradePrompt {
    /// `prompt=consent`, for servers that show no consent page for further scopes unless told so.
    Consent,
}

/// What stands between the tokens of `scope` in a token response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeDelimiter {
    /// As RFC 6749 §3.3 has it.
    #[default]
    Space,
    /// Or a space.
    Comma,
}

/// What a refresh request sends as `scope`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshScope {
    /// Nothing: the whole grant (RFC 6749 §6).
    #[default]
    None,
    /// Those of the requested scopes that are granted.
    Requested,
}

impl ProviderProfile {
    /// The profile of a known server: generic, auth0, google, entra, okta, keycloak, github or cognito.
    pub fn known(name: &str) -> Option<ProviderProfile> {
        known::profile(name)
    }

    /// The scopes, and all that they carry or are other spellings of.
    pub fn closure(&self, scopes: &ScopeSet) -> ScopeSet {
        let mut all = scopes.clone();
        // Only what came in the last round can bring more.
        let mut latest = scopes.clone();
        while !latest.is_empty() {
            let mut carried = Vec::new();
            for scope in latest.iter() {
                for rule in &self.implies {
                    rule.carried_by(scope, &mut carried);
                }
            }
            latest = ScopeSet::from_answer(carried).minus(&all);
            if all.len() + latest.len() > MAX_CLOSURE {
                break;
            }
            all = all.union(&latest);
        }
        all
    }

    /// The scopes that the `scope` member of an answer lists.
    pub fn returned(&self, scope: &str) -> ScopeSet {
        let delimiters: &[char] = match self.scope_delimiter {
            ScopeDelimiter::Space => &[' '],
            ScopeDelimiter::Comma => &[',', ' '],
        };
        ScopeSet::from_answer(scope.split(delimiters))
    }

    /// Of these scopes, those that are returned in other letters, at a server that takes no note of case.
    pub fn respelled(&self, returned: &ScopeSet, scopes: &ScopeSet) -> ScopeSet {
        if !self.ignores_case {
            return ScopeSet::default();
        }
        let mut returned: Vec<String> = returned.iter().map(str::to_ascii_lowercase).collect();
        returned.sort_unstable();
        scopes.filter(&|scope| returned.binary_search(&scope.to_ascii_lowercase()).is_ok())
    }

    /// Whether one of these scopes is another, in whatever spelling.
    pub fn names(&self, scopes: &ScopeSet, scope: &str) -> bool {
        let spellings = self.spellings(scope);
        scopes
            .iter()
            .any(|held| spellings.contains(held) || self.ignores_case && held.eq_ignore_ascii_case(scope))
    }

    /// All spellings of a scope: of two of them each carries the other.
    pub fn spellings(&self, scope: &str) -> ScopeSet {
        let closure = |scope: &str| self.closure(&ScopeSet::from_answer([scope]));
        closure(scope).filter(&|other| other == scope || closure(other).contains(scope))
    }

    /// Whether the server never lists this scope; nothing where the profile does not say.
    pub fn is_unlisted(&self, scope: &str) -> Option<bool> {
        if self.stands_for_all_consented(scope) {
            return Some(true);
        }
        let unlisted = self.unlisted.as_ref()?;
        Some(unlisted.iter().any(|held| held == scope))
    }

    /// Whether a scope stands for all that was ever consented to.
    pub fn stands_for_all_consented(&self, scope: &str) -> bool {
        self.all_consented_suffix.is_some_and(|suffix| scope.ends_with(suffix))
    }

    /// Whether these scopes are only given with prompt=consent.
    pub fn needs_consent(&self, scopes: &ScopeSet) -> bool {
        self.offline_access_needs_consent && self.names(scopes, "openid") && self.names(scopes, "offline_access")
    }

    /// An error of this server, with what it means.
    pub fn explain(&self, mut error: Error) -> Error {
        if let Error::Server(server) = &mut error {
            let description = server.description.as_deref().unwrap_or_default();
            let known = self.hints.iter().find(|(start, _)| description.starts_with(start));
            server.hint = known.map(|(_, hint)| *hint);
            if self.invalid_grant_codes.contains(&server.code.as_str()) {
                server.code = ServerErrorCode::InvalidGrant;
            }
        }
        error
    }

    /// What a request names: of all scopes that it is to end with, those that must be named. What another one carries is
    /// not asked for again. Where none of them is `wanted`, and not there yet, it is for all of them once more.
    pub fn scopes_to_request(&self, all: &ScopeSet, wanted: &ScopeSet) -> ScopeSet {
        let openid = self.spellings("openid");
        let asked = if wanted.is_empty() { all } else { wanted };
        let goes_alone = asked.iter().any(|scope| self.stands_for_all_consented(scope));
        // In order, so that one is found in little time.
        let mut carried: Vec<String> = Vec::new();
        let mut named = Vec::new();
        for scope in all.iter() {
            let stands_for_all = self.stands_for_all_consented(scope);
            let is_named = match self.upgrade_request {
                UpgradeRequest::Incremental if !wanted.is_empty() => openid.contains(scope),
                _ if OFTEN_OMITTED.contains(&scope) => true,
                _ if goes_alone => stands_for_all && asked.contains(scope),
                _ => !stands_for_all && find(&carried, scope).is_err(),
            };
            if is_named {
                if !self.implies.is_empty() {
                    for scope in self.closure(&ScopeSet::from_answer([scope])).iter() {
                        if let Err(place) = find(&carried, scope) {
                            carried.insert(place, scope.to_owned());
                        }
                    }
                }
                named.push(scope);
            }
        }
        ScopeSet::from_answer(named.into_iter().chain(wanted.iter()))
    }
}

/// Where a scope is among sorted ones, or belongs.
fn find(sorted: &[String], scope: &str) -> Result<usize, usize> {
    sorted.binary_search_by(|held| held.as_str().cmp(scope))
}
