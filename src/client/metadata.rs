//! What is known of the authorization server.

use std::rc::Rc;

use super::Client;
use crate::core::error::{Error, Result};
use crate::core::http::TransportError;
use crate::core::server::ServerMetadata;

impl Client {
    /// Fetches what later calls need, so that they run without a wait.
    pub async fn prepare(&self) -> Result<()> {
        self.check_open()?;
        self.metadata().await.map(drop)
    }

    /// The metadata, if it was given or fetched before.
    pub(super) fn known_metadata(&self) -> Option<Rc<ServerMetadata>> {
        self.0.metadata.borrow().clone()
    }

    pub(super) fn required_metadata(&self) -> Result<Rc<ServerMetadata>> {
        self.known_metadata().ok_or(Error::MetadataRequired)
    }

    /// The metadata, discovered when it is first needed.
    pub(super) async fn metadata(&self) -> Result<Rc<ServerMetadata>> {
        if let Some(known) = self.known_metadata() {
            return Ok(known);
        }
        let found = Rc::new(self.discover().await?);
        self.learn(found.clone());
        Ok(found)
    }

    /// Goes by sound metadata from now on.
    pub(super) fn learn(&self, metadata: Rc<ServerMetadata>) {
        self.0.host.learn(&metadata);
        self.0.metadata.replace(Some(metadata));
    }

    async fn discover(&self) -> Result<ServerMetadata> {
        let issuer = &self.0.config.issuer;
        let [openid, oauth] = ServerMetadata::requests(issuer);
        let mut sent = self.send(&openid).await;
        if matches!(&sent, Ok(response) if response.status == 404) {
            sent = self.send(&oauth).await;
        }
        ServerMetadata::response(&sent.map_err(TransportError::of_repeatable)?, issuer)
    }
}
