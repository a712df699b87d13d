//! One audience's entry in the ledger: what was requested, what was granted and on whose word, and its token.

use serde::Serialize;

use super::error::Result;
use super::options::{invalid, string};
use super::scope::ScopeSet;
use super::secret::{Secret, reveal, reveal_some};
use super::token::TokenResponse;
use super::transaction::optional;
use super::value::{Value, required};

/// Scopes that many servers never list in their answers, though granted (OpenID Connect Core §5.4, §11).
const UNLISTED: &[&str] = &["openid", "profile", "email", "address", "phone", "offline_access"];

/// What a token is for: an audience, or RFC 8707 resources, or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// Auth0-style API identifier.
    pub audience: Option<String>,
    /// RFC 8707 resource indicators.
    pub resource: Vec<String>,
}

impl Target {
    /// Reads `audience` and `resource` of some options; nothing where neither is there.
    pub fn parse(value: &Value) -> Result<Option<Target>> {
        let audience = string(value, "audience")?;
        let resource = match value.get("resource") {
            None => Vec::new(),
            Some(Value::String(one)) => vec![one.clone()],
            Some(_) => match value.strings("resource") {
                Ok(Some(several)) => several,
                _ => return Err(invalid("`resource` must be a string or an array of strings.")),
            },
        };
        if audience.as_deref() == Some("") || resource.iter().any(String::is_empty) {
            return Err(invalid("`audience` and `resource` must not be empty."));
        }
        Ok((audience.is_some() || !resource.is_empty()).then_some(Target { audience, resource }))
    }

    /// Reads a stored target.
    pub(crate) fn restore(value: &Value) -> Option<Target> {
        Some(Target {
            audience: optional(value, "audience")?,
            resource: required(value.strings("resource"))?,
        })
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    #[serde(serialize_with = "reveal")]
    pub access_token: Secret,
    /// For new access tokens.
    #[serde(serialize_with = "reveal_some")]
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

    /// True while the token lasts, or can be renewed.
    pub fn is_live(&self, now: i64) -> bool {
        self.refresh_token.is_some() || self.is_valid(now, 0)
    }

    /// True where the token lasts for some more seconds; an unknown lifetime lasts until the API says no.
    pub fn is_valid(&self, now: i64, seconds: i64) -> bool {
        self.expires_at.is_none_or(|end| end > now.saturating_add(seconds))
    }

    /// Reads a stored grant.
    pub(crate) fn restore(value: &Value) -> Option<Grant> {
        let scopes = |name| Some(ScopeSet::answered(&required(value.strings(name))?.join(" ")));
        Some(Grant {
            target: Target::restore(value.get("target")?)?,
            requested: scopes("requested")?,
            granted: scopes("granted")?,
            assumed: scopes("assumed")?,
            access_token: Secret::new(required(value.string("access_token")).filter(|token| !token.is_empty())?),
            refresh_token: optional(value, "refresh_token")?.map(Secret::new),
            expires_at: match value.get("expires_at")? {
                Value::Null => None,
                seconds => Some(seconds.as_seconds()?),
            },
        })
    }
}

/// Granted and assumed scopes. What the answer lists is granted; what is absent altogether is as requested
/// (RFC 6749 §5.1). An unlisted scope is assumed, unless the answer lists others of its kind: then the server
/// does list them, and its absence is a no. Evidence has the last word: `openid` needs an ID token, and
/// `offline_access` a refresh token.
fn judge(requested: &ScopeSet, response: &TokenResponse) -> (ScopeSet, ScopeSet) {
    let proven = |scope: &str| match scope {
        "openid" => response.id_token.is_some(),
        "offline_access" => response.refresh_token.is_some(),
        _ => true,
    };
    let is_evident = |scope: &str| scope == "openid" || scope == "offline_access";
    let (listed, assumed) = match response.scope.as_deref() {
        None => (ScopeSet::default(), requested.clone()),
        Some(text) => {
            let listed = ScopeSet::answered(text);
            let lists_its_kind = listed
                .iter()
                .any(|scope| UNLISTED.contains(&scope) && scope != "offline_access");
            let invisible = |scope: &&str| {
                let silent = is_evident(scope) || !lists_its_kind;
                !listed.is_empty() && UNLISTED.contains(scope) && !listed.contains(scope) && silent
            };
            let assumed = requested.iter().filter(invisible).collect();
            (listed, assumed)
        }
    };
    let assumed: ScopeSet = assumed.iter().filter(|scope| proven(scope)).collect();
    let listed: ScopeSet = listed.iter().filter(|scope| proven(scope)).collect();
    // The order of the request, then what the server added.
    let granted = requested
        .iter()
        .filter(|scope| listed.contains(scope) || assumed.contains(scope))
        .collect::<ScopeSet>();
    (granted.union(&listed), assumed)
}
