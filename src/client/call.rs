//! Calls of APIs: who may have a token, and what an answer asks for.

use super::Client;
use crate::browser::{clock, json};
use crate::core::api::{self, Api};
use crate::core::challenge::{self, Challenge, Kind};
use crate::core::error::{Code, Error, Result};
use crate::core::grant::Target;
use crate::core::options;
use crate::core::record::{Fields, Record};
use crate::core::scope;
use crate::core::session::Session;
use crate::core::step_up;
use crate::core::text::Text;

impl Client {
    /// What the answer of a call asks for, as an error: `status`, `final_url`, and `header` where it can be read. A text
    /// where another token may help.
    pub fn call_answer(&self, fields: Fields<'_>) -> Result<Text> {
        let (api, target) = self.api(fields)?;
        if !api.stays(fields.text_or_empty("final_url")) {
            return Err(Error::new(Code::UntrustedOrigin));
        }
        let status = fields.number("status").flatten().unwrap_or_default() as u16;
        let asked = challenge::read(status, fields.text_or_empty("header"));
        let own = options::scope(fields)?.unwrap_or_default();
        let named = if asked.scope.is_empty() && asked.kind == Kind::InsufficientScope {
            &own
        } else {
            &asked.scope
        };
        let lacking = self.missing(named, Some(&target));
        let code = match asked.kind {
            Kind::Nothing if fields.has("unreadable") => Code::ChallengeUnreadable,
            Kind::InsufficientScope if named.is_empty() => Code::ChallengeUnreadable,
            // To ask for what is there already would go round in circles.
            Kind::InsufficientScope if lacking.is_empty() => Code::UpgradeLoop,
            Kind::InsufficientUserAuthentication if lacking.is_empty() && self.meets(&asked, &target) => {
                Code::UpgradeLoop
            }
            Kind::InsufficientScope => Code::InsufficientScope,
            Kind::InsufficientUserAuthentication => Code::InsufficientUserAuthentication,
            Kind::InvalidToken => return Ok("renew".into()),
            Kind::Nothing => return Ok(Text::default()),
        };
        Err(Error::new(code)
            .with_status(status)
            .with_missing(&scope::only(&lacking, &|scope| api.allows(scope)))
            .with_step_up(asked.acr_values.as_deref(), asked.max_age))
    }

    /// What an upgrade for a call is for: its target, which of the scopes in `missing` still are, whether the user said
    /// no to one, and what the call uses of the default audience.
    pub fn call_upgrade(&self, fields: Fields<'_>) -> Result<Record> {
        let (api, target) = self.api(fields)?;
        let session = self.session();
        let missing = fields.text_or_empty("missing");
        let mut record = Record::default();
        record.put("target", target.as_str());
        let refused = scope::only(missing, &|scope| {
            !self.covers(scope, Some(&target))
                && session
                    .as_ref()
                    .is_some_and(|session| session.is_refused(&target, scope))
        });
        record.flag("refused", !refused.is_empty());
        record.put("missing", &self.missing(missing, Some(&target)));
        if target == self.target {
            let own = options::scope(fields)?.unwrap_or_default();
            record.put("used", &api.scope.union(&own).union(missing));
        }
        Ok(record)
    }

    /// Whether the token that was refused came of an authentication as strong and as fresh as the challenge wants.
    fn meets(&self, asked: &Challenge, target: &Target) -> bool {
        let session = self.session();
        // The claims are those of the latest answer, whose grant is the first.
        let session = session.filter(|session| session.grants().next().is_some_and(|grant| grant.is_for(target)));
        let claims = session.as_ref().and_then(Session::claims).and_then(json::parse);
        claims.is_some_and(|claims| step_up::is_met(asked.acr_values.as_deref(), asked.max_age, &claims, clock::now()))
    }

    pub(super) fn api(&self, fields: Fields<'_>) -> Result<(Api, Target)> {
        let api = api::find(self.options.apis(), fields.text_or_empty("url"), &self.origin);
        let api = api.ok_or_else(|| Error::new(Code::UntrustedOrigin))?;
        let own = Target::parse(fields)?.or(api.target.clone());
        Ok((api, own.unwrap_or_else(|| self.target.clone())))
    }
}
