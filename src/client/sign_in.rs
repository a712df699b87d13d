//! Signing in (RFC 6749 §4.1, OpenID Connect Core §3.1).

use super::Client;
use super::interactive::{InteractionMode, SignInOptions, failed};
use crate::core::authorize::{AuthorizationParams, AuthorizationRequest, AuthorizeOptions, Outcome, RequestIntent};
use crate::core::error::{Error, Result};
use crate::host::Pending;

impl Client {
    /// Builds a sign-in request without navigating, and stores its transaction. Waits for nothing: it needs known
    /// metadata, given or fetched by [`Client::prepare`], and no request that has to be pushed first.
    pub fn authorize_url(&self, options: &AuthorizeOptions) -> Result<AuthorizationRequest> {
        self.check_open()?;
        let metadata = self.required_metadata()?;
        if metadata.endpoint_for_pushing(self.0.config.par)?.is_some() {
            return Err(Error::invalid_options(
                "authorizeUrl waits for nothing, and this request has to be pushed to the server first (the par option, or the server, requires it): call signIn or upgrade",
            ));
        }
        let params = self.sign_in_params(options, InteractionMode::Redirect)?;
        let built = self.build_request(&metadata, params);
        self.0.transactions.prune(self.now());
        built.map(|(request, _)| request)
    }

    /// Signs in. With known metadata the page is left, or the popup sent to the server, when this returns; but a page that
    /// is being left to sign out stays on that way.
    pub fn sign_in(&self, options: SignInOptions) -> Pending<'static, Result<Outcome>> {
        self.begin_sign_in(options).unwrap_or_else(failed)
    }

    fn begin_sign_in(&self, options: SignInOptions) -> Result<Pending<'static, Result<Outcome>>> {
        self.check_may_begin(&options)?;
        let params = self.sign_in_params(&options.authorize, options.mode)?;
        if options.mode == InteractionMode::Redirect
            && let Some(signed_out) = self.0.under_way.sign_out.wait()
        {
            let client = self.clone();
            return Ok(Box::pin(async move {
                // Finished or not: if the page is still here, it was not left.
                signed_out.get().await;
                client.check_not_closed()?;
                client.sign_in(options).await
            }));
        }
        let surface = self.open_surface(options.mode, &params)?;
        Ok(self.ask_user(params, surface, options.abort))
    }

    fn sign_in_params(&self, options: &AuthorizeOptions, mode: InteractionMode) -> Result<AuthorizationParams> {
        let scope = options.scope.as_ref().unwrap_or(&self.0.config.scope);
        // Where nobody may be asked, more scopes may be too many.
        let recalled = self
            .recall_by_hint(scope, options)
            .filter(|_| mode != InteractionMode::Silent);
        let (scope, recalled_for) = match recalled {
            Some((scope, subject)) => (scope, Some(subject)),
            None => (scope.clone(), None),
        };
        let session = self.session();
        let intent = match &session {
            // A silent sign-in must not change the user: nobody would see it.
            Some(session) if mode == InteractionMode::Silent => session.same_user_intent(scope),
            session => RequestIntent {
                asker: session.as_ref().map(|session| session.asker()),
                ..RequestIntent::sign_in(scope)
            },
        };
        let intent = RequestIntent {
            recalled_for,
            ..self.in_mode(mode, options, intent)?
        };
        self.params(options, intent)
    }
}
