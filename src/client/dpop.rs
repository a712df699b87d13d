//! Proofs of possession (RFC 9449): the client's key, what is sent with it, and a proof for applications that send by
//! themselves.

use std::cell::RefCell;
use std::rc::Rc;

use super::Client;
use super::store::Audience;
use crate::core::apis;
use crate::core::authorize::pkce::random_text;
use crate::core::dpop::{self, Nonces, Proof, PublicKey};
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Sent, TransportError};
use crate::core::secret::AccessToken;
use crate::core::session::{Event, Session};
use crate::host::SigningKey;

/// The key and the servers' nonces, as far as they are known.
#[derive(Default)]
pub(super) struct ProofState {
    key: RefCell<Option<ProofKey>>,
    /// The authorization server's.
    server_nonces: RefCell<Nonces>,
    /// Those of APIs, which may be of the same origin.
    api_nonces: RefCell<Nonces>,
}

/// A key that tokens are bound to.
#[derive(Clone)]
pub(super) struct ProofKey {
    signing: Rc<dyn SigningKey>,
    public: PublicKey,
}

impl ProofKey {
    fn new(signing: Rc<dyn SigningKey>) -> ProofKey {
        ProofKey {
            public: signing.public_key(),
            signing,
        }
    }

    pub(super) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Whether it is still there when the page comes back from somewhere else.
    pub(super) fn is_kept(&self) -> bool {
        self.signing.is_kept()
    }
}

/// Options of `dpop_proof`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DpopProofOptions {
    /// The access token that goes with it. Default: the one that `fetch` would send to the URL.
    pub access_token: Option<AccessToken>,
    /// The API's latest `DPoP-Nonce`, which counts from now on.
    pub nonce: Option<String>,
}

impl DpopProofOptions {
    /// Names the access token that goes with the proof.
    #[must_use]
    pub fn with_access_token(mut self, token: AccessToken) -> DpopProofOptions {
        self.access_token = Some(token);
        self
    }

    /// Passes on the API's latest `DPoP-Nonce`.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Into<String>) -> DpopProofOptions {
        self.nonce = Some(nonce.into());
        self
    }
}

impl Client {
    /// A proof for a request that the application sends by itself (RFC 9449 §7), to a URL that `fetch` would send a token
    /// to. It is good for one request.
    pub async fn dpop_proof(&self, url: &str, method: &str, options: DpopProofOptions) -> Result<String> {
        self.check_open()?;
        let url = self.0.host.resolve(url);
        let url = url.ok_or_else(|| Error::invalid_options("\"url\" must be a URL"))?;
        let api = apis::find(&self.0.config.apis, &url, &self.0.origin).ok_or(Error::UntrustedOrigin)?;
        let token = match options.access_token {
            // One that the session has says by itself which key it is bound to.
            Some(token) => self.held_token(token),
            None => {
                let mut wanted = self.default_requirements();
                wanted.target = api.target().unwrap_or(&wanted.target).clone();
                self.token(wanted).await?
            }
        };
        let key = self.key_of(&token).await?;
        let key =
            key.ok_or_else(|| Error::invalid_options("The access token is bound to no key: see the option \"dpop\""))?;
        self.note_api_nonce(&url, options.nonce.as_deref());
        let nonce = self.api_nonce(&url);
        self.prove(&key, dpop::method(method), &url, Some(&token), nonce.as_deref())
            .await
    }

    fn held_token(&self, token: AccessToken) -> AccessToken {
        let session = self.session();
        let grants = session.as_deref().map(Session::grants).unwrap_or_default();
        let mut held = grants.iter().map(|grant| grant.access_token());
        let found = held.find(|held| held.secret() == token.secret()).cloned();
        found.unwrap_or(token)
    }

    /// The key that new tokens are bound to, made where there is none; nothing where they are not to be bound.
    pub(super) async fn key_for_new_tokens(&self) -> Result<Option<ProofKey>> {
        if !self.0.config.dpop {
            return Ok(None);
        }
        let found = self.stored_key(None).await?;
        found.map(Some).ok_or(Error::StorageUnavailable)
    }

    /// The key that a token is bound to; nothing where it is bound to none. A token whose key is gone is of no use to
    /// anybody, and nor is what came with it.
    pub(super) async fn key_of(&self, token: &AccessToken) -> Result<Option<ProofKey>> {
        let Some(wanted) = token.key() else {
            return Ok(None);
        };
        let known = self.0.proofs.key.borrow().clone();
        if let Some(known) = known.filter(|known| known.public == *wanted) {
            return Ok(Some(known));
        }
        let found = self.stored_key(Some(wanted)).await?;
        match found {
            Some(found) => Ok(Some(found)),
            None => Err(self.lost(wanted).await),
        }
    }

    /// Ends what is bound to a key that is gone. One that went with its closed client is nobody's loss yet.
    async fn lost(&self, key: &PublicKey) -> Error {
        self.0.proofs.key.take();
        if self.0.is_closed.get() {
            return Error::Aborted;
        }
        self.0.store.update(|_| self.forget_bound(key)).await;
        Error::LoginRequired
    }

    /// Whether all that takes is known.
    pub(super) fn has_key(&self) -> bool {
        !self.0.config.dpop || self.0.proofs.key.borrow().is_some()
    }

    /// Finds out whether the key is there that the session's tokens are bound to.
    pub(super) async fn check_key(&self) {
        let session = self.session();
        for grant in session.as_deref().map(Session::grants).unwrap_or_default() {
            // Who asks for the token hears of it, too.
            let _ = self.key_of(grant.access_token()).await;
        }
    }

    /// The key in this browser: the wanted one, or else whichever is there or can be made.
    async fn stored_key(&self, wanted: Option<&PublicKey>) -> Result<Option<ProofKey>> {
        let name = self.0.store.name("dpop-key");
        let timeout = self.0.config.timeout;
        let found = self.0.host.signing_key(&name, wanted, timeout).await?;
        let found = found.map(ProofKey::new);
        let found = found.filter(|key| wanted.is_none_or(|wanted| key.public == *wanted));
        if found.is_some() {
            self.0.proofs.key.replace(found.clone());
        }
        Ok(found)
    }

    fn forget_bound(&self, key: &PublicKey) {
        let Some(before) = self.session() else { return };
        let now = self.now();
        match Session::apply(Some(&before), Event::KeyLost { key, now }) {
            Ok(after) if after != *before => self.0.store.save(Some(after), Audience::AllTabs),
            _ => {}
        }
    }

    /// Sends a request with a proof, and once more where the server wants its nonce in it: it has not taken what was sent
    /// then (RFC 9449 §8).
    pub(super) async fn send_with_proof(&self, request: &Request, key: Option<&ProofKey>) -> Sent {
        let Some(key) = key else {
            return self.send(request).await;
        };
        let used = self.server_nonce(&request.url);
        let response = self.send_proven(request, key, used.as_deref()).await?;
        let latest = self.server_nonce(&request.url);
        // An endpoint that takes access tokens may say so in a header alone.
        let wants_nonce = response.wants_nonce() || request.token.is_some() && response.status == 401;
        if wants_nonce && latest != used {
            return self.send_proven(request, key, latest.as_deref()).await;
        }
        Ok(response)
    }

    async fn send_proven(&self, request: &Request, key: &ProofKey, nonce: Option<&str>) -> Sent {
        // As the browser spells it when it asks for it.
        let url = self.0.host.resolve(&request.url).unwrap_or_default();
        let proof = self.prove(key, request.method(), &url, request.token.as_ref(), nonce);
        let proven = Request {
            proof: Some(proof.await.map_err(|_| TransportError::NotSent)?),
            ..request.clone()
        };
        let response = self.send(&proven).await?;
        let nonces = &self.0.proofs.server_nonces;
        nonces.borrow_mut().note(&request.url, response.dpop_nonce.as_deref());
        Ok(response)
    }

    fn server_nonce(&self, url: &str) -> Option<String> {
        self.0.proofs.server_nonces.borrow().get(url).map(str::to_owned)
    }

    /// What an API wants in the next proof, as far as it said.
    pub(super) fn api_nonce(&self, url: &str) -> Option<String> {
        self.0.proofs.api_nonces.borrow().get(url).map(str::to_owned)
    }

    pub(super) fn note_api_nonce(&self, url: &str, nonce: Option<&str>) {
        self.0.proofs.api_nonces.borrow_mut().note(url, nonce);
    }

    /// A proof for a request (RFC 9449 §4.2) to a URL as the browser spells it.
    pub(super) async fn prove(
        &self,
        key: &ProofKey,
        method: &str,
        url: &str,
        access_token: Option<&AccessToken>,
        nonce: Option<&str>,
    ) -> Result<String> {
        let host = &self.0.host;
        let id = random_text(&host.random()?);
        let proof = Proof {
            method,
            url,
            access_token: access_token.map(AccessToken::secret),
            nonce,
            id: &id,
            issued_at: self.now(),
        };
        let input = proof.signing_input(&key.public, &|value| host.stringify(value));
        let mut made = Ok(None);
        // What failed once, or took too long, says nothing of the key.
        for _ in 0..2 {
            made = key.signing.sign(&input, self.0.config.timeout).await;
            if let Ok(Some(signature)) = &made {
                return Ok(dpop::signed(&input, signature));
            }
        }
        made?;
        Err(self.lost(&key.public).await)
    }
}
