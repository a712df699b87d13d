//! Calls of APIs: who may have a token, and what an answer asks for.

use super::Client;
use crate::core::api::{self, Api};
use crate::core::challenge::{self, Kind};
use crate::core::error::{Code, Error, Result};
use crate::core::grant::Target;
use crate::core::options;
use crate::core::record::{Fields, Record};
use crate::core::scope;
use crate::core::text::Text;

/// A token need not last longer than it takes to get there.
const SECONDS: i64 = 10;

impl Client {
    /// The token for a call of an API: `url`, and the caller's `scope`, `audience` and `resource`.
    pub fn call_token(&self, fields: Fields<'_>) -> Result<Text> {
        let (api, target) = self.api(fields)?;
        let scopes = scope::union(&api.scope, options::scope(fields)?.as_deref().unwrap_or_default());
        self.access_token(&scopes, Some(&target), SECONDS)
    }

    /// What the answer of a call asks for, as an error: `status`, `final_url`, and `header` where it can be read.
    pub fn call_answer(&self, fields: Fields<'_>) -> Result<()> {
        let (api, target) = self.api(fields)?;
        if !api.stays(fields.text_or_empty("final_url")) {
            return Err(Error::new(Code::UntrustedOrigin));
        }
        let status = fields.number("status").flatten().unwrap_or_default() as u16;
        let asked = challenge::read(status, fields.text_or_empty("header"));
        let own = options::scope(fields)?.unwrap_or_default();
        let named = if asked.scope.is_empty() { &own } else { &asked.scope };
        let allowed = scope::only(named, &|scope| api.allows(scope));
        match asked.kind {
            Kind::Nothing if fields.has("unreadable") => Err(Error::new(Code::ChallengeUnreadable)),
            Kind::InsufficientScope if named.is_empty() => Err(Error::new(Code::ChallengeUnreadable)),
            Kind::InsufficientScope => {
                let missing = self.missing(&allowed, Some(&target));
                // To ask for what is there already would go round in circles.
                let is_loop = missing.is_empty() && !allowed.is_empty();
                let code = if is_loop {
                    Code::UpgradeLoop
                } else {
                    Code::InsufficientScope
                };
                Err(Error::new(code).with_missing(&missing))
            }
            Kind::InsufficientUserAuthentication => {
                let error = Error::new(Code::InsufficientUserAuthentication);
                let missing = self.missing(&scope::only(&asked.scope, &|scope| api.allows(scope)), Some(&target));
                Err(error
                    .with_step_up(asked.acr_values.as_deref(), asked.max_age)
                    .with_missing(&missing))
            }
            Kind::Nothing | Kind::InvalidToken => Ok(()),
        }
    }

    /// What an upgrade for a call is for, and those of the error's scopes to which the user said no.
    pub fn call_upgrade(&self, fields: Fields<'_>) -> Result<Record> {
        let (_, target) = self.api(fields)?;
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
        Ok(record)
    }

    fn api(&self, fields: Fields<'_>) -> Result<(Api, Target)> {
        let api = api::find(self.options.apis(), fields.text_or_empty("url"), &self.origin);
        let api = api.ok_or_else(|| Error::new(Code::UntrustedOrigin))?;
        let own = Target::parse(fields)?.or(api.target.clone());
        Ok((api, own.unwrap_or_else(|| self.target.clone())))
    }
}
