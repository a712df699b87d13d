//! Ways to sign out that are a server's own.

use crate::core::error::{Error, Result};
use crate::core::url;

/// Where users sign out at a server without RP-initiated logout, and what it calls the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignOutEndpoint {
    /// A URL, or a path of the origin that the authorization endpoint has.
    pub url: String,
    /// The parameter with the client identifier.
    pub client_id: String,
    /// The parameter with the URL to come back to.
    pub return_to: String,
    /// It must have a URL to come back to: by default the redirect URI.
    pub needs_return_to: bool,
    /// Only where the metadata names no end-session endpoint.
    pub is_fallback: bool,
}

impl SignOutEndpoint {
    /// An endpoint by its URL or path. Parameters are named as in RP-initiated logout.
    pub fn new(url: impl Into<String>) -> SignOutEndpoint {
        SignOutEndpoint {
            url: url.into(),
            client_id: "client_id".to_owned(),
            return_to: "post_logout_redirect_uri".to_owned(),
            needs_return_to: false,
            is_fallback: false,
        }
    }

    /// Refuses one that nobody can be sent to.
    pub(crate) fn check(&self) -> Result<()> {
        let url = url::absolute(&self.url, "https://localhost");
        if url::is_safe(&url) && !url.contains('#') && !self.client_id.is_empty() && !self.return_to.is_empty() {
            return Ok(());
        }
        let problem = "\"provider.signOut.url\" must be a path, or a URL without fragment";
        Err(Error::invalid_options(problem))
    }

    /// Sets the parameter with the client identifier.
    #[must_use]
    pub fn with_client_id(mut self, name: impl Into<String>) -> SignOutEndpoint {
        self.client_id = name.into();
        self
    }

    /// Sets the parameter with the URL to come back to.
    #[must_use]
    pub fn with_return_to(mut self, name: impl Into<String>) -> SignOutEndpoint {
        self.return_to = name.into();
        self
    }
}
