//! Signing out.

use super::{Client, Next};
use crate::browser::navigation;
use crate::core::error::Result;
use crate::core::sign_out;
use crate::core::text::Text;

impl Client {
    /// Ends the session here, then leaves for the server's end-session endpoint where it has one.
    pub async fn sign_out(&self, return_to: Option<Text>, local: bool) -> Result<Next> {
        let return_to = return_to
            .map(|text| sign_out::return_uri(&text, &self.origin))
            .transpose()?;
        let session = self.session();
        self.save(None);
        self.flush().await;
        let Some(session) = session.filter(|_| !local) else {
            return Ok(Next::Leaving);
        };
        // Signed out is signed out: a server that cannot be reached does not change that.
        let Ok(metadata) = self.metadata().await else {
            return Ok(Next::Leaving);
        };
        let hint = session.id_token.as_ref().map(|token| &token.raw);
        if let Some(url) = sign_out::request(&metadata, &self.options.client_id(), hint, return_to.as_deref()) {
            navigation::leave(&url);
        }
        Ok(Next::Leaving)
    }
}
