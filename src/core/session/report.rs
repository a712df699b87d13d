//! What was requested, granted and used of the scopes of a session, for developers.

use super::Session;
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
    /// Asked for again at this user's next sign-in.
    pub remembered: ScopeSet,
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
        let used_as_spelled_there = profile.respelled(&used, &granted);
        let mut used_scopes: Vec<&str> = used.iter().chain(used_as_spelled_there.iter()).collect();
        used_scopes.sort_unstable();
        // These two act at the authorization server: applications need them without ever checking them.
        let beyond_checks = profile.spellings("openid").union(&profile.spellings("offline_access"));
        let is_used = |scope: &str| {
            let is_beyond_checks = beyond_checks.contains(scope);
            let closure = profile.closure(&ScopeSet::from_answer([scope]));
            is_beyond_checks
                || closure
                    .iter()
                    .any(|carried| used_scopes.binary_search(&carried).is_ok())
        };
        ScopeReport {
            denied: requested.minus(&granted),
            unused: granted.filter(&|scope| !is_used(scope)),
            unrequested: used.minus(&profile.closure(&requested)),
            remembered: ScopeSet::default(),
            requested,
            granted,
            used,
        }
    }
}
