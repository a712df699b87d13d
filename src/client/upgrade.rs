//! Going back for more scopes, or a stronger authentication, with the session that is there.

use std::future::ready;

use super::Client;
use super::interactive::{SignInOptions, failed};
use crate::core::authorize::{AuthorizationParams, Outcome, RequestIntent};
use crate::core::error::{Error, Result};
use crate::core::scope::ScopeSet;
use crate::core::session::Session;
use crate::core::target::Target;
use crate::host::Pending;

impl Client {
    /// Gets missing scopes: sends the user back through authorization for them. Asks nothing where all are there already,
    /// unless the options want a stronger or fresher authentication, or more than scopes, or nothing is granted for their
    /// target yet. With known metadata the page is left, or the popup sent to the server, when this returns.
    pub fn upgrade(&self, scopes: ScopeSet, options: SignInOptions) -> Pending<'static, Result<Outcome>> {
        self.begin_upgrade(&scopes, options).unwrap_or_else(failed)
    }

    fn begin_upgrade(&self, scopes: &ScopeSet, options: SignInOptions) -> Result<Pending<'static, Result<Outcome>>> {
        self.check_may_begin(&options)?;
        // Another tab may have got what is missing here.
        self.0.store.reload();
        let session = self.session().ok_or(Error::NotSignedIn)?;
        let target = self.target_or_default(options.authorize.target.as_ref()).clone();
        // Another token may take no scope (RFC 8707 §2).
        let is_granted = session.grant(&target).is_some_and(|grant| grant.is_usable(self.now()));
        let always_asks = options.authorize.always_asks() || !is_granted;
        if scopes.is_empty() && !always_asks {
            return Err(Error::invalid_scope_syntax(None));
        }
        self.note_used(scopes, &target);
        let wanted = self.missing(scopes, &target);
        if wanted.is_empty() && !always_asks {
            let outcome = Outcome::nothing_missing(
                scopes.clone(),
                session.granted(&target),
                self.return_to(&options.authorize)?,
                options.authorize.app_state.clone(),
            );
            let details = session.authorization_details(&target);
            return Ok(Box::pin(ready(Ok(outcome.with_authorization_details(details)))));
        }
        let params = self.upgrade_params(&session, &target, scopes, &options)?;
        let surface = self.open_surface(options.mode, &params)?;
        Ok(self.ask_user(params, surface, options.abort))
    }

    /// A request of the session's user for the scopes held and some more.
    pub(super) fn upgrade_params(
        &self,
        session: &Session,
        target: &Target,
        scopes: &ScopeSet,
        options: &SignInOptions,
    ) -> Result<AuthorizationParams> {
        let intent = self.upgrade_intent(session, target, scopes, options)?;
        self.params(&options.authorize, intent)
    }

    pub(super) fn upgrade_intent(
        &self,
        session: &Session,
        target: &Target,
        scopes: &ScopeSet,
        options: &SignInOptions,
    ) -> Result<RequestIntent> {
        let intent = session.upgrade_intent(target, scopes, self.now());
        self.in_mode(options.mode, &options.authorize, intent)
    }
}
