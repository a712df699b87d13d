//! One audience's entry in the ledger: what was requested, what was granted and on whose word, and its token.

use super::error::Result;
use super::form::Form;
use super::options::invalid;
use super::profile::{Profile, UNLISTED};
use super::record::{Fields, Record, text_of};
use super::scope::{self, ScopeSet};
use super::text::Text;
use super::token::TokenResponse;

/// What a token is for: an `audience` (Auth0's API identifier), `resource` indicators (RFC 8707), or neither. Kept as
/// the parameters that name them, which no character in them can confuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target(Text);

impl Target {
    /// Reads `audience` and `resource` of some options; nothing where neither is there.
    pub fn parse(fields: Fields<'_>) -> Result<Option<Target>> {
        let mut form = Form::default();
        for name in ["audience", "resource"] {
            for member in fields.members() {
                match text_of(member, name) {
                    Some("") => return Err(invalid("audience, or resource")),
                    Some(text) => form.put(name, text),
                    None => {}
                }
            }
        }
        Ok((!form.is_empty()).then(|| Target(form.into_text())))
    }

    /// The target in some record.
    pub(crate) fn restored(fields: Fields<'_>) -> Target {
        Target(fields.text_or_empty("target").into())
    }

    /// The parameters of a request for it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// For so many seconds nobody needs a newer token, whatever a server says of its lifetime.
const NEW: i64 = 2;

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

/// A grant, as it stands in a record. Scopes come only from a validated success response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant<'a>(pub(crate) Fields<'a>);

/// The record of the grant that a token response makes.
pub fn record(
    profile: Profile<'_>,
    target: &Target,
    requested: &str,
    response: &TokenResponse<'_>,
    now: i64,
) -> Record {
    let (granted, assumed) = judge(profile, requested, response);
    write(profile, target, [requested, &granted, &assumed], response, now)
}

fn write(
    profile: Profile<'_>,
    target: &Target,
    [requested, granted, assumed]: [&str; 3],
    response: &TokenResponse<'_>,
    now: i64,
) -> Record {
    let mut record = Record::default();
    record.put("target", target.as_str());
    record.put("granted", granted);
    record.put("assumed", assumed);
    record.put("carried", &profile.closure(granted).minus(granted));
    record.put("requested", requested);
    record.number("answered_at", Some(now));
    record.put("access_token", response.access_token);
    record.some("refresh_token", response.refresh_token);
    record.number(
        "expires_at",
        response.expires_in.map(|seconds| now.saturating_add(seconds)),
    );
    record
}

impl<'a> Grant<'a> {
    /// The grant in a group of a record, if that is one.
    pub(crate) fn of(group: &'a str) -> Option<Grant<'a>> {
        let fields = Fields(group);
        fields.has("target").then_some(Grant(fields))
    }

    /// What the token is for.
    pub fn target(self) -> Target {
        Target::restored(self.0)
    }

    /// Whether the token is for this.
    pub fn is_for(self, target: &Target) -> bool {
        self.0.text("target") == Some(target.as_str())
    }

    /// Scopes as sent.
    pub fn requested(self) -> &'a str {
        self.0.text_or_empty("requested")
    }

    /// Scopes as answered, the assumed ones included.
    pub fn granted(self) -> &'a str {
        self.0.text_or_empty("granted")
    }

    /// Of the granted ones, those that the answer could not show.
    pub fn assumed(self) -> &'a str {
        self.0.text_or_empty("assumed")
    }

    /// Requested and not granted.
    pub fn denied(self) -> ScopeSet {
        scope::minus(self.requested(), self.granted())
    }

    /// For the API.
    pub fn access_token(self) -> &'a str {
        self.0.text_or_empty("access_token")
    }

    /// For new access tokens.
    pub fn refresh_token(self) -> Option<&'a str> {
        self.0.text("refresh_token")
    }

    /// When the server's answer came, seconds since the epoch.
    pub fn answered_at(self) -> Option<i64> {
        self.0.number("answered_at").flatten()
    }

    /// Seconds since the epoch; nothing where the server did not say.
    pub fn expires_at(self) -> Option<i64> {
        self.0.number("expires_at").flatten()
    }

    /// Whether the scope is granted, or carried by one that is. Case-sensitive, whole tokens.
    pub fn covers(self, scope: &str) -> bool {
        scope::contains(self.granted(), scope) || scope::contains(self.0.text_or_empty("carried"), scope)
    }

    /// Whether a scope is there, and on whose word.
    pub fn status(self, scope: &str) -> ScopeStatus {
        if scope::contains(self.assumed(), scope) {
            ScopeStatus::Assumed
        } else if self.covers(scope) {
            ScopeStatus::Granted
        } else if scope::contains(self.requested(), scope) {
            ScopeStatus::Denied
        } else {
            ScopeStatus::NotRequested
        }
    }

    /// When its refresh token was sent, milliseconds since the epoch, if the answer is not known; and whether it was sent
    /// once more, by a page that was loaded later.
    pub fn sent(self) -> Option<(i64, bool)> {
        self.0.number("sent").flatten().map(|at| (at, self.0.has("again")))
    }

    /// When the server was asked silently for another refresh token, milliseconds since the epoch.
    pub fn asked(self) -> Option<i64> {
        self.0.number("asked").flatten()
    }

    /// The record of the grant after a refresh. Without a scope member it is the one that was granted last, not what was
    /// requested first (RFC 6749 §6). What the answer leaves out stays as it was.
    pub fn renewed(
        self,
        profile: Profile<'_>,
        response: &TokenResponse<'_>,
        id_token: Option<&str>,
        now: i64,
    ) -> Record {
        let response = TokenResponse {
            refresh_token: response.refresh_token.or(self.refresh_token()),
            id_token: response.id_token.or(id_token),
            ..*response
        };
        if response.scope.is_some() {
            return record(profile, &self.target(), self.requested(), &response, now);
        }
        let scopes = [self.requested(), self.granted(), self.assumed()];
        write(profile, &self.target(), scopes, &response, now)
    }

    /// True while the token lasts, or there can be another one.
    pub fn is_live(self, now: i64) -> bool {
        self.refresh_token().is_some() || self.is_valid(now, 0)
    }

    /// Whether there is no need for another token: this one lasts for some more seconds, or for half its life where that
    /// is shorter, or is new.
    pub fn lasts(self, now: i64, seconds: i64) -> bool {
        let answered_at = self.answered_at().unwrap_or_default();
        let lifetime = self.expires_at().unwrap_or_default().saturating_sub(answered_at);
        let is_new = (0..NEW).contains(&now.saturating_sub(answered_at)) && self.refresh_token().is_some();
        self.is_valid(now, seconds.min(lifetime / 2)) || is_new
    }

    /// True where the token lasts for some more seconds; an unknown lifetime lasts until the API says no.
    pub fn is_valid(self, now: i64, seconds: i64) -> bool {
        self.expires_at().is_none_or(|end| end > now.saturating_add(seconds))
    }

    /// Whether a stored grant can be one.
    pub(crate) fn is_sound(self) -> bool {
        !self.access_token().is_empty() && self.0.number("expires_at").is_some()
    }
}

/// Granted and assumed scopes. What the answer lists, or what that carries or is another spelling of, is granted; what
/// has no scope member is as requested (RFC 6749 §5.1). An unlisted scope is assumed: one that the profile says is never
/// listed, or else one that often is not, unless the answer lists another of its kind (then the server does list them,
/// and absence is a no) or none at all. Evidence has the last word: `openid` is there with an ID token and
/// `offline_access` with a refresh token, and not without.
fn judge(profile: Profile<'_>, requested: &str, response: &TokenResponse<'_>) -> (ScopeSet, ScopeSet) {
    let evidence = |scope: &str| match scope {
        "openid" => Some(response.id_token.is_some()),
        "offline_access" => Some(response.refresh_token.is_some()),
        _ => None,
    };
    let listed = profile.listed(response.scope.unwrap_or_default());
    let shown = profile.closure(&listed);
    let shown = shown.union(&profile.spelled(&shown, requested));
    let is_often_unlisted = |scope: &str| scope::contains(UNLISTED, scope);
    let lists_its_kind =
        listed.is_empty() || scope::tokens(&shown).any(|scope| is_often_unlisted(scope) && scope != "offline_access");
    let assumed = scope::only(requested, &|scope| {
        let is_unlisted = profile.is_unlisted(scope);
        let is_invisible = is_unlisted.unwrap_or(is_often_unlisted(scope) && !lists_its_kind);
        !shown.contains(scope) && evidence(scope).unwrap_or(response.scope.is_none() || is_invisible)
    });
    let listed = scope::only(&listed, &|scope| evidence(scope) != Some(false));
    // The order of the request, then what the server added.
    let granted = scope::only(requested, &|scope| {
        shown.contains(scope) && evidence(scope) != Some(false) || assumed.contains(scope)
    });
    (granted.union(&listed), assumed)
}
