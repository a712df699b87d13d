//! How a call of an API is sent: with its token, and with a proof where that is bound to a key.

use super::{Call, FetchError, or_aborted};
use crate::client::Client;
use crate::client::dpop::ProofKey;
use crate::core::secret::AccessToken;
use crate::host::ApiResponse;

impl Client {
    /// Sends a call, and once more where the API wants its nonce in the proof (RFC 9449 §9).
    pub(super) async fn send_call(&self, call: &Call<'_>, token: &AccessToken) -> Result<ApiResponse, FetchError> {
        let request = call.request;
        let Some(key) = or_aborted(request, self.key_of(token)).await? else {
            return or_aborted(request, request.send(token, None)).await;
        };
        let used = self.api_nonce(request.url());
        let response = self.send_proven_call(call, token, &key, used.as_deref()).await?;
        let latest = self.api_nonce(request.url());
        if response.wants_nonce() && request.is_replayable() && latest != used {
            return self.send_proven_call(call, token, &key, latest.as_deref()).await;
        }
        Ok(response)
    }

    async fn send_proven_call(
        &self,
        call: &Call<'_>,
        token: &AccessToken,
        key: &ProofKey,
        nonce: Option<&str>,
    ) -> Result<ApiResponse, FetchError> {
        let request = call.request;
        let method = request.method();
        let proof = self.prove(key, &method, request.url(), Some(token), nonce);
        let proof = or_aborted(request, proof).await?;
        let response = or_aborted(request, request.send(token, Some(&proof))).await?;
        self.note_api_nonce(request.url(), response.dpop_nonce.as_deref());
        Ok(response)
    }
}
