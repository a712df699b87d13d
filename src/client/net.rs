//! Requests to the authorization server.

use super::Client;
use super::task::settled;
use crate::browser::fetch;
use crate::core::error::Result;
use crate::core::http::{Failure, Request, Response};
use crate::core::metadata::Metadata;

impl Client {
    /// One request, one response, within the timeout.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, Failure> {
        fetch::answer(settled(fetch::send(&self.host, request, self.options.timeout())).await)
    }

    /// The metadata: given, known, or discovered now.
    pub(super) async fn metadata(&self) -> Result<Metadata> {
        if let Some(known) = self.known_metadata() {
            return Ok(known);
        }
        let mut response = Err(Failure::NotSent);
        for request in Metadata::requests(&self.options.issuer) {
            response = self.send(&request).await;
            if response.as_ref().map_or(true, |response| response.status != 404) {
                break;
            }
        }
        let found = Metadata::response(&response.map_err(Failure::of_repeatable)?, &self.options.issuer)?;
        self.metadata.replace(Some(found.clone()));
        Ok(found)
    }

    pub(super) fn known_metadata(&self) -> Option<Metadata> {
        self.metadata.borrow().clone()
    }
}
