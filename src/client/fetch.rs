//! Calls of APIs: a token for those who may have one, and at most one upgrade and one more try for each call.

mod options;
mod proof;
mod refusal;

use std::rc::Rc;

use futures_channel::oneshot::{Canceled, Receiver};
use futures_util::future::{Either, select};

use super::Client;
use super::interactive::{InteractionMode, SignInOptions};
use super::shared::{Leader, Shared};
use crate::core::apis::{self, Api};
use crate::core::authorize::{Asker, AuthorizeOptions, Outcome, OutcomeStatus, RequestAnswer};
use crate::core::error::{ChallengeDetails, Error, Result};
use crate::core::resource::{ApiCall, Verdict};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;
use crate::core::session::TokenRequirements;
use crate::core::target::Target;
use crate::host::{ApiRequest, ApiResponse, Pending};

use refusal::Refusal;

pub use options::{FetchError, FetchOptions, OnMissing};

/// A token for a call of an API need not last longer than it takes to get there, seconds.
const API_CALL_MIN_VALIDITY: i64 = 10;

/// Who comes back to a page with an answer is not sent away for the same by a call within so many milliseconds: an API or a
/// server that is not content would send the user round in circles.
const AFTER_ANSWER: i64 = 60_000;

/// Calls leave the page for one upgrade within so many milliseconds. After that it was not left, or the user is back.
const LEAVING: i64 = 2_000;

/// An upgrade that several calls wait for.
#[derive(Default)]
pub(super) struct SharedUpgrade {
    outcome: Rc<Shared<Result<Outcome>>>,
    /// When the page was to be left for it, milliseconds since the epoch.
    left_at: Option<i64>,
}

/// What came of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    /// Nothing: the user was not asked, or said no.
    None,
    /// Some of what was missing is there, or another token. Where an API names all scopes that would do, one may be enough.
    Partial,
    /// All that was missing is there.
    Full,
}

/// A call, and the API that it is for.
struct Call<'a> {
    request: &'a dyn ApiRequest,
    options: &'a FetchOptions,
    api: Api,
    target: Target,
    /// Whose call it is; nothing where nobody was signed in.
    asker: Option<Asker>,
}

impl Client {
    /// Sends a request with the token attached, for URLs in `apis` or of the page's own origin. A 403 insufficient_scope
    /// (RFC 6750) or 401 insufficient_user_authentication (RFC 9470) is an error of that name, or is upgraded and the
    /// request sent once more where that brought something. After a 401 that names the token or no error, or whose
    /// challenge cannot be read, and after a 403 for scopes that are granted, the token is refreshed and the request sent
    /// once more. Every other response is given back as it came.
    pub async fn fetch(&self, request: &dyn ApiRequest, options: &FetchOptions) -> Result<ApiResponse, FetchError> {
        self.check_open()?;
        let call = self.call_of(request, options)?;
        self.note_used(&call.api.scope().union(&options.scope), &call.target);
        let mut sent = None;
        let first = self.try_call(&call, &mut sent, true).await;
        let error = match first {
            // A body that was sent and can be read once only cannot be sent again.
            Err(FetchError::Client(error)) if sent.is_none() || request.is_replayable() => error,
            other => return other,
        };
        let refusal = Refusal {
            missing: ScopeSet::from_answer(error.missing().unwrap_or_default()),
            error,
            sent,
        };
        let remedy = or_aborted(request, Box::pin(self.resolve_refusal(&call, &refusal))).await?;
        if remedy == Remedy::None {
            return Err(refusal.error.into());
        }
        let second = self.try_call(&call, &mut None, false).await;
        second.map_err(|error| match error {
            // The server granted what the API asked for. If the API asks again, another upgrade would not help.
            FetchError::Client(Error::InsufficientScope(details) | Error::InsufficientUserAuthentication(details))
                if remedy == Remedy::Full =>
            {
                Error::UpgradeLoop(details).into()
            }
            other => other,
        })
    }

    /// Checks that nobody else signed in since a call began.
    fn check_caller(&self, call: &Call<'_>) -> Result<()> {
        call.asker.as_ref().map_or(Ok(()), |asker| self.check_asker(asker))
    }

    fn call_of<'a>(&self, request: &'a dyn ApiRequest, options: &'a FetchOptions) -> Result<Call<'a>> {
        let api = apis::find(&self.0.config.apis, request.url(), &self.0.origin).ok_or(Error::UntrustedOrigin)?;
        let target = options
            .target
            .as_ref()
            .or(api.target())
            .unwrap_or(&self.0.config.target)
            .clone();
        Ok(Call {
            request,
            options,
            api,
            target,
            asker: self.session().map(|session| session.asker()),
        })
    }

    /// Gets a token and sends the request. With `may_renew`, another token is tried where the API does not take this one.
    async fn try_call(
        &self,
        call: &Call<'_>,
        sent: &mut Option<AccessToken>,
        may_renew: bool,
    ) -> Result<ApiResponse, FetchError> {
        let token = sent.insert(self.call_token(call, call.requirements()).await?);
        let response = self.send_call(call, token).await?;
        let verdict = self.judge(call, &response);
        if may_renew && call.request.is_replayable() && matches!(verdict, Verdict::TokenRejected(_)) {
            let wanted = TokenRequirements {
                force_refresh: true,
                rejected: Some(token.clone()),
                ..call.requirements()
            };
            let renewed = self.call_token(call, wanted).await.ok();
            if let Some(other) = renewed.filter(|other| *other != *token) {
                *token = other;
                let response = self.send_call(call, token).await?;
                return Ok(self.judge(call, &response).settle(response)?);
            }
        }
        Ok(verdict.settle(response)?)
    }

    /// A token for a call, unless somebody else signed in meanwhile. Scopes are checked before anything is sent: what is
    /// missing then leaves the body as it is.
    async fn call_token(&self, call: &Call<'_>, wanted: TokenRequirements) -> Result<AccessToken, FetchError> {
        let token = or_aborted(call.request, Box::pin(self.token(wanted))).await?;
        self.check_caller(call)?;
        Ok(token)
    }

    fn judge(&self, call: &Call<'_>, response: &ApiResponse) -> Verdict {
        let (verdict, place) = self.with_known(call, |known| known.judge(response));
        self.learn_place(&call.api, place.as_deref());
        verdict
    }

    /// Applies a rule to a call and what is known now.
    fn with_known<T>(&self, call: &Call<'_>, rule: impl FnOnce(&ApiCall<'_>) -> T) -> T {
        rule(&ApiCall {
            api: &call.api,
            target: &call.target,
            scope: &call.options.scope,
            session: self.session().as_deref(),
            now: self.now(),
            was_granted: &|demands| {
                let answer = self.recent_answer(&ScopeSet::default(), demands, &call.target);
                answer.is_some_and(|answer| answer.error.is_none())
            },
        })
    }

    /// What a request for the same came to a moment ago.
    fn recent_answer(&self, scopes: &ScopeSet, demands: &ChallengeDetails, target: &Target) -> Option<RequestAnswer> {
        let (session, now) = (self.session()?, self.now_ms());
        let is_meant = |answer: &RequestAnswer| {
            answer.is_of(scopes, demands) && (answer.at..answer.at + AFTER_ANSWER).contains(&now)
        };
        self.0.transactions.latest_answer(target, Some(session.id()), &is_meant)
    }

    /// Upgrades for what is missing.
    async fn resolve_refusal(&self, call: &Call<'_>, refusal: &Refusal) -> Result<Remedy> {
        let is_step_up = match refusal.error {
            Error::MissingScope(_) | Error::InsufficientScope(_) | Error::UpgradeLoop(_) => false,
            Error::InsufficientUserAuthentication(_) => true,
            _ => return Ok(Remedy::None),
        };
        let details = refusal.error.challenge().cloned().unwrap_or_default();
        let is_told = details.acr_values.is_some() || details.max_age.is_some();
        let has_demands = is_step_up && (is_told || details.claims.is_some());
        let mode = call.options.on_missing.mode();
        let mut upgraded = None;
        let mut is_replaced = false;
        loop {
            self.check_caller(call)?;
            let lacking = self.missing(&refusal.missing, &call.target);
            if lacking.is_empty() {
                let is_granted = upgraded == Some(OutcomeStatus::Granted);
                if is_granted || !refusal.missing.is_empty() && !is_step_up {
                    return Ok(Remedy::Full);
                }
                // The token was replaced while the API answered: the new one may do, as far as can be told.
                is_replaced = refusal.sent.is_some() && Some(self.token(call.requirements()).await?) != refusal.sent;
                if is_replaced && (!is_told || self.with_known(call, |known| known.is_step_up_met(&details))) {
                    return Ok(Remedy::Full);
                }
            }
            let asks = !lacking.is_empty() || has_demands;
            let may_ask = |mode: &InteractionMode| {
                upgraded.is_none() && asks && self.may_ask(*mode, &lacking, &details, &call.target)
            };
            let Some(mode) = mode.filter(may_ask) else {
                let has_more = is_replaced || refusal.sent.is_some() && lacking.len() < refusal.missing.len();
                return Ok(if has_more { Remedy::Partial } else { Remedy::None });
            };
            self.check_not_closed()?;
            let (outcome, is_own) = self.shared_upgrade(call, &refusal.missing, &details, mode);
            match outcome.await {
                Ok(Err(error)) if !is_own && refusal.is_not_meant(&error, &details) => {}
                Ok(outcome) => {
                    let outcome = outcome?;
                    upgraded = is_own.then_some(outcome.status);
                }
                Err(Canceled) => {}
            }
        }
    }

    /// The one upgrade for all calls that wait, and whether it is this call's. It goes on whoever gives up waiting.
    fn shared_upgrade(
        &self,
        call: &Call<'_>,
        missing: &ScopeSet,
        details: &ChallengeDetails,
        mode: InteractionMode,
    ) -> (Receiver<Result<Outcome>>, bool) {
        let (outcome, leader) = self.join_upgrade(mode);
        let is_own = leader.is_some();
        if let Some(leader) = leader {
            let claims = details.claims.clone().map(|claims| ("claims".to_owned(), claims));
            let options = SignInOptions {
                authorize: AuthorizeOptions {
                    target: Some(call.target.clone()),
                    acr_values: details.acr_values.clone(),
                    max_age: details.max_age,
                    params: claims.into_iter().collect(),
                    ..AuthorizeOptions::default()
                },
                mode,
                abort: call.options.abort.clone(),
            };
            let upgrade = self.upgrade(missing.clone(), options);
            self.0.host.spawn(Box::pin(async move {
                let result = upgrade.await;
                leader.finish(&result);
            }));
        }
        (outcome, is_own)
    }

    /// Waits for the upgrade that is under way. One that was to leave the page a while ago is none.
    fn join_upgrade(&self, mode: InteractionMode) -> (Receiver<Result<Outcome>>, Option<Leader<Result<Outcome>>>) {
        let now = self.now_ms();
        let mut upgrading = self.0.upgrading.borrow_mut();
        if upgrading.left_at.is_some_and(|at| !(at..=at + LEAVING).contains(&now)) {
            *upgrading = SharedUpgrade::default();
        }
        let (outcome, leader) = upgrading.outcome.join();
        if leader.is_some() {
            upgrading.left_at = (mode == InteractionMode::Redirect).then_some(now);
        }
        (outcome, leader)
    }

    /// Whether the user may be asked: one request may be for all of the scopes, none of them was denied, and the user is not
    /// just back with an answer to the same. Scopes that cannot go together the application has to ask for one by one.
    fn may_ask(&self, mode: InteractionMode, scopes: &ScopeSet, demands: &ChallengeDetails, target: &Target) -> bool {
        let session = self.session();
        let was_denied = session.is_some_and(|session| scopes.iter().any(|scope| session.is_denied(target, scope)));
        !was_denied
            && self.0.config.scopes.check_upgrade(scopes).is_ok()
            && !(mode == InteractionMode::Redirect && self.recent_answer(scopes, demands, target).is_some())
    }
}

impl Call<'_> {
    fn requirements(&self) -> TokenRequirements {
        TokenRequirements {
            scopes: self.api.scope().union(&self.options.scope),
            target: self.target.clone(),
            min_validity: API_CALL_MIN_VALIDITY,
            ..TokenRequirements::default()
        }
    }
}

/// Waits for something on a call's behalf, for as long as its caller wants it.
async fn or_aborted<T>(request: &dyn ApiRequest, work: Pending<'_, Result<T>>) -> Result<T, FetchError> {
    if request.is_aborted() {
        return Err(FetchError::NotAnswered);
    }
    match select(work, request.aborted()).await {
        Either::Left((result, _)) => Ok(result?),
        Either::Right(_) => Err(FetchError::NotAnswered),
    }
}
