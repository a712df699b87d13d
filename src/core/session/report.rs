//! What there is to say about the scopes of a session, for developers.

use super::{Grant, ScopeStatus, Session};
use crate::core::authorize::RequestAnswer;
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
        let mut used_scopes: Vec<&str> = used.iter().collect();
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

/// Why a scope is there, or is not.
pub(crate) struct ScopeExplanation<'a> {
    /// The scope.
    pub(crate) scope: &'a str,
    /// What for.
    pub(crate) target: &'a Target,
    /// The session that is asked.
    pub(crate) session: Option<&'a Session>,
    /// The latest answer to a request that named the scope, as far as it is known.
    pub(crate) answer: Option<RequestAnswer>,
    /// A moment as text.
    pub(crate) to_iso_string: &'a dyn Fn(i64) -> String,
    /// Seconds since the epoch.
    pub(crate) now: i64,
}

impl ScopeExplanation<'_> {
    /// In words for a developer. Names no token.
    pub(crate) fn text(&self) -> String {
        let grant = self.session.and_then(|session| session.grant(self.target));
        let answer = self.later_answer();
        let mut text = self.advice(answer);
        if let Some(answer) = answer {
            text.push_str(&self.text_of_answer(answer));
        }
        match grant {
            Some(grant) => {
                let begin = if answer.is_some() {
                    " The grant that is there is another request's: at "
                } else {
                    " At "
                };
                let moment = (self.to_iso_string)(grant.answered_at);
                text.push_str(&sentence(begin, &moment, &grant.requested, Ok(&grant.granted)));
            }
            None if answer.is_none() => {
                text.push_str(" Nobody is signed in, or nothing was asked for here; there is no grant.");
            }
            None => {}
        }
        if grant.is_some_and(|grant| !grant.is_usable(self.now)) {
            text.push_str(" The access token has run out, so hasScope says false until there is a new one.");
        }
        text
    }

    /// The answer to the last request that named the scope, where that is not the one that the grant is of.
    fn later_answer(&self) -> Option<&RequestAnswer> {
        let answer = self.answer.as_ref()?;
        let grant = self.session.and_then(|session| session.grant(self.target));
        let is_of_grant = |grant: &Grant| {
            let is_named = grant.requested.contains(self.scope);
            is_named && grant.answered_at >= answer.at.div_euclid(1000) && answer.error.is_none()
        };
        (!grant.is_some_and(is_of_grant)).then_some(answer)
    }

    fn text_of_answer(&self, answer: &RequestAnswer) -> String {
        let moment = (self.to_iso_string)(answer.at.div_euclid(1000));
        let result = match &answer.error {
            Some(code) => Err(code.as_str()),
            None => Ok(&answer.granted),
        };
        sentence(" At ", &moment, &answer.requested, result)
    }

    fn advice(&self, answer: Option<&RequestAnswer>) -> String {
        let status = self.session.map_or(ScopeStatus::NotRequested, |session| {
            session.status(self.target, self.scope)
        });
        let name = ["\"", self.scope, "\"", &self.target_text()].concat();
        let parts: [&str; 4] = match status {
            ScopeStatus::Granted if self.is_returned() => [" is granted.", "", "", ""],
            ScopeStatus::Granted => [" is granted: another scope carries it.", "", "", ""],
            ScopeStatus::Assumed => [
                " counts as granted: it was requested, and the server's answer could not show it (no scope member, or a scope that it never lists).",
                "",
                "",
                "",
            ],
            ScopeStatus::Denied => [
                " is denied: it was requested, and ",
                self.who_denied(),
                ". Call upgrade with it when the user asks for what needs it; check that it is defined for this API and allowed for this client.",
                self.prompt_hint(),
            ],
            ScopeStatus::NotRequested if answer.is_some_and(|answer| answer.error.is_some()) => [
                " was requested, and the server answered with an error. Check that it is defined for this API and allowed for this client.",
                self.prompt_hint(),
                "",
                "",
            ],
            ScopeStatus::NotRequested if answer.is_some() => [
                " is not granted any more: the grant is of a later answer, to a request without it. Call upgrade with it when a feature needs it.",
                "",
                "",
                "",
            ],
            ScopeStatus::NotRequested => [
                " was never requested. Call upgrade with it when a feature needs it",
                self.other_case(),
                ".",
                "",
            ],
        };
        [name.as_str(), &parts.concat()].concat()
    }

    /// Where an upgrade was refused before anybody could have been asked.
    fn prompt_hint(&self) -> &'static str {
        if self.answer.as_ref().is_some_and(|answer| answer.asked_nobody) {
            " The answer came at once: the server asked nobody. If it shows no consent page for more scopes unless told so, set upgradePrompt of the provider profile to consent."
        } else {
            ""
        }
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

fn sentence(begin: &str, moment: &str, requested: &ScopeSet, result: Result<&ScopeSet, &str>) -> String {
    let (verb, came) = match result {
        Ok(granted) => ("granted \"", granted.to_string()),
        Err(code) => ("answered with the error \"", code.to_owned()),
    };
    let asked = [begin, moment, " the server was asked for \"", &requested.to_string()].concat();
    [&asked, "\" and ", verb, &came, "\"."].concat()
}
