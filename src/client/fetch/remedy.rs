//! What is done about a call that was refused: the user is asked, once for all calls that wait.

use std::rc::Rc;

use super::{Call, Client};
use crate::client::interactive::{InteractionMode, SignInOptions};
use crate::client::shared::{Leader, Shared, SharedResult};
use crate::core::authorize::{AuthorizeOptions, Outcome, OutcomeStatus, RequestAnswer};
use crate::core::demands::Demands;
use crate::core::error::Result;
use crate::core::resource::{Asked, Refusal};
use crate::core::scope::ScopeSet;
use crate::core::session::Session;
use crate::core::target::Target;

/// Who comes back to a page with an answer is not sent away for the same by a call within so many milliseconds: an API or a
/// server that is not content would send the user round in circles.
const AFTER_ANSWER: i64 = 60_000;

/// Calls leave the page for one upgrade within so many milliseconds. After that it was not left, or the user is back.
const LEAVING: i64 = 2_000;

type SharedOutcome = SharedResult<Result<Outcome>>;
type OutcomeLeader = Leader<Result<Outcome>>;

/// An upgrade that several calls wait for.
#[derive(Default)]
pub(in crate::client) struct SharedUpgrade {
    outcome: Rc<Shared<Result<Outcome>>>,
    asked: Asked,
    /// When the page was to be left for it, milliseconds since the epoch.
    left_at: Option<i64>,
}

/// What came of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: the user was not asked, or said no.
    None,
    /// Some of what was missing is there, or another token. Where an API names all scopes that would do, one may be enough.
    Partial,
    /// All that was missing is there.
    Full,
}

impl Client {
    /// Upgrades for what is missing, where the call may ask the user.
    pub(super) async fn resolve_refusal(&self, call: &Call<'_>, refusal: &Refusal) -> Result<Remedy> {
        let mut upgraded = None;
        loop {
            self.check_caller(call)?;
            let lacking = self.missing(&refusal.missing, &call.target);
            let remedy = match upgraded {
                Some(OutcomeStatus::Granted) => Remedy::Full,
                _ => self.remedy_at_hand(call, refusal, &lacking).await?,
            };
            let asks = remedy != Remedy::Full && upgraded.is_none() && refusal.asks_for(&lacking);
            let may_ask =
                |mode: &InteractionMode| asks && self.may_ask(*mode, &lacking, &refusal.demands, &call.target);
            let Some(mode) = call.options.on_missing.mode().filter(may_ask) else {
                return Ok(remedy);
            };
            self.check_not_closed()?;
            let (outcome, theirs) = self.shared_upgrade(call, refusal, mode);
            let is_own = theirs.is_none();
            match (outcome.get().await, theirs) {
                (Some(Err(error)), Some(theirs)) if refusal.is_not_meant(&error, &call.target, &theirs) => {}
                (Some(outcome), _) => {
                    let outcome = outcome?;
                    upgraded = is_own.then_some(outcome.status);
                }
                (None, _) => {}
            }
        }
    }

    /// What the session has by now for a call, whoever got it.
    async fn remedy_at_hand(&self, call: &Call<'_>, refusal: &Refusal, lacking: &ScopeSet) -> Result<Remedy> {
        let mut has_more = call.sent.is_some() && lacking.len() < refusal.missing.len();
        if lacking.is_empty() {
            // Nothing was sent for want of a token, and there is one by now.
            let has_token = || call.sent.is_none() && self.stored_access_token(&call.target).is_some();
            if !refusal.missing.is_empty() && !refusal.is_step_up || has_token() {
                return Ok(Remedy::Full);
            }
            // The token was replaced while the API answered: the new one may do, as far as can be told.
            let is_replaced = call.sent.is_some() && Some(self.token(call.requirements()).await?) != call.sent;
            let demands = &refusal.demands;
            let may_do =
                || !demands.are_of_authentication() || self.with_known(call, |known| known.is_step_up_met(demands));
            if is_replaced && may_do() {
                return Ok(Remedy::Full);
            }
            has_more |= is_replaced;
        }
        Ok(if has_more { Remedy::Partial } else { Remedy::None })
    }

    /// The one upgrade for all calls that wait, and what it asks for where it is another call's. It goes on whoever gives up
    /// waiting.
    fn shared_upgrade(
        &self,
        call: &Call<'_>,
        refusal: &Refusal,
        mode: InteractionMode,
    ) -> (SharedOutcome, Option<Asked>) {
        let asks_for = Asked {
            target: call.target.clone(),
            demands: refusal.demands.clone(),
        };
        let (outcome, leader) = match self.join_upgrade(mode, &asks_for) {
            (outcome, Ok(leader)) => (outcome, leader),
            (outcome, Err(theirs)) => return (outcome, Some(theirs)),
        };
        let Asked { target, demands } = asks_for;
        let options = SignInOptions {
            authorize: AuthorizeOptions::default().with_target(target).with_demands(demands),
            mode,
            abort: call.options.abort.clone(),
        };
        let upgrade = self.upgrade(refusal.missing.clone(), options);
        self.0.host.spawn(Box::pin(async move {
            let result = upgrade.await;
            leader.finish(&result);
        }));
        (outcome, None)
    }

    /// Waits for the upgrade that is under way, and says what it asks for; or has this call make one. One that was to leave
    /// the page a while ago is none.
    fn join_upgrade(&self, mode: InteractionMode, asks_for: &Asked) -> (SharedOutcome, Result<OutcomeLeader, Asked>) {
        let now = self.now_ms();
        let mut upgrading = self.0.under_way.upgrade.borrow_mut();
        if upgrading.left_at.is_some_and(|at| !(at..=at + LEAVING).contains(&now)) {
            *upgrading = SharedUpgrade::default();
        }
        let (outcome, leader) = upgrading.outcome.join();
        if leader.is_some() {
            upgrading.left_at = (mode == InteractionMode::Redirect).then_some(now);
            upgrading.asked = asks_for.clone();
        }
        (outcome, leader.ok_or_else(|| upgrading.asked.clone()))
    }

    /// Whether the user may be asked: one request may be for all of the scopes, none of them was denied, and the user is not
    /// just back with an answer to the same. Scopes that cannot go together the application has to ask for one by one.
    fn may_ask(&self, mode: InteractionMode, scopes: &ScopeSet, demands: &Demands, target: &Target) -> bool {
        let (session, provider) = (self.session(), &self.0.config.provider);
        let is_denied = |session: &Session, scope: &str| session.is_denied_in_any_spelling(provider, target, scope);
        let was_denied = session.is_some_and(|session| scopes.iter().any(|scope| is_denied(&session, scope)));
        !was_denied
            && self.0.config.scopes.check_upgrade(scopes).is_ok()
            && !(mode == InteractionMode::Redirect && self.recent_answer(scopes, demands, target).is_some())
    }

    /// What a request for the same came to a moment ago.
    pub(super) fn recent_answer(&self, scopes: &ScopeSet, demands: &Demands, target: &Target) -> Option<RequestAnswer> {
        let (session, now) = (self.session()?, self.now_ms());
        let is_meant = |answer: &RequestAnswer| {
            answer.is_of(scopes, demands) && (answer.at..answer.at + AFTER_ANSWER).contains(&now)
        };
        self.0.transactions.latest_answer(target, Some(session.id()), &is_meant)
    }
}
