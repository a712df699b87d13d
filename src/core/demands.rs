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

impl Demands {
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
