//! Signatures, checked with the keys that the issuer publishes: of ID tokens and userinfo answers where the application
//! wants that, and of authorization responses that are JWTs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::Client;
use super::shared::Shared;
use crate::core::error::{Endpoint, Error, FailedCheck, Result};
use crate::core::jwt::{SignedToken, Unverified};
use crate::core::server::ServerMetadata;
use crate::core::token::Jwks;

/// Seconds between two looks for new keys: tokens with keys that nobody knows must not become requests without end.
const COOLDOWN: i64 = 60;

/// The issuer's keys, as far as they are known.
#[derive(Default)]
pub(super) struct IssuerKeys {
    known: RefCell<Option<Rc<Jwks>>>,
    /// The request for them, while it is under way.
    fetching: Rc<Shared<Result<Rc<Jwks>>>>,
    /// When the client last looked for new ones, seconds since the epoch.
    renewed_at: Cell<Option<i64>>,
}

impl Client {
    /// Checks that signatures can be checked, if they are to be.
    pub(super) fn check_verification(&self, metadata: &ServerMetadata) -> Result<()> {
        if self.0.config.verify_signature {
            Jwks::request(metadata)?;
        }
        Ok(())
    }

    /// Checks a signature. A failure of it is named by `refused`.
    pub(super) async fn verify_signed(
        &self,
        metadata: &ServerMetadata,
        signed: &SignedToken<'_>,
        refused: fn(Box<FailedCheck>) -> Error,
    ) -> Result<()> {
        let keys = self.issuer_keys(metadata).await?;
        let mut verified = self.verify(signed, &keys).await;
        if let Err(failure) = verified
            && failure.may_pass_with_new_keys(signed)
            && let Some(keys) = self.renewed_keys(metadata).await
        {
            verified = self.verify(signed, &keys).await;
        }
        verified.map_err(|failure| refused(failure.into()))
    }

    /// Whether all that takes is known.
    pub(super) fn has_issuer_keys(&self) -> bool {
        !self.0.config.verify_signature || self.0.known.issuer_keys.known.borrow().is_some()
    }

    async fn verify(&self, token: &SignedToken<'_>, keys: &Jwks) -> Result<(), Unverified> {
        let key = keys.key_for(token)?;
        self.0.host.verify(token, &key).await
    }

    /// The issuer's keys, fetched when they are first needed.
    pub(super) async fn issuer_keys(&self, metadata: &ServerMetadata) -> Result<Rc<Jwks>> {
        let known = self.0.known.issuer_keys.known.borrow().clone();
        match known {
            Some(known) => Ok(known),
            None => self.fetch_keys(metadata, true).await,
        }
    }

    /// Fetches the keys again, once in a while; nothing where that is too soon, or they are not to be had.
    async fn renewed_keys(&self, metadata: &ServerMetadata) -> Option<Rc<Jwks>> {
        let now = self.now();
        let last = self.0.known.issuer_keys.renewed_at.get();
        let is_due = last.is_none_or(|last| now - last >= COOLDOWN);
        if is_due {
            self.0.known.issuer_keys.renewed_at.set(Some(now));
        }
        self.fetch_keys(metadata, is_due).await.ok()
    }

    /// What the request for the keys comes to that is under way. Where there is none, one is sent if it may be.
    async fn fetch_keys(&self, metadata: &ServerMetadata, may_send: bool) -> Result<Rc<Jwks>> {
        let leader = loop {
            match self.0.known.issuer_keys.fetching.join() {
                (_, Some(leader)) => break leader,
                // Whoever was about it may not want them any more: this call takes its place then.
                (fetched, None) => {
                    if let Some(fetched) = fetched.get().await {
                        return fetched;
                    }
                }
            }
        };
        if !may_send {
            return Err(Error::IdTokenInvalid(Unverified::NoKey.into()));
        }
        let request = Jwks::request(metadata)?;
        let sent = self.send(&request).await;
        let keys = sent.map_err(|failure| failure.of_repeatable(Endpoint::Jwks));
        let keys = keys.and_then(|response| Jwks::response(&response)).map(Rc::new);
        if let Ok(keys) = &keys {
            self.0.known.issuer_keys.known.replace(Some(keys.clone()));
        }
        leader.finish(&keys);
        keys
    }
}
