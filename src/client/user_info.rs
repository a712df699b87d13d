//! The userinfo endpoint (OpenID Connect Core §5.3).

use super::Client;
use crate::core::error::{Endpoint, Result};
use crate::core::server::user_info;
use crate::core::session::Session;
use crate::core::value::Value;

impl Client {
    /// Claims from the userinfo endpoint, with a token of the default target. They must be the session's user's.
    pub async fn user_info(&self) -> Result<Value> {
        self.check_open()?;
        let token = self.token(self.default_requirements()).await?;
        let key = self.key_of(&token).await?;
        let metadata = self.metadata().await?;
        let request = user_info::request(&metadata, token)?;
        let response = self
            .send_with_proof(&request, key.as_ref())
            .await
            .map_err(|failure| failure.of_repeatable(Endpoint::UserInfo))?;
        self.0.store.load().await;
        let session = self.session();
        let session = session.as_deref();
        let granted = session.map(|session| session.granted(&self.0.config.target));
        user_info::response(
            response,
            session.and_then(Session::subject),
            &granted.unwrap_or_default(),
        )
    }
}
