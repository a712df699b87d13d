//! Signing out (RFC 7009, OpenID Connect RP-Initiated Logout 1.0).

use std::rc::Rc;

use super::Client;
use crate::core::end_session;
use crate::core::error::Result;
use crate::core::server::ServerMetadata;
use crate::core::session::Session;
use crate::host::TabEvent;

/// Options of `sign_out`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SignOutOptions {
    /// `post_logout_redirect_uri`: a URL registered with the server, or a path of this origin.
    pub return_to: Option<String>,
    /// Only end the session, in every tab, and stay on the page. Nothing is revoked.
    pub is_local: bool,
    /// Also forget which scopes this user granted before; where nobody is signed in, all that is remembered here.
    pub forget: bool,
}

impl SignOutOptions {
    /// Only ends the session, in every tab, and stays on the page.
    pub fn local() -> SignOutOptions {
        SignOutOptions {
            is_local: true,
            ..SignOutOptions::default()
        }
    }

    /// Also forgets which scopes this user granted before; where nobody is signed in, all that is remembered here.
    #[must_use]
    pub fn with_forget(mut self) -> SignOutOptions {
        self.forget = true;
        self
    }

    /// Sets where the user comes back to: a URL registered with the server, or a path of this origin.
    #[must_use]
    pub fn with_return_to(mut self, url: impl Into<String>) -> SignOutOptions {
        self.return_to = Some(url.into());
        self
    }
}

impl Client {
    /// Ends the session in every tab, whatever the network does. Then, unless it is local, revokes its tokens and leaves
    /// for the end-session endpoint, where the server has these. Who signs in by leaving the page waits until it is over.
    pub async fn sign_out(&self, options: SignOutOptions) -> Result<()> {
        self.check_open()?;
        let return_to = options.return_to.as_deref();
        let return_to = return_to
            .map(|text| end_session::return_uri(text, &self.0.origin))
            .transpose()?;
        let leader = self.0.under_way.sign_out.join().1.filter(|_| !options.is_local);
        if options.forget {
            self.0.store.load_remembered().await;
        }
        let session = self.0.store.update(|_| self.end_session(&options)).await;
        let Some(session) = session.filter(|_| !options.is_local) else {
            return Ok(());
        };
        // The session has ended here. A server that cannot be reached is no error.
        let Ok(metadata) = self.metadata().await else {
            return Ok(());
        };
        let metadata = self.revoke_all(metadata, &session).await;
        if self.0.host.is_offline() {
            return Ok(());
        }
        self.check_not_closed()?;
        let entropy = self.0.host.random()?;
        let url = end_session::url(&metadata, &self.0.config, &session, return_to.as_deref(), &entropy);
        if let Some(url) = url {
            self.0.host.leave(&url);
            // A page that is still here after so long was not left.
            let timer = || self.timer(self.0.config.timeout, |client| drop(client.0.under_way.leaving.take()));
            self.0.under_way.leaving.replace(leader.map(|leader| (leader, timer())));
        }
        Ok(())
    }

    /// Forgets the session and every request that is under way.
    fn end_session(&self, options: &SignOutOptions) -> Option<Rc<Session>> {
        let session = self.session();
        if options.forget {
            self.forget_user(session.as_deref());
        }
        let event = match options.is_local {
            true => TabEvent::SignedOutLocally,
            false => TabEvent::SignedOut,
        };
        self.0.store.sign_out(self.now_ms(), event);
        self.0.transactions.remove_ended(self.0.store.note());
        session
    }

    /// Revokes what this tab alone held when another one signed out. Whoever hears of that only later revokes nothing: the
    /// user may have signed in again, and servers end all that a user granted with one of its tokens.
    pub(super) async fn revoke_in_time(&self, session: Option<Rc<Session>>) {
        let (now, timeout) = (self.now_ms(), self.0.config.timeout);
        let is_in_time = self.0.store.note().is_some_and(|note| note.is_within(timeout, now));
        if let Some(session) = session.filter(|_| is_in_time)
            && let Ok(metadata) = self.metadata().await
        {
            self.revoke_all(metadata, &session).await;
        }
    }

    /// Best effort, and all of it in the time of one request.
    async fn revoke_all(&self, mut metadata: Rc<ServerMetadata>, session: &Session) -> Rc<ServerMetadata> {
        let mut timeout = self.0.config.timeout;
        if metadata.revocation_endpoint.is_none() && !self.0.is_metadata_given {
            timeout /= 2;
            metadata = self.with_revocation_endpoint(metadata, timeout).await;
        }
        let requests = end_session::revocations(&metadata, &self.0.config.client_id, session);
        timeout /= u32::try_from(requests.len()).unwrap_or(u32::MAX).max(1);
        for request in &requests {
            drop(self.0.host.send(request, timeout).await);
        }
        metadata
    }

    /// Some servers name their revocation endpoint in one of the two documents only, and discovery ends with the first.
    async fn with_revocation_endpoint(&self, metadata: Rc<ServerMetadata>, timeout: u32) -> Rc<ServerMetadata> {
        let config = &self.0.config;
        let [_, request] = ServerMetadata::requests(&config.issuer);
        let sent = self.0.host.send(&request, timeout).await.ok();
        let found = sent.and_then(|response| ServerMetadata::response(&response, &config.expected_issuer).ok());
        let Some(endpoint) = found.and_then(|found| found.revocation_endpoint) else {
            return metadata;
        };
        let completed = Rc::new(ServerMetadata {
            revocation_endpoint: Some(endpoint),
            ..(*metadata).clone()
        });
        self.learn(completed.clone());
        completed
    }
}
