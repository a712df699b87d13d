//! Requests to the authorization server.

use std::rc::Rc;

use super::Client;
use super::task::settled;
use crate::browser::fetch;
use crate::core::error::Result;
use crate::core::http::{Failure, Request, Response};
use crate::core::metadata::Metadata;

impl Client {
    /// One request, one response, within the timeout.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, Failure> {
        fetch::answer(settled(fetch::send(&self.fetch, request, self.options.timeout)).await)
    }

    /// The metadata: given, known, or discovered now.
    pub(super) async fn metadata(&self) -> Result<Rc<Metadata>> {
        if let Some(known) = self.known_metadata() {
            return Ok(known);
        }
        let [openid, oauth] = Metadata::requests(&self.options.issuer);
        let mut response = self.send(&openid).await;
        if response.as_ref().is_ok_and(|response| response.status == 404) {
            response = self.send(&oauth).await;
        }
        let found = Rc::new(Metadata::response(
            &response.map_err(Failure::of_repeatable)?,
            &self.options.issuer,
        )?);
        self.metadata.replace(Some(found.clone()));
        Ok(found)
    }

    pub(super) fn known_metadata(&self) -> Option<Rc<Metadata>> {
        self.metadata.borrow().clone()
    }
}
