//! The session: who signed in, and the ledger of grants. Every check reads the ledger; nothing else decides.
//!
//! It changes in one place, [`Session::apply`]: an event and the session before it make the session after it, or a
//! rejection that leaves the one before as it was.

mod event;
mod explanation;
mod grant;
mod granted;
mod intent;
mod record;
mod refresh;
mod remembered;
mod report;
mod requirements;
mod token_answer;

pub use event::{Event, Rejected};
pub(crate) use explanation::ScopeExplanation;
pub use grant::{Grant, ScopeStatus};
pub use record::StoredSession;
pub(crate) use refresh::RefreshBackoff;
pub use refresh::{Refresh, RefreshState, RefreshStep, RefreshTokenUse, SentRefresh};
pub use remembered::{REMEMBERED_FOR, RememberedScopes};
pub use report::ScopeReport;
pub(crate) use requirements::TokenRequirements;
pub use token_answer::TokenEndpointAnswer;

use super::authorization_details::AuthorizationDetails;
use super::demands::Authentication;
use super::provider::ProviderProfile;
use super::scope::ScopeSet;
use super::secret::{Nonce, RawIdToken};
use super::sign_out_note::SignOutNote;
use super::target::Target;
use super::token::Claims;

/// A longer ID token is no hint: servers refuse such, and proxies cut long URLs, bytes.
const MAX_ID_TOKEN_HINT: usize = 4_000;

/// A signed-in user and their grants.
///
/// ```
/// use scopewise::{ClientOptions, Config, Response, ScopeStatus, Target, TokenEndpointAnswer};
/// # use scopewise::core::authorize::RequestIntent;
/// # use scopewise::core::value::Value;
/// # use scopewise::{AuthorizationParams, AuthorizeOptions, ServerMetadata};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = 1_700_000_000;
/// # let options = ClientOptions::new("my-app", "https://id.example.com").with_redirect_uri("/callback");
/// # let config = Config::new(options, "https://app.example.com")?;
/// # let metadata: Value = serde_json::from_str(r#"{
/// #     "issuer": "https://id.example.com",
/// #     "authorization_endpoint": "https://id.example.com/authorize",
/// #     "token_endpoint": "https://id.example.com/token"
/// # }"#)?;
/// # let intent = RequestIntent::sign_in("read:rooms write:rooms".parse()?);
/// # let params = AuthorizationParams::new(&config, &AuthorizeOptions::default(), intent)?;
/// # let metadata = ServerMetadata::parse(&metadata)?;
/// # let request = params.request(&config, &metadata, &[[0; 32]; 3], now)?.pending;
/// # let code = scopewise::core::secret::AuthorizationCode::new("code");
/// // A request for "read:rooms write:rooms" was answered with a code, and the code with this:
/// let answer = r#"{"access_token": "…", "token_type": "Bearer", "expires_in": 3600, "scope": "read:rooms"}"#;
/// # let answer = answer.replace('…', "secret");
/// let response = Response::new(200, serde_json::from_str(&answer)?);
/// let answer = TokenEndpointAnswer {
///     config: &config,
///     metadata: &metadata,
///     response: &response,
///     key: None,
///     now,
///     parse_json: &|text| serde_json::from_str(text).ok(),
/// };
/// let session = answer.session_after_code(&request, &code, None, "random text".to_owned())?;
///
/// let target = Target::default();
/// assert!(session.has(&"read:rooms".parse()?, &target, now));
/// assert_eq!(session.status(&target, "write:rooms"), ScopeStatus::Denied);
/// assert!(!session.has(&"read:rooms".parse()?, &target, now + 3600), "the token has expired");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    id: String,
    user: Option<User>,
    grants: Vec<Grant>,
    denied: Vec<DeniedScopes>,
    /// The sign-out before it. A later one ends it.
    last_sign_out: Option<SignOutNote>,
}

/// Who signed in, on the word of the latest ID token.
#[derive(Clone, Debug, PartialEq)]
struct User {
    id_token: RawIdToken,
    claims: Claims,
    /// Of the grant that it came with.
    authentication: FirstAuthentication,
}

/// The authentication that a grant came of, on the word of the first ID token: later ones of the grant say the same. Each
/// authorization request has a nonce of its own.
#[derive(Clone, Debug, Default, PartialEq)]
struct FirstAuthentication {
    nonce: Option<Nonce>,
    auth_time: Option<i64>,
}

/// What the user was asked for in this session, and did not give then.
#[derive(Clone, Debug, PartialEq)]
struct DeniedScopes {
    target: Target,
    scopes: ScopeSet,
}

impl Session {
    /// Tells this session from the ones before and after it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The user, as the issuer names them; nothing without `openid`.
    pub fn subject(&self) -> Option<&str> {
        self.claims().and_then(|claims| claims.subject().ok())
    }

    /// The ID token as it came; nothing without `openid`.
    pub fn id_token(&self) -> Option<&RawIdToken> {
        self.user.as_ref().map(|user| &user.id_token)
    }

    /// The ID token, to tell the server silently whom a request is about; nothing where it is too long for a URL.
    pub fn id_token_hint(&self) -> Option<RawIdToken> {
        let token = self
            .id_token()
            .filter(|token| token.secret().len() <= MAX_ID_TOKEN_HINT);
        token.cloned()
    }

    /// The ID token's claims.
    pub fn claims(&self) -> Option<&Claims> {
        self.user.as_ref().map(|user| &user.claims)
    }

    /// What the latest ID token says of the authentication that the grant for a target came of; nothing where it is of
    /// another grant.
    pub fn authentication(&self, target: &Target) -> Option<Authentication<'_>> {
        let user = self.user.as_ref()?;
        let is_of_grant = self.grant(target)?.authentication == user.authentication;
        is_of_grant.then(|| user.claims.authentication())
    }

    /// All grants, the latest first.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Whether a token of its is bound to a key (RFC 9449).
    pub fn is_bound(&self) -> bool {
        self.grants.iter().any(|grant| grant.access_token.key().is_some())
    }

    /// The grant for a target.
    pub fn grant(&self, target: &Target) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.target == *target)
    }

    /// The scopes granted for a target.
    pub fn granted(&self, target: &Target) -> ScopeSet {
        self.grant(target)
            .map(|grant| grant.granted.clone())
            .unwrap_or_default()
    }

    /// What is granted for a target besides scopes.
    pub fn authorization_details(&self, target: &Target) -> Option<AuthorizationDetails> {
        self.grant(target)?.authorization_details.clone()
    }

    /// What the grant for a target covers no more, compared with a session before.
    pub fn loss(&self, before: &Session, target: &Target) -> ScopeSet {
        let held = before.granted(target);
        self.grant(target).map(|grant| grant.missing(&held)).unwrap_or(held)
    }

    /// What the user was asked for in this session, and did not give then.
    pub fn denied(&self, target: &Target) -> ScopeSet {
        let denied = self.denied.iter().find(|denied| denied.target == *target);
        denied.map(|denied| denied.scopes.clone()).unwrap_or_default()
    }

    /// Whether a scope is among those.
    pub fn is_denied(&self, target: &Target, scope: &str) -> bool {
        let denied = self.denied.iter().find(|denied| denied.target == *target);
        denied.is_some_and(|denied| denied.scopes.contains(scope))
    }

    /// Whether all of some scopes are granted, and their grant is not over.
    pub fn has(&self, scopes: &ScopeSet, target: &Target, now: i64) -> bool {
        Session::missing(Some(self), scopes, target, now).is_empty()
    }

    /// Those of some scopes that are not granted, or whose grant is over.
    pub fn missing(session: Option<&Session>, scopes: &ScopeSet, target: &Target, now: i64) -> ScopeSet {
        match session.and_then(|session| session.grant(target)) {
            Some(grant) if grant.is_usable(now) => grant.missing(scopes),
            _ => scopes.clone(),
        }
    }

    /// Whether a scope is there, and on whose word.
    pub fn status(&self, target: &Target, scope: &str) -> ScopeStatus {
        match self.grant(target).map(|grant| grant.status(scope)) {
            None | Some(ScopeStatus::NotRequested) if self.is_denied(target, scope) => ScopeStatus::Denied,
            status => status.unwrap_or(ScopeStatus::NotRequested),
        }
    }

    /// Whether a scope is there, and on whose word. A no to one spelling of it is a no to all.
    pub(crate) fn status_in_any_spelling(
        &self,
        profile: &ProviderProfile,
        target: &Target,
        scope: &str,
    ) -> ScopeStatus {
        let lost = || self.grant(target).map(Grant::denied).unwrap_or_default();
        match self.status(target, scope) {
            ScopeStatus::NotRequested
                if self.is_denied_in_any_spelling(profile, target, scope) || profile.names(&lost(), scope) =>
            {
                ScopeStatus::Denied
            }
            status => status,
        }
    }

    /// Whether the user did not give a scope when asked for it, in whatever spelling.
    pub(crate) fn is_denied_in_any_spelling(&self, profile: &ProviderProfile, target: &Target, scope: &str) -> bool {
        profile.names(&self.denied(target), scope)
    }

    /// The session of somebody who signed in after that sign-out.
    pub(crate) fn begun_after(mut self, note: Option<SignOutNote>) -> Session {
        self.last_sign_out = note;
        self
    }

    /// Whether the latest note is of a sign-out after this session began.
    pub fn is_ended_by(&self, note: Option<SignOutNote>) -> bool {
        note > self.last_sign_out
    }

    /// With what this page knows of refresh tokens besides the record. Whoever got another token with one knows better.
    pub(crate) fn with_refusals_of(mut self, before: Option<&Session>) -> Session {
        for held in before.map(Session::grants).unwrap_or_default() {
            let is_same = |grant: &&mut Grant| {
                grant.refresh_token() == held.refresh_token() && grant.access_token == held.access_token
            };
            if let Some(refresh) = self
                .grant_mut(&held.target)
                .filter(is_same)
                .and_then(|grant| grant.refresh.as_mut())
            {
                refresh.refusal = held.refresh.as_ref().and_then(|refresh| refresh.refusal.clone());
            }
        }
        self
    }

    fn grant_mut(&mut self, target: &Target) -> Option<&mut Grant> {
        self.grants.iter_mut().find(|grant| grant.target == *target)
    }

    /// Forgets a no to scopes that were asked for once more: the latest answer counts.
    fn take_back(&mut self, target: &Target, scopes: &ScopeSet) {
        for denied in self.denied.iter_mut().filter(|denied| denied.target == *target) {
            denied.scopes = denied.scopes.minus(scopes);
        }
        self.denied.retain(|denied| !denied.scopes.is_empty());
    }

    fn deny(&mut self, target: &Target, scopes: &ScopeSet) {
        if scopes.is_empty() {
            return;
        }
        match self.denied.iter_mut().find(|denied| denied.target == *target) {
            Some(denied) => denied.scopes = denied.scopes.union(scopes),
            None => self.denied.push(DeniedScopes {
                target: target.clone(),
                scopes: scopes.clone(),
            }),
        }
    }
}
