//! What is known of the authorization server.

use std::rc::Rc;

use super::Client;
use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::Sent;
use crate::core::scope::ScopeSet;
use crate::core::server::ServerMetadata;

impl Client {
    /// Fetches what later calls need, so that they run without a wait.
    pub async fn prepare(&self) -> Result<()> {
        self.check_open()?;
        self.before_token_request(None).await.map(drop)
    }

    /// The metadata, if it was given or fetched before.
    pub(super) fn known_metadata(&self) -> Option<Rc<ServerMetadata>> {
        self.0.known.metadata.borrow().clone()
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
        self.0.known.metadata.replace(Some(metadata));
    }

    /// An error of the server, with the scopes that its request was for: an `invalid_scope` is about one of them.
    pub(super) fn with_scopes(&self, error: Error, requested: &ScopeSet) -> Error {
        let metadata = self.known_metadata();
        let unsupported = metadata.map(|metadata| metadata.unsupported(requested));
        let unsupported = unsupported.unwrap_or_default();
        error.about_scopes(requested.to_strings(), unsupported.to_strings())
    }

    /// The same for a response to a page that does not know its server yet.
    pub(super) async fn with_listed_scopes(&self, error: Error) -> Error {
        let requested = error.server_error().map(|error| &error.requested);
        let requested = ScopeSet::from_answer(requested.into_iter().flatten());
        if requested.is_empty() || self.known_metadata().is_some() || self.metadata().await.is_err() {
            return error;
        }
        self.with_scopes(error, &requested)
    }

    async fn discover(&self) -> Result<ServerMetadata> {
        let [openid, oauth] = ServerMetadata::requests(&self.0.config.issuer);
        let sent = self.send(&openid).await;
        let may_be_elsewhere = ServerMetadata::may_be_elsewhere(&sent);
        match self.discovered(sent) {
            // If it is nowhere, the first place says why: that is the usual one.
            Err(error) if may_be_elsewhere => self.discovered(self.send(&oauth).await).map_err(|_| error),
            discovered => discovered,
        }
    }

    fn discovered(&self, sent: Sent) -> Result<ServerMetadata> {
        let response = sent.map_err(|failure| failure.of_repeatable(Endpoint::Metadata))?;
        let metadata = ServerMetadata::response(&response, &self.0.config.expected_issuer)?;
        self.check_verification(&metadata)?;
        Ok(metadata)
    }
}
