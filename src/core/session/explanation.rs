//! Why a scope is granted, denied or not requested, in words for developers.

use super::{Grant, ScopeStatus, Session};
use crate::core::authorize::RequestAnswer;
use crate::core::provider::ProviderProfile;
use crate::core::scope::ScopeSet;
use crate::core::target::Target;

/// Why a scope is there, or is not.
pub(crate) struct ScopeExplanation<'a> {
    /// The scope.
    pub(crate) scope: &'a str,
    /// How the server spells it.
    pub(crate) profile: &'a ProviderProfile,
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
        let grant = self.grant();
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

    fn grant(&self) -> Option<&Grant> {
        self.session?.grant(self.target)
    }

    /// The answer to the last request that named the scope, where that is not the one that the grant is of.
    fn later_answer(&self) -> Option<&RequestAnswer> {
        let answer = self.answer.as_ref()?;
        let is_of_grant = |grant: &Grant| {
            let is_named = grant.requested.contains(self.scope);
            is_named && grant.answered_at >= answer.at.div_euclid(1000) && answer.error.is_none()
        };
        (!self.grant().is_some_and(is_of_grant)).then_some(answer)
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
            session.status_in_any_spelling(self.profile, self.target, self.scope)
        });
        let parts: &[&str] = match status {
            ScopeStatus::Granted if self.is_returned() => &[" is granted."],
            ScopeStatus::Granted => &[" is granted: another scope carries it."],
            ScopeStatus::Assumed => &[
                " counts as granted: it was requested, and the server's answer could not show it (no scope member, or a scope that it never lists).",
            ],
            ScopeStatus::Denied => &[
                " is denied: it was requested, and ",
                self.who_denied(),
                ". Call upgrade with it when the user asks for what needs it; check that it is defined for this API and allowed for this client.",
                self.prompt_hint(),
            ],
            ScopeStatus::NotRequested if answer.is_some_and(|answer| answer.error.is_some()) => &[
                " was requested, and the server answered with an error. Check that it is defined for this API and allowed for this client.",
                self.prompt_hint(),
            ],
            ScopeStatus::NotRequested if answer.is_some() => &[
                " is not granted any more: the grant is of a later answer, to a request without it. Call upgrade with it when a feature needs it.",
            ],
            ScopeStatus::NotRequested => &[
                " was never requested. Call upgrade with it when a feature needs it",
                self.other_case(),
                ".",
            ],
        };
        ["\"", self.scope, "\"", &self.target_text(), &parts.concat()].concat()
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
        self.grant().is_some_and(|grant| grant.granted.contains(self.scope))
    }

    fn who_denied(&self) -> &'static str {
        let is_denied = |session: &Session| session.is_denied_in_any_spelling(self.profile, self.target, self.scope);
        if self.session.is_some_and(is_denied) {
            "the user or the server said no"
        } else {
            "the server granted other scopes without it"
        }
    }

    fn other_case(&self) -> &'static str {
        let is_same = |grant: &Grant| grant.granted.iter().any(|held| held.eq_ignore_ascii_case(self.scope));
        if self.grant().is_some_and(is_same) {
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
        let params = self.target.params().flat_map(|(name, value)| ["&", name, "=", value]);
        [" (", &params.skip(1).collect::<String>(), ")"].concat()
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
