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
use crate::core::authorize::{Asker, AuthorizeOptions, Outcome, OutcomeStatus, RequestAnswer, step_up};
use crate::core::error::{ChallengeDetails, Error, Result};
use crate::core::resource::{Challenge, ChallengeKind};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;
use crate::core::session::TokenRequirements;
use crate::core::target::Target;
use crate::host::{ApiRequest, ApiResponse, Pending};

use refusal::Refusal;

pub use options::{FetchError, FetchOptions, OnMissing};

/// A token for a call of an API need not last longer than it takes to get there, seconds.
const API_CALL_MIN_VALIDITY: i64 = 10;

/// An API that refuses what is granted has the token renewed no more often than this, seconds.
const RENEWAL_INTERVAL: i64 = 60;

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

/// What a response says of the token.
enum Verdict {
    /// Nothing: it is the application's.
    Passed,
    /// Another token may help. Where there is none, the call fails with this, or else the response is the application's.
    TokenRejected(Option<Error>),
}

impl Verdict {
    /// What a call comes to that no other token helps.
    fn settle(self, response: ApiResponse) -> Result<ApiResponse, FetchError> {
        match self {
            Verdict::TokenRejected(Some(error)) => Err(error.into()),
            _ => Ok(response),
        }
    }
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

    /// Gets a token and sends the request. Scopes are checked before anything is sent: what is missing then leaves the
    /// body as it is. With `may_renew`, another token is tried where the API does not take this one.
    async fn try_call(
        &self,
        call: &Call<'_>,
        sent: &mut Option<AccessToken>,
        may_renew: bool,
    ) -> Result<ApiResponse, FetchError> {
        let token = or_aborted(call.request, Box::pin(self.token(call.requirements()))).await?;
        self.check_caller(call)?;
        *sent = Some(token.clone());
        let response = self.send_call(call, &token).await?;
        let verdict = self.judge(call, &response)?;
        if may_renew && call.request.is_replayable() && matches!(verdict, Verdict::TokenRejected(_)) {
            let wanted = TokenRequirements {
                force_refresh: true,
                rejected: Some(token.clone()),
                ..call.requirements()
            };
            let renewed = or_aborted(call.request, Box::pin(self.token(wanted))).await;
            let is_for_call = |other: &AccessToken| *other != token && self.check_caller(call).is_ok();
            if let Some(other) = renewed.ok().filter(is_for_call) {
                *sent = Some(other.clone());
                let response = self.send_call(call, &other).await?;
                return self.judge(call, &response)?.settle(response);
            }
        }
        verdict.settle(response)
    }

    /// What a response asks for, as an error.
    fn judge(&self, call: &Call<'_>, response: &ApiResponse) -> Result<Verdict> {
        if !call.api.contains(&response.url) {
            return Err(Error::UntrustedOrigin);
        }
        if !matches!(response.status, 401 | 403) {
            return Ok(Verdict::Passed);
        }
        let header = response.challenge.as_deref().unwrap_or_default();
        let challenge = Challenge::parse(response.status, header);
        self.learn_place(&call.api, challenge.resource_metadata.as_deref());
        // An API that names no scope wants those that the call itself named.
        let is_nameless = challenge.scope.is_empty() && challenge.kind == ChallengeKind::InsufficientScope;
        let named = if is_nameless {
            &call.options.scope
        } else {
            &challenge.scope
        };
        let lacking = self.missing(named, &call.target);
        let details = Box::new(ChallengeDetails {
            status: Some(response.status),
            missing: lacking.filter(&|scope| call.api.may_challenge_for(scope)).to_strings(),
            acr_values: challenge.acr_values.clone(),
            max_age: challenge.max_age,
            claims: challenge.claims.clone(),
        });
        Err(match challenge.kind {
            ChallengeKind::Nothing if response.status == 401 && !challenge.is_readable => {
                let error = Error::ChallengeUnreadable(details);
                return Ok(Verdict::TokenRejected(response.is_challenge_hidden.then_some(error)));
            }
            ChallengeKind::Nothing if response.is_challenge_hidden => Error::ChallengeUnreadable(details),
            ChallengeKind::Nothing => return Ok(Verdict::Passed),
            // It was tried again, or cannot be.
            ChallengeKind::UseDpopNonce => return Ok(Verdict::Passed),
            ChallengeKind::InvalidToken => return Ok(Verdict::TokenRejected(None)),
            ChallengeKind::InsufficientScope if named.is_empty() => Error::ChallengeUnreadable(details),
            // All of it is granted already: an upgrade would not help. A new token may, where this one is from before.
            ChallengeKind::InsufficientScope if lacking.is_empty() => {
                let error = Error::UpgradeLoop(details);
                if self.is_of_some_age(&call.target) {
                    return Ok(Verdict::TokenRejected(Some(error)));
                }
                error
            }
            ChallengeKind::InsufficientScope => Error::InsufficientScope(details),
            ChallengeKind::InsufficientUserAuthentication
                if lacking.is_empty() && self.is_step_up_met(&details, &call.target) =>
            {
                Error::UpgradeLoop(details)
            }
            ChallengeKind::InsufficientUserAuthentication => Error::InsufficientUserAuthentication(details),
        })
    }

    /// Whether a token was issued so long ago that the server may say something else by now.
    fn is_of_some_age(&self, target: &Target) -> bool {
        let session = self.session();
        let grant = session.as_ref().and_then(|session| session.grant(target));
        grant.is_some_and(|grant| self.now() - grant.answered_at() >= RENEWAL_INTERVAL)
    }

    /// Whether the token that was refused came of an authentication as strong and as fresh as the challenge wants. What
    /// claims do nobody can tell: if the server granted them a moment ago, it would do no more.
    fn is_step_up_met(&self, demands: &ChallengeDetails, target: &Target) -> bool {
        if demands.claims.is_some() {
            let answer = self.recent_answer(&ScopeSet::default(), demands, target);
            return answer.is_some_and(|answer| answer.error.is_none());
        }
        let session = self.session();
        // The claims are those of the latest answer, whose grant is the first.
        let latest = session.filter(|session| session.grants().first().is_some_and(|grant| grant.target() == target));
        let found = latest
            .as_ref()
            .and_then(|session| session.claims())
            .map(|claims| claims.authentication());
        found.is_some_and(|found| step_up::is_met(demands.acr_values.as_deref(), demands.max_age, found, self.now()))
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
        let mode = match call.options.on_missing {
            OnMissing::Throw => None,
            OnMissing::Popup => Some(InteractionMode::Popup),
            OnMissing::Redirect => Some(InteractionMode::Redirect),
        };
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
                if is_replaced && (!is_told || self.is_step_up_met(&details, &call.target)) {
                    return Ok(Remedy::Full);
                }
            }
            let asks = !lacking.is_empty() || has_demands;
            let is_back = || self.recent_answer(&lacking, &details, &call.target).is_some();
            let may_ask = || {
                !self.was_denied(&lacking, &call.target)
                    && self.may_ask_together(&lacking)
                    && !(mode == Some(InteractionMode::Redirect) && is_back())
            };
            let Some(mode) = mode.filter(|_| upgraded.is_none() && asks && may_ask()) else {
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

    /// Whether one request may be for all of some scopes. Where not, the application has to ask for them one by one.
    fn may_ask_together(&self, scopes: &ScopeSet) -> bool {
        self.0.config.scopes.check_upgrade(scopes).is_ok()
    }

    fn was_denied(&self, scopes: &ScopeSet, target: &Target) -> bool {
        let session = self.session();
        session.is_some_and(|session| scopes.iter().any(|scope| session.is_denied(target, scope)))
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
