//! What there is to say about the scopes of a session, for developers.

use super::{ScopeStatus, Session};
use crate::core::provider::ProviderProfile;
use crate::core::scope::ScopeSet;
use crate::core::target::Target;

/// What was requested, granted, denied and used so far: what to stop asking for.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ScopeReport {
    /// Asked for, by upgrades that came to nothing too.
    pub requested: ScopeSet,
    /// In the grant.
    pub granted: ScopeSet,
    /// Requested and not granted.
    pub denied: ScopeSet,
    /// Checked or declared by the application.
    pub used: ScopeSet,
    /// Granted and never used.
    pub unused: ScopeSet,
    /// Used and never requested.
    pub unrequested: ScopeSet,
}

impl ScopeReport {
    /// The report for a target; `used` is the application's list.
    pub fn new(session: Option<&Session>, profile: &ProviderProfile, target: &Target, used: ScopeSet) -> ScopeReport {
        let grant = session.and_then(|session| session.grant(target));
        let (requested, granted) = grant
            .map(|grant| (grant.requested.clone(), grant.granted.clone()))
            .unwrap_or_default();
        let denied = session.map(|session| session.denied(target)).unwrap_or_default();
        let requested = requested.union(&denied);
        let mut used_scopes: Vec<&str> = used.iter().collect();
        used_scopes.sort_unstable();
        // These two act at the authorization server: applications need them without ever checking them.
        let beyond_checks = profile.spellings("openid").union(&profile.spellings("offline_access"));
        let is_used = |scope: &str| {
            let is_beyond_checks = beyond_checks.contains(scope);
            let closure = profile.closure(&ScopeSet::from_answer([scope].into_iter()));
            is_beyond_checks
                || closure
                    .iter()
                    .any(|carried| used_scopes.binary_search(&carried).is_ok())
        };
        ScopeReport {
            denied: requested.minus(&granted),
            unused: granted.filter(&|scope| !is_used(scope)),
            unrequested: used.minus(&profile.closure(&requested)),
            requested,
            granted,
            used,
        }
    }
}

/// Why a scope is there, or is not.
#[derive(Clone, Debug)]
pub(crate) struct ScopeExplanation<'a> {
    /// The scope.
    pub(crate) scope: &'a str,
    /// What for.
    pub(crate) target: &'a Target,
    /// The session that is asked.
    pub(crate) session: Option<&'a Session>,
    /// When the grant's answer came, as text.
    pub(crate) answered_at: Option<String>,
    /// Seconds since the epoch.
    pub(crate) now: i64,
}

impl ScopeExplanation<'_> {
    /// In words for a developer. Names no token.
    pub(crate) fn text(&self) -> String {
        let grant = self.session.and_then(|session| session.grant(self.target));
        let answer = match (grant, &self.answered_at) {
            (Some(grant), Some(at)) => [
                "At ",
                at,
                " the server was asked for \"",
                &grant.requested.to_string(),
                "\" and granted \"",
                &grant.granted.to_string(),
                "\".",
            ]
            .concat(),
            _ => "Nobody is signed in, or nothing was asked for here; there is no grant.".to_owned(),
        };
        let late = match grant {
            Some(grant) if !grant.is_usable(self.now) => {
                " The access token has run out, so hasScope says false until there is a new one."
            }
            _ => "",
        };
        [&self.advice(), " ", &answer, late].concat()
    }

    fn advice(&self) -> String {
        let status = self.session.map_or(ScopeStatus::NotRequested, |session| {
            session.status(self.target, self.scope)
        });
        let name = ["\"", self.scope, "\"", &self.target_text()].concat();
        let parts: [&str; 3] = match status {
            ScopeStatus::Granted if self.is_returned() => [" is granted.", "", ""],
            ScopeStatus::Granted => [" is granted: another scope carries it.", "", ""],
            ScopeStatus::Assumed => [
                " counts as granted: it was requested, and the server's answer could not show it (no scope member, or a scope that it never lists).",
                "",
                "",
            ],
            ScopeStatus::Denied => [
                " is denied: it was requested, and ",
                self.who_denied(),
                ". Call upgrade with it when the user asks for what needs it; check that it is defined for this API and allowed for this client.",
            ],
            ScopeStatus::NotRequested => [
                " was never requested. Call upgrade with it when a feature needs it",
                self.other_case(),
                ".",
            ],
        };
        [name.as_str(), &parts.concat()].concat()
    }

    fn is_returned(&self) -> bool {
        let grant = self.session.and_then(|session| session.grant(self.target));
        grant.is_some_and(|grant| grant.granted.contains(self.scope))
    }

    fn who_denied(&self) -> &'static str {
        if self
            .session
            .is_some_and(|session| session.is_denied(self.target, self.scope))
        {
            "the user or the server said no"
        } else {
            "the server granted other scopes without it"
        }
    }

    fn other_case(&self) -> &'static str {
        let granted = self
            .session
            .map(|session| session.granted(self.target))
            .unwrap_or_default();
        if granted.iter().any(|held| held.eq_ignore_ascii_case(self.scope)) {
            "; scopes are case-sensitive, and one with other capitals is granted"
        } else {
            ""
        }
    }

    /// As the parameters that name it: ` (audience=…&resource=…)`.
    fn target_text(&self) -> String {
        if self.target.is_empty() {
            return String::new();
        }
        let audience = self.target.audience().map(|audience| ["audience=", audience].concat());
        let resources = self
            .target
            .resources()
            .iter()
            .map(|resource| ["resource=", resource].concat());
        [
            " (",
            &audience.into_iter().chain(resources).collect::<Vec<_>>().join("&"),
            ")",
        ]
        .concat()
    }
}
