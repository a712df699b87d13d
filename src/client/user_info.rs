//! The userinfo endpoint (OpenID Connect Core §5.3).

use super::Client;
use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::Response;
use crate::core::jwt::Jwt;
use crate::core::server::{ServerMetadata, user_info};
use crate::core::value::Value;

impl Client {
    /// Claims from the userinfo endpoint, with a token of the default target. They must be the session's user's.
    pub async fn user_info(&self) -> Result<Value> {
        self.check_open()?;
        let asker = self.signed_in()?.asker();
        let token = self.token(self.default_requirements()).await?;
        let key = self.key_of(&token).await?;
        let metadata = self.metadata().await?;
        let request = user_info::request(&metadata, token, self.0.config.verify_signature)?;
        let response = self
            .send_with_proof(&request, key.as_ref())
            .await
            .map_err(|failure| failure.of_repeatable(Endpoint::UserInfo))?;
        let response = match &response.jwt {
            Some(jwt) if response.is_success() => self.verified_user_info(&metadata, jwt).await?,
            _ => response,
        };
        self.0.store.load().await;
        let session = self.signed_in()?;
        if !session.is_of(&asker) {
            return Err(Error::SubjectMismatch);
        }
        user_info::response(response, session.subject(), &session.granted(&self.0.config.target))
    }

    /// The claims of an answer that is a JWT, once its signature is verified (§5.3.2).
    async fn verified_user_info(&self, metadata: &ServerMetadata, jwt: &str) -> Result<Response> {
        let config = &self.0.config;
        if !config.verify_signature {
            return Err(Error::UserInfoUnchecked);
        }
        let jwt = Jwt::decode(jwt, &|text| self.0.host.parse(text)).map_err(Error::UserInfoJwtInvalid)?;
        let signed = jwt.signed_part(metadata.user_info_algorithms.as_deref());
        let signed = signed.map_err(Error::UserInfoJwtInvalid)?;
        self.verify_signed(metadata, &signed, Error::UserInfoJwtInvalid).await?;
        let (issuer, now) = (&config.expected_issuer, self.now());
        user_info::of_jwt(jwt, issuer, &config.client_id, now, config.clock_tolerance)
            .map_err(Error::UserInfoJwtInvalid)
    }
}
