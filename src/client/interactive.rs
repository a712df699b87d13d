//! Sending the user to the authorization server: by leaving the page, in a popup, or silently in a hidden frame.

use std::fmt;
use std::future::{pending, ready};
use std::rc::Rc;

use super::Client;
use super::callback::{FoundCallback, Waiting};
use super::dpop::ProofKey;
use crate::core::authorize::{
    AuthorizationParams, AuthorizationRequest, AuthorizeOptions, Outcome, PendingRequest, RequestIntent, ResponseMode,
    Transaction, return_to,
};
use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::{Request, Sent};
use crate::core::secret::State;
use crate::core::server::ServerMetadata;
use crate::host::{AbortSignal, NoResponse, Pending, Popup, WindowRequest};

/// How the user is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InteractionMode {
    /// The page is left, and the outcome comes from `handle_callback` afterwards.
    #[default]
    Redirect,
    /// In a popup.
    Popup,
    /// Not at all: in a hidden frame, with prompt=none.
    Silent,
}

/// Options of a sign-in or an upgrade.
///
/// ```
/// use scopewise::{AuthorizeOptions, InteractionMode, SignInOptions};
///
/// let request = AuthorizeOptions::default().with_return_to("/calendar");
/// let options = SignInOptions::new(InteractionMode::Popup).with_authorize(request);
/// assert_eq!(options.mode, InteractionMode::Popup);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SignInOptions {
    /// Of the request.
    pub authorize: AuthorizeOptions,
    /// How the user is asked.
    pub mode: InteractionMode,
    /// The caller may not want to wait any more.
    pub abort: Option<Rc<dyn AbortSignal>>,
}

impl fmt::Debug for SignInOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInOptions")
            .field("authorize", &self.authorize)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl SignInOptions {
    /// Options for a mode.
    pub fn new(mode: InteractionMode) -> SignInOptions {
        SignInOptions {
            mode,
            ..SignInOptions::default()
        }
    }

    /// Sets the options of the request.
    #[must_use]
    pub fn with_authorize(mut self, authorize: AuthorizeOptions) -> SignInOptions {
        self.authorize = authorize;
        self
    }

    /// Lets the caller stop waiting.
    #[must_use]
    pub fn with_abort(mut self, abort: Rc<dyn AbortSignal>) -> SignInOptions {
        self.abort = Some(abort);
        self
    }
}

/// Where the user is asked.
pub(super) enum Surface {
    /// This page.
    Page,
    /// A popup, which is closed in the end.
    Popup(OpenPopup),
    /// A hidden frame, some milliseconds at the most.
    Frame(u32),
}

/// A popup that does not outlive the call that opened it.
pub(super) struct OpenPopup(Rc<dyn Popup>);

impl Drop for OpenPopup {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Client {
    /// Opens the surface of a mode: in the click, before anything is awaited. Later the browser would block a popup.
    pub(super) fn open_surface(&self, mode: InteractionMode, params: &AuthorizationParams) -> Result<Surface> {
        Ok(match mode {
            InteractionMode::Redirect => Surface::Page,
            InteractionMode::Silent => Surface::Frame(self.0.config.timeout),
            InteractionMode::Popup => {
                let popup = self.0.host.open_popup();
                Surface::Popup(OpenPopup(popup.ok_or_else(|| params.failed(Error::PopupBlocked))?))
            }
        })
    }

    /// Asks the user. With known metadata everything up to the navigation is done when this returns.
    pub(super) fn ask_user(
        &self,
        params: AuthorizationParams,
        surface: Surface,
        abort: Option<Rc<dyn AbortSignal>>,
    ) -> Pending<'static, Result<Outcome>> {
        let client = self.clone();
        match self.known_metadata() {
            Some(metadata) => match self.start(&metadata, params, &surface) {
                Ok(request) => Box::pin(async move { client.answer(request, surface, abort).await }),
                Err(error) => failed(error),
            },
            None => Box::pin(async move {
                let metadata = client.metadata().await.map_err(|error| params.failed(error))?;
                if abort.as_deref().is_some_and(AbortSignal::is_aborted) || client.0.is_closed.get() {
                    return Err(params.failed(Error::Aborted));
                }
                let request = client.start(&metadata, params, &surface)?;
                client.answer(request, surface, abort).await
            }),
        }
    }

    /// Builds a request, stores its transaction and, unless the request is pushed first, navigates. Waits for nothing.
    fn start(
        &self,
        metadata: &ServerMetadata,
        params: AuthorizationParams,
        surface: &Surface,
    ) -> Result<AuthorizationRequest> {
        let leaves = matches!(surface, Surface::Page);
        // A frame in a frame may be cut off from its cookies, and its parent is not the page that is used.
        if !matches!(surface, Surface::Popup(_)) && self.0.host.is_framed() {
            return Err(params.failed(Error::FrameBlocked));
        }
        let (request, is_kept) = self.build_request(metadata, params)?;
        let started = if leaves && !is_kept {
            Err(Error::StorageUnavailable)
        } else if request.push.is_some() {
            Ok(())
        } else {
            self.navigate(&request, surface)
        };
        // Last, so that nobody waits for it.
        self.0.transactions.prune(self.now());
        match started {
            Ok(()) => Ok(request),
            Err(error) => Err(self.given_up(&request, error)),
        }
    }

    /// Whether a call with such options may begin.
    pub(super) fn check_may_begin(&self, options: &SignInOptions) -> Result<()> {
        self.check_open()?;
        if options.abort.as_deref().is_some_and(AbortSignal::is_aborted) {
            return Err(Error::Aborted);
        }
        Ok(())
    }

    /// What a request is for, asked in a mode.
    pub(super) fn in_mode(
        &self,
        mode: InteractionMode,
        options: &AuthorizeOptions,
        intent: RequestIntent,
    ) -> Result<RequestIntent> {
        Ok(RequestIntent {
            return_to: self.return_to(options)?,
            in_window: mode != InteractionMode::Redirect,
            is_silent: mode == InteractionMode::Silent,
            ..intent
        })
    }

    /// What a caller says of a request, and what it is for.
    pub(super) fn params(&self, options: &AuthorizeOptions, intent: RequestIntent) -> Result<AuthorizationParams> {
        if options.response_mode == Some(ResponseMode::QueryJwt) && !self.0.host.has_signatures() {
            return Err(Error::needs_secure_context("\"responseMode\" query.jwt"));
        }
        AuthorizationParams::new(&self.0.config, options, intent)
    }

    fn navigate(&self, request: &AuthorizationRequest, surface: &Surface) -> Result<()> {
        match surface {
            Surface::Page if !self.0.host.leave(&request.url) => return Err(Error::StorageUnavailable),
            Surface::Popup(popup) => popup.0.navigate(&request.url),
            // What loads a frame also waits for its answer.
            Surface::Page | Surface::Frame(_) => {}
        }
        Ok(())
    }

    /// Pushes a request, if it has to be (RFC 9126), and navigates where the answer says.
    async fn push(
        &self,
        mut request: AuthorizationRequest,
        surface: &Surface,
        abort: Option<&dyn AbortSignal>,
    ) -> Result<AuthorizationRequest> {
        let Some(push) = request.push.take() else {
            return Ok(request);
        };
        let sent = self.send_pushed(&push).await;
        let pushed = self
            .check_wanted(&request, abort)
            .and_then(|()| sent.map_err(|failure| failure.of_repeatable(Endpoint::PushedAuthorization)))
            .and_then(|response| request.pushed(&response))
            .and_then(|()| self.navigate(&request, surface));
        match pushed {
            Ok(()) => Ok(request),
            Err(error) => {
                let is_refused = error.server_error().is_some();
                let refused = |error| self.refused(&request.state, &request.pending, error);
                let error = if is_refused { refused(error) } else { error };
                Err(self.given_up(&request, error))
            }
        }
    }

    /// With a proof the code is bound to the key, too (RFC 9449 §10.1): only where the page that comes back has it.
    async fn send_pushed(&self, push: &Request) -> Sent {
        // Without a key the code is bound to none, and whoever asks for tokens says what is wrong.
        let key = self.key_for_new_tokens().await.ok().flatten();
        self.send_with_proof(push, key.filter(ProofKey::is_kept).as_ref()).await
    }

    /// Whether the caller still waits, and whoever asked is still there.
    fn check_wanted(&self, request: &AuthorizationRequest, abort: Option<&dyn AbortSignal>) -> Result<()> {
        if abort.is_some_and(AbortSignal::is_aborted) {
            return Err(Error::Aborted);
        }
        self.check_not_closed()?;
        if !self.is_under_way(&request.state) || self.has_asker_left(&request.pending) {
            return Err(Error::TransactionMissing);
        }
        Ok(())
    }

    /// Whether the session that asks is over, while the page that asks is still there.
    fn has_asker_left(&self, request: &PendingRequest) -> bool {
        request.is_of_former_session(self.session().as_deref(), self.0.store.note(), false)
    }

    /// Whether a request waits for its response.
    pub(super) fn is_under_way(&self, state: &State) -> bool {
        matches!(self.0.transactions.get(state), Some(Transaction::Pending(_)))
    }

    /// The server's error, which is noted as the answer to the request, with what is known of it.
    pub(super) fn refused(&self, state: &State, request: &PendingRequest, error: Error) -> Error {
        self.finish_transaction(state, request, Err(&error));
        self.forget_refused(request, &error);
        let error = self.0.config.provider.explain(error);
        self.with_scopes(error, &request.requested)
    }

    /// The failure of a request that is over: an answer that comes later is refused.
    fn given_up(&self, request: &AuthorizationRequest, error: Error) -> Error {
        self.0.transactions.remove_failed(&request.state);
        request.pending.failed(error)
    }

    /// Builds a request and stores its transaction; also says whether it is kept where a redirect finds it again.
    pub(super) fn build_request(
        &self,
        metadata: &ServerMetadata,
        params: AuthorizationParams,
    ) -> Result<(AuthorizationRequest, bool)> {
        let host = &self.0.host;
        let entropy = [host.random()?, host.random()?, host.random()?];
        let mut request = params.request(&self.0.config, metadata, &entropy, self.now())?;
        // A sign-out ends what is under way, also what had to wait for the metadata.
        if self.has_asker_left(&request.pending) {
            return Err(request.pending.failed(Error::TransactionMissing));
        }
        request.pending.last_sign_out = self.0.store.stored_note();
        self.give_way_to(&request);
        let transaction = Transaction::Pending(Box::new(request.pending.clone()));
        let is_kept = self.0.transactions.save(&request.state, &transaction);
        Ok((request, is_kept))
    }

    /// Pushes the request where it has to be, waits for the response and handles it. A page that is left waits for ever.
    async fn answer(
        &self,
        request: AuthorizationRequest,
        surface: Surface,
        abort: Option<Rc<dyn AbortSignal>>,
    ) -> Result<Outcome> {
        let request = self.push(request, &surface, abort.as_deref()).await?;
        let window_request = WindowRequest {
            url: &request.url,
            state: request.state.secret(),
            abort: abort.as_deref(),
        };
        let answer = match &surface {
            Surface::Page => {
                // It may wait for long, and the verifier is in there.
                drop(request);
                return pending().await;
            }
            Surface::Popup(popup) => self.0.host.ask_popup(popup.0.clone(), window_request).await,
            Surface::Frame(timeout) => self.0.host.ask_frame(window_request, *timeout).await,
        };
        drop(surface);
        match self.find_answer(answer).await {
            Ok(Some(callback)) if *callback.state() == request.state => {
                let outcome = self.complete_callback(&callback).await;
                // The code was not used, and nobody will bring this answer again.
                if self.is_under_way(&request.state) {
                    self.0.transactions.remove(&request.state);
                }
                outcome
            }
            found => {
                // Outside of the redirect URI's query a response is one only for as long as its request is under way.
                let error = found.err().or_else(|| self.check_wanted(&request, None).err());
                Err(self.given_up(&request, error.unwrap_or(Error::ResponseMalformed)))
            }
        }
    }

    /// The verified response in the URL that a popup or a frame came to.
    async fn find_answer(&self, answer: Result<String, NoResponse>) -> Result<Option<FoundCallback>> {
        match self.find_callback(Some(&answer?), Waiting::Here)? {
            Some(found) => self.verified(found).await.map(Some),
            None => Ok(None),
        }
    }

    /// Where the user wants to be afterwards: what the application says, by default where they are.
    pub(super) fn return_to(&self, options: &AuthorizeOptions) -> Result<String> {
        let parse = |text: &str| return_to::parse(text, &self.0.origin, &self.0.callback_url);
        match &options.return_to {
            Some(text) => parse(text),
            None => Ok(parse(&self.url_without_response()).unwrap_or_else(|_| "/".to_owned())),
        }
    }
}

impl From<NoResponse> for Error {
    fn from(reason: NoResponse) -> Error {
        match reason {
            NoResponse::Aborted => Error::Aborted,
            NoResponse::Closed => Error::PopupClosed,
            NoResponse::Timeout => Error::SilentTimeout,
            NoResponse::Unavailable => Error::StorageUnavailable,
        }
    }
}

/// A call that failed before anything was awaited.
pub(super) fn failed<T: 'static>(error: Error) -> Pending<'static, Result<T>> {
    Box::pin(ready(Err(error)))
}
