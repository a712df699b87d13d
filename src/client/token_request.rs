//! Requests to the token endpoint: what has to be there first, the sending, and a look at the answer. Codes and refresh
//! tokens go the same way.

use std::rc::Rc;

use super::Client;
use super::dpop::ProofKey;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Response, Sent, TransportError};
use crate::core::secret::AccessToken;
use crate::core::server::{ServerMetadata, revocation};
use crate::core::session::TokenEndpointAnswer;
use crate::core::token::{IdToken, TokenResponse};

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
        self.known_metadata().is_some() && self.has_issuer_keys() && self.has_key()
    }

    /// Sends a token request. Whoever takes the answer does so in one piece, so the signature is checked first.
    pub(super) async fn request_tokens(&self, endpoint: &TokenEndpoint, request: &Request) -> TokenAnswer {
        let sent = self.send_with_proof(request, endpoint.key.as_ref()).await;
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

    /// Looks at what the token endpoint answered.
    pub(super) fn read_answer<T>(
        &self,
        endpoint: &TokenEndpoint,
        response: &Response,
        read: impl FnOnce(&TokenEndpointAnswer<'_>) -> T,
    ) -> T {
        read(&TokenEndpointAnswer {
            config: &self.0.config,
            metadata: &endpoint.metadata,
            response,
            key: endpoint.key.as_ref().map(ProofKey::public),
            now: self.now(),
            parse_json: &|text| self.0.host.parse(text),
        })
    }

    /// The request that revokes what an answer brings that comes too late for the session that it was for. `subject` is
    /// the user who asked.
    pub(super) fn revocation_of_late(
        &self,
        endpoint: &TokenEndpoint,
        subject: Option<&str>,
        response: &Response,
    ) -> Option<Request> {
        let current = self.session();
        let token = self.read_answer(endpoint, response, |answer| {
            answer.unused_token(current.as_deref(), subject)
        })?;
        revocation::request(&endpoint.metadata, &self.0.config.client_id, &token)
    }
}
