//! What is demanded of the user's authentication: a stronger or fresher one (RFC 9470), or claims.

/// What an ID token says of the authentication.
#[derive(Clone, Copy, Debug, Default)]
pub struct Authentication<'a> {
    /// `acr`.
    pub acr: Option<&'a str>,
    /// `auth_time`, seconds since the epoch.
    pub auth_time: Option<i64>,
}

/// What an API's challenge demands besides scopes, and what a request sends for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Authentication context classes, with spaces between: one of them will do (RFC 9470 §3).
    pub acr_values: Option<String>,
    /// Seconds since the user's authentication, at the most (RFC 9470 §3).
    pub max_age: Option<i64>,
    /// What to send as `claims`: a JSON object (OpenID Connect Core §5.5).
    pub claims: Option<String>,
}

/// The longest time of all, seconds.
const MAX_AGE: i64 = i32::MAX as i64;

/// Whether it makes sense as `max_age`.
pub(super) fn is_max_age(seconds: i64) -> bool {
    (0..=MAX_AGE).contains(&seconds)
}

/// `max_age` as it is sent, in digits: a sign is none.
pub(super) fn max_age(text: &str) -> Option<i64> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|seconds| is_max_age(*seconds))
}

impl Demands {
    /// What parameters demand, in a challenge or a request; nothing where `max_age` makes no sense. `acr_values` without a
    /// class demand nothing (RFC 6749 §3.1).
    pub(super) fn new(acr_values: Option<&str>, max_age: Option<&str>, claims: Option<String>) -> Option<Demands> {
        let acr_values = acr_values.filter(|classes| classes.bytes().any(|byte| byte != b' '));
        let max_age = match max_age {
            Some(text) => Some(self::max_age(text)?),
            None => None,
        };
        Some(Demands {
            acr_values: acr_values.map(str::to_owned),
            max_age,
            claims,
        })
    }

    /// Whether an ID token tells if they are met. What claims do nobody can tell.
    pub fn are_of_authentication(&self) -> bool {
        self.acr_values.is_some() || self.max_age.is_some()
    }

    /// Whether an authentication is of a class that is demanded.
    pub fn accept_class(&self, found: Authentication<'_>) -> bool {
        let Some(wanted) = &self.acr_values else {
            return true;
        };
        wanted
            .split(' ')
            .any(|class| !class.is_empty() && found.acr == Some(class))
    }

    /// Whether an authentication is as strong and as fresh as demanded: another of the kind would change nothing.
    pub fn are_met_by(&self, found: Authentication<'_>, now: i64) -> bool {
        let age = found.auth_time.map(|time| now.saturating_sub(time));
        self.are_of_authentication()
            && self.accept_class(found)
            && self.max_age.is_none_or(|most| age.is_some_and(|age| age <= most))
    }
}

/// How long before an ID token the user may have signed in at the most (OpenID Connect Core §3.1.2.1), for a request.
#[derive(Clone, Copy, Debug)]
pub struct MaxAge {
    /// As sent.
    pub seconds: i64,
    /// When the request was made, seconds since the epoch.
    pub asked_at: i64,
}

impl MaxAge {
    /// The earliest time of a sign-in by the server's own clock, for a token that it made just now. Whoever signed in for
    /// the request is fresh enough, however long they read the server's pages afterwards.
    pub(super) fn earliest(self, issued_at: i64, now: i64) -> i64 {
        let since_request = now.saturating_sub(self.asked_at);
        issued_at.saturating_sub(self.seconds.max(since_request))
    }
}
