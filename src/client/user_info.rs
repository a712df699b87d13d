//! The userinfo endpoint (OpenID Connect Core §5.3).

use super::Client;
use crate::core::error::Result;
use crate::core::http::TransportError;
use crate::core::server::user_info;
use crate::core::value::Value;

impl Client {
    /// Claims from the userinfo endpoint, with a token of the default target. They must be the session's user's.
    pub async fn user_info(&self) -> Result<Value> {
        self.check_open()?;
        let token = self.token(self.default_requirements()).await?;
        let metadata = self.metadata().await?;
        let request = user_info::request(&metadata, token)?;
        let response = self.send(&request).await.map_err(TransportError::of_repeatable)?;
        self.0.store.load().await;
        let session = self.session();
        user_info::response(response, session.as_ref().and_then(|session| session.subject()))
    }
}
