//! Requests to the authorization server.

use std::rc::Rc;

use super::Client;
use crate::browser::{fetch, json};
use crate::core::error::{Code, Error, Result};
use crate::core::http::{Failure, Request, Response};
use crate::core::metadata::Metadata;

impl Client {
    /// One request, one response, within the timeout.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, Failure> {
        let exchange = fetch::send(self.host.fetch.as_ref(), request, self.options.timeout)?;
        let answer = exchange.answer(exchange.head().clone().await)?;
        let text = exchange.text(exchange.body(&answer).await)?;
        Ok(Response {
            status: answer.code(),
            json: answer.is_json().then(|| json::parse(&text)).flatten(),
        })
    }

    /// The metadata: given, known, or discovered now.
    pub(super) async fn metadata(&self) -> Result<Rc<Metadata>> {
        if let Some(known) = self.known_metadata() {
            return Ok(known);
        }
        let [openid, oauth] = Metadata::requests(&self.options.issuer);
        let mut response = self.send(&openid).await.map_err(Failure::of_repeatable)?;
        if response.status == 404 {
            response = self.send(&oauth).await.map_err(Failure::of_repeatable)?;
        }
        let found = Rc::new(Metadata::response(&response, &self.options.issuer)?);
        self.metadata.replace(Some(found.clone()));
        Ok(found)
    }

    pub(super) fn known_metadata(&self) -> Option<Rc<Metadata>> {
        self.metadata.borrow().clone()
    }

    /// The metadata, for a call that cannot wait.
    pub(super) fn metadata_now(&self) -> Result<Rc<Metadata>> {
        self.known_metadata().ok_or_else(|| {
            Error::new(
                Code::MetadataRequired,
                "The issuer's metadata is not known yet. Await prepare() first, or give `metadata` to createClient.",
            )
        })
    }
}
