//! Calls of APIs: a token for those who may have one, and at most one upgrade and one more try for each call.

mod options;
mod proof;
mod remedy;

use std::pin::pin;

use futures_util::future::{Either, select};

use super::Client;
use crate::core::apis::{self, Api};
use crate::core::authorize::Asker;
use crate::core::error::{Error, Result};
use crate::core::resource::{ApiCall, Refusal, Verdict};
use crate::core::scope::ScopeSet;
use crate::core::secret::AccessToken;
use crate::core::session::TokenRequirements;
use crate::core::target::Target;
use crate::host::{ApiRequest, ApiResponse};

use remedy::Remedy;

pub(super) use remedy::SharedUpgrade;

pub use options::{FetchError, FetchOptions, OnMissing};

/// A token for a call of an API need not last longer than it takes to get there, seconds.
const API_CALL_MIN_VALIDITY: i64 = 10;

/// A call, and the API that it is for.
struct Call<'a> {
    request: &'a dyn ApiRequest,
    options: &'a FetchOptions,
    api: Api,
    target: Target,
    /// Whose call it is; nothing where nobody was signed in.
    asker: Option<Asker>,
    /// The token that it was sent with last; nothing where it was not sent.
    sent: Option<AccessToken>,
}

impl Client {
    /// Sends a request with the token attached, for URLs in `apis` or of the page's own origin. A 403 insufficient_scope
    /// (RFC 6750) or 401 insufficient_user_authentication (RFC 9470) is an error of that name, or is upgraded and the
    /// request sent once more where that brought something. After a 401 that names the token or no error, or whose
    /// challenge cannot be read, and after a 403 for scopes that are granted, the token is refreshed and the request sent
    /// once more. Every other response is given back as it came.
    pub async fn fetch(&self, request: &dyn ApiRequest, options: &FetchOptions) -> Result<ApiResponse, FetchError> {
        self.check_open()?;
        let mut call = self.call_of(request, options)?;
        self.note_used(&call.api.scope().union(&options.scope), &call.target);
        let first = self.try_with_renewal(&mut call).await;
        let error = match first {
            // A body that was sent and can be read once only cannot be sent again.
            Err(FetchError::Client(error)) if call.sent.is_none() || request.is_replayable() => error,
            other => return other,
        };
        let refusal = Refusal::new(error)?;
        let remedy = or_aborted(request, self.resolve_refusal(&call, &refusal)).await?;
        if remedy == Remedy::None {
            return Err(refusal.error.into());
        }
        let second = self.try_once(&mut call).await;
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
            sent: None,
        })
    }

    /// Sends a call with a token. Where the API does not take it, another one is tried.
    async fn try_with_renewal(&self, call: &mut Call<'_>) -> Result<ApiResponse, FetchError> {
        let token = self.call_token(call, call.requirements()).await?;
        let (response, verdict) = self.send_judged(call, &token).await?;
        if call.request.is_replayable() && matches!(verdict, Verdict::TokenRejected(_)) {
            let wanted = TokenRequirements {
                force_refresh: true,
                rejected: Some(token.clone()),
                ..call.requirements()
            };
            let renewed = self.call_token(call, wanted).await.ok();
            if let Some(other) = renewed.filter(|other| *other != token) {
                let (response, verdict) = self.send_judged(call, &other).await?;
                return Ok(verdict.settle(response)?);
            }
        }
        Ok(verdict.settle(response)?)
    }

    /// Sends a call with a token.
    async fn try_once(&self, call: &mut Call<'_>) -> Result<ApiResponse, FetchError> {
        let token = self.call_token(call, call.requirements()).await?;
        let (response, verdict) = self.send_judged(call, &token).await?;
        Ok(verdict.settle(response)?)
    }

    async fn send_judged(
        &self,
        call: &mut Call<'_>,
        token: &AccessToken,
    ) -> Result<(ApiResponse, Verdict), FetchError> {
        call.sent = Some(token.clone());
        let response = self.send_call(call, token).await?;
        let verdict = self.judge(call, &response);
        Ok((response, verdict))
    }

    /// A token for a call, unless somebody else signed in meanwhile. Scopes are checked before anything is sent: what is
    /// missing then leaves the body as it is.
    async fn call_token(&self, call: &Call<'_>, wanted: TokenRequirements) -> Result<AccessToken, FetchError> {
        let token = or_aborted(call.request, self.token(wanted)).await?;
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
async fn or_aborted<T, E: Into<FetchError>>(
    request: &dyn ApiRequest,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, FetchError> {
    if request.is_aborted() {
        return Err(FetchError::NotAnswered);
    }
    match select(pin!(work), request.aborted()).await {
        Either::Left((result, _)) => result.map_err(Into::into),
        Either::Right(_) => Err(FetchError::NotAnswered),
    }
}
