//! One audience's entry in the ledger: what was requested, what was granted and on whose word, and its token.

use super::error::Result;
use super::form::{Fields, Form};
use super::options::invalid;
use super::scope::{self, ScopeSet};
use super::secret::Secret;
use super::text::Text;
use super::token::TokenResponse;

/// Scopes that many servers never list in their answers, though granted (OpenID Connect Core §5.4, §11).
const UNLISTED: &str = "openid profile email address phone offline_access";

/// What a token is for: an `audience` (Auth0's API identifier), `resource` indicators (RFC 8707), or neither. Kept as
/// the form that names them, which no character in them can confuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target(Text);

impl Target {
    /// Reads `audience` and `resource` of some options; nothing where neither is there.
    pub fn parse(fields: Fields<'_>) -> Result<Option<Target>> {
        let target = Target::of(fields);
        if Fields(&target.0).pairs().any(|pair| pair.ends_with('=')) {
            return Err(invalid("audience, or resource"));
        }
        Ok((!target.0.is_empty()).then_some(target))
    }

    /// The target in some form or record.
    pub(crate) fn of(fields: Fields<'_>) -> Target {
        Target(fields.pick("audience resource").into_text())
    }

    /// The parameters of a request for it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a scope is there, and on whose word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeStatus {
    /// The server said so.
    Granted,
    /// Requested, and the answer could not show it.
    Assumed,
    /// Requested, and the server said a scope without it, or the user said no.
    Denied,
    /// Never asked for.
    NotRequested,
}

impl ScopeStatus {
    /// As applications see it.
    pub fn as_str(self) -> &'static str {
        match self {
            ScopeStatus::Granted => "granted",
            ScopeStatus::Assumed => "assumed",
            ScopeStatus::Denied => "denied",
            ScopeStatus::NotRequested => "not-requested",
        }
    }
}

/// A grant. Scopes come only from a validated success response.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// What the token is for.
    pub target: Target,
    /// As sent.
    pub requested: ScopeSet,
    /// As answered, the assumed ones included.
    pub granted: ScopeSet,
    /// Of the granted ones, those that the answer could not show.
    pub assumed: ScopeSet,
    /// For the API.
    pub access_token: Secret,
    /// For new access tokens.
    pub refresh_token: Option<Secret>,
    /// Seconds since the epoch; nothing where the server did not say.
    pub expires_at: Option<i64>,
}

impl Grant {
    /// The grant that a token response makes.
    pub fn new(target: Target, requested: ScopeSet, response: TokenResponse, now: i64) -> Grant {
        let (granted, assumed) = judge(&requested, &response);
        Grant {
            target,
            requested,
            granted,
            assumed,
            access_token: response.access_token,
            refresh_token: response.refresh_token,
            expires_at: response.expires_in.map(|seconds| now.saturating_add(seconds)),
        }
    }

    /// Whether the scope is granted. Case-sensitive, whole tokens.
    pub fn covers(&self, scope: &str) -> bool {
        self.granted.contains(scope)
    }

    /// Requested and not granted.
    pub fn denied(&self) -> ScopeSet {
        self.requested.minus(&self.granted)
    }

    /// Whether a scope is there, and on whose word.
    pub fn status(&self, scope: &str) -> ScopeStatus {
        if self.assumed.contains(scope) {
            ScopeStatus::Assumed
        } else if self.covers(scope) {
            ScopeStatus::Granted
        } else if self.requested.contains(scope) {
            ScopeStatus::Denied
        } else {
            ScopeStatus::NotRequested
        }
    }

    /// True while the token lasts. A refresh token changes nothing as long as nobody sends it.
    pub fn is_live(&self, now: i64) -> bool {
        self.is_valid(now, 0)
    }

    /// True where the token lasts for some more seconds; an unknown lifetime lasts until the API says no.
    pub fn is_valid(&self, now: i64, seconds: i64) -> bool {
        self.expires_at.is_none_or(|end| end > now.saturating_add(seconds))
    }

    /// The text to store, tokens and all.
    pub(crate) fn to_record(&self) -> Text {
        let mut record = Form::default();
        record.append(self.target.as_str());
        for (name, scopes) in [
            ("requested", &self.requested),
            ("granted", &self.granted),
            ("assumed", &self.assumed),
        ] {
            record.put(name, scopes.as_str());
        }
        record.put("access_token", self.access_token.secret());
        record.some("refresh_token", self.refresh_token.as_ref().map(Secret::secret));
        record.number("expires_at", self.expires_at);
        record.into_text()
    }

    /// Reads a stored grant.
    pub(crate) fn restore(text: &str) -> Option<Grant> {
        let record = Fields(text);
        let expires_at = record.number("expires_at")?;
        Some(Grant {
            target: Target::of(record),
            requested: record.scopes("requested"),
            granted: record.scopes("granted"),
            assumed: record.scopes("assumed"),
            access_token: Secret::new(record.text("access_token").filter(|token| !token.is_empty())?),
            refresh_token: record.text("refresh_token").map(Secret::new),
            expires_at,
        })
    }
}

/// Granted and assumed scopes. What the answer lists is granted; what has no scope member is as requested
/// (RFC 6749 §5.1). An unlisted scope is assumed, unless the answer lists another of its kind (then the server does
/// list them, and absence is a no) or none at all. Evidence has the last word: `openid` is there with an ID token and
/// `offline_access` with a refresh token, and not without.
fn judge(requested: &ScopeSet, response: &TokenResponse) -> (ScopeSet, ScopeSet) {
    let evidence = |scope: &str| match scope {
        "openid" => Some(response.id_token.is_some()),
        "offline_access" => Some(response.refresh_token.is_some()),
        _ => None,
    };
    let listed = ScopeSet::answered(response.scope.as_deref().unwrap_or_default());
    let is_unlisted = |scope: &str| scope::tokens(UNLISTED).any(|unlisted| unlisted == scope);
    let lists_its_kind = listed.is_empty()
        || listed
            .iter()
            .any(|scope| is_unlisted(scope) && scope != "offline_access");
    let assumed = requested.only(&|scope| {
        let invisible = response.scope.is_none() || is_unlisted(scope) && !lists_its_kind;
        !listed.contains(scope) && evidence(scope).unwrap_or(invisible)
    });
    let listed = listed.only(&|scope| evidence(scope) != Some(false));
    // The order of the request, then what the server added.
    let granted = requested.only(&|scope| listed.contains(scope) || assumed.contains(scope));
    (granted.union(&listed), assumed)
}
