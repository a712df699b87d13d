//! What an API says of itself (RFC 9728), and what of it is held.

use std::rc::Rc;

use super::Client;
use crate::core::apis::{self, Api};
use crate::core::error::{Endpoint, Error, Result};
use crate::core::http::Request;
use crate::core::resource::{ApiScopes, ResourceMetadata};

/// What is known of an API's metadata, for as long as the page lives.
pub(super) struct KnownResource {
    identifier: String,
    /// Where the API itself says that its metadata is (§5.1).
    place: Option<String>,
    metadata: Option<Rc<ResourceMetadata>>,
}

impl Client {
    /// The scopes that an API has whose metadata is to be discovered, and those of them that are held. Its metadata is read
    /// once, and again after a challenge that says where it is: without credentials, and without following redirects.
    pub async fn api_scopes(&self, url: &str) -> Result<ApiScopes> {
        self.check_open()?;
        let config = &self.0.config;
        let url = self.0.host.resolve(url);
        let url = url.ok_or_else(|| Error::invalid_options("\"url\" must be a URL"))?;
        let api = apis::find(&config.apis, &url, &self.0.origin).ok_or(Error::UntrustedOrigin)?;
        let identifier = api.identifier(&config.target).ok_or_else(|| {
            Error::invalid_options(
                "\"apis\" must have this URL's API with discover: true, so that apiScopes may read its metadata",
            )
        })?;
        let metadata = self.resource_metadata(identifier).await?;
        let target = self.target_or_default(api.target());
        let missing = self.missing(&metadata.scopes_supported, target);
        Ok((*metadata).clone().with_missing(missing))
    }

    async fn resource_metadata(&self, identifier: &str) -> Result<Rc<ResourceMetadata>> {
        let (place, metadata) = self.known_resource(identifier, |known| (known.place.clone(), known.metadata.clone()));
        if let Some(metadata) = metadata {
            return Ok(metadata);
        }
        let request = place.map_or_else(|| ResourceMetadata::request(identifier), Request::get);
        let sent = self.send(&request).await;
        let response = sent.map_err(|failure| failure.of_repeatable(Endpoint::ResourceMetadata))?;
        let found = Rc::new(ResourceMetadata::response(&response, identifier, &self.0.config)?);
        self.known_resource(identifier, |known| known.metadata = Some(found.clone()));
        Ok(found)
    }

    /// Takes an API's word for where its metadata is, if that is at its own origin, and that it may have changed (§5.2). The
    /// document must name the API all the same, and allows nothing that the options do not.
    pub(super) fn learn_place(&self, api: &Api, place: Option<&str>) {
        let identifier = api.identifier(&self.0.config.target);
        if let Some((identifier, place)) = identifier.zip(place.filter(|place| api.is_of_origin(place))) {
            self.known_resource(identifier, |known| {
                known.place = Some(place.to_owned());
                known.metadata = None;
            });
        }
    }

    fn known_resource<T>(&self, identifier: &str, with: impl FnOnce(&mut KnownResource) -> T) -> T {
        let mut all = self.0.known.resources.borrow_mut();
        if let Some(known) = all.iter_mut().find(|known| known.identifier == identifier) {
            return with(known);
        }
        let mut known = KnownResource {
            identifier: identifier.to_owned(),
            place: None,
            metadata: None,
        };
        let value = with(&mut known);
        all.push(known);
        value
    }
}
