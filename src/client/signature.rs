//! Signatures, checked with the keys that the issuer publishes: of ID tokens and userinfo answers where the application
//! wants that, and of authorization responses that are JWTs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::Client;
use super::dpop::ProofKey;
use super::shared::Shared;
use crate::core::error::{Endpoint, Error, FailedCheck, Result};
use crate::core::http::{Request, Response, Sent, TransportError};
use crate::core::secret::AccessToken;
use crate::core::server::ServerMetadata;
use crate::core::token::{IdToken, Jwks, SignedToken, TokenResponse, Unverified};

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

/// What it takes to ask for tokens.
pub(super) struct TokenEndpoint {
    pub(super) metadata: Rc<ServerMetadata>,
    /// What new tokens are bound to, where they are.
    pub(super) key: Option<ProofKey>,
}

impl TokenEndpoint {
    /// Whether the refresh token that came with a token may be sent with a proof of this key (RFC 9449 §5).
    pub(super) fn may_renew(&self, held: &AccessToken) -> bool {
        let own = self.key.as_ref().map(ProofKey::public);
        held.key().is_none() || held.key() == own
    }
}

/// What a token request came to, and the check of the signature that came with it.
pub(super) struct TokenAnswer {
    pub(super) sent: Sent,
    signature: Result<()>,
}

impl TokenAnswer {
    /// The response. An ID token in it is signed by the issuer, where that is checked.
    pub(super) fn checked(self) -> Result<Response> {
        let response = self.sent.map_err(TransportError::of_one_time)?;
        self.signature.map(|()| response)
    }
}

impl Client {
    /// What it takes to ask for tokens. Where that is not to be had nothing has been sent yet that is good for one use.
    /// `held` is the token that a new one will stand in for: the new one is bound to the same key.
    pub(super) async fn before_token_request(&self, held: Option<&AccessToken>) -> Result<TokenEndpoint> {
        let metadata = self.metadata().await?;
        if self.0.config.verify_signature {
            self.issuer_keys(&metadata).await?;
        }
        let key = match held.filter(|held| held.key().is_some()) {
            Some(bound) => self.key_of(bound).await?,
            None => self.key_for_new_tokens().await?,
        };
        Ok(TokenEndpoint { metadata, key })
    }

    /// Whether that is there already.
    pub(super) fn is_ready_for_token_request(&self) -> bool {
        let has_keys = !self.0.config.verify_signature || self.0.issuer_keys.known.borrow().is_some();
        self.known_metadata().is_some() && has_keys && self.has_key()
    }

    /// Checks that signatures can be checked, if they are to be.
    pub(super) fn check_verification(&self, metadata: &ServerMetadata) -> Result<()> {
        if self.0.config.verify_signature {
            Jwks::request(metadata)?;
        }
        Ok(())
    }

    /// Sends a token request. Whoever takes the answer does so in one piece, so the signature is checked first.
    pub(super) async fn request_tokens(&self, endpoint: &TokenEndpoint, request: &Request) -> TokenAnswer {
        let sent = self.send_with_proof(request, endpoint.key.as_ref()).await;
        let sent = sent.map(|response| response.without_echo_of(request));
        let signature = match &sent {
            Ok(response) if self.0.config.verify_signature => self.verify_id_token(&endpoint.metadata, response).await,
            _ => Ok(()),
        };
        TokenAnswer { sent, signature }
    }

    async fn verify_id_token(&self, metadata: &ServerMetadata, response: &Response) -> Result<()> {
        // An answer that is none, or has no ID token, is told by whoever reads the rest of it.
        let answer = TokenResponse::parse(response).ok();
        let Some(raw) = answer.and_then(|answer| answer.id_token) else {
            return Ok(());
        };
        let token = IdToken::decode(raw, &|text| self.0.host.parse(text))?;
        let signed = token.signed_part(metadata.id_token_algorithms.as_deref())?;
        self.verify_signed(metadata, &signed, Error::IdTokenInvalid).await
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

    async fn verify(&self, token: &SignedToken<'_>, keys: &Jwks) -> Result<(), Unverified> {
        let key = keys.key_for(token)?;
        self.0.host.verify(token, &key).await
    }

    /// The issuer's keys, fetched when they are first needed.
    async fn issuer_keys(&self, metadata: &ServerMetadata) -> Result<Rc<Jwks>> {
        let known = self.0.issuer_keys.known.borrow().clone();
        match known {
            Some(known) => Ok(known),
            None => self.fetch_keys(metadata, true).await,
        }
    }

    /// Fetches the keys again, once in a while; nothing where that is too soon, or they are not to be had.
    async fn renewed_keys(&self, metadata: &ServerMetadata) -> Option<Rc<Jwks>> {
        let now = self.now();
        let last = self.0.issuer_keys.renewed_at.get();
        let is_due = last.is_none_or(|last| now - last >= COOLDOWN);
        if is_due {
            self.0.issuer_keys.renewed_at.set(Some(now));
        }
        self.fetch_keys(metadata, is_due).await.ok()
    }

    /// What the request for the keys comes to that is under way. Where there is none, one is sent if it may be.
    async fn fetch_keys(&self, metadata: &ServerMetadata, may_send: bool) -> Result<Rc<Jwks>> {
        let leader = loop {
            match self.0.issuer_keys.fetching.join() {
                (_, Some(leader)) => break leader,
                // Whoever was about it may not want them any more: this call takes its place then.
                (fetched, None) => {
                    if let Ok(fetched) = fetched.await {
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
            self.0.issuer_keys.known.replace(Some(keys.clone()));
        }
        leader.finish(&keys);
        keys
    }
}
