//! The defence against mix-up where a server does not name itself in its answers (RFC 9700 §4.4.2.2): the clients of a page
//! let each other know their redirect URIs. Where a server does (`iss`, RFC 9207), `Callback::check` in core decides.

use super::Client;
use crate::core::authorize::response::Likeness;
use crate::core::config::STORAGE_PREFIX;

/// What the key of a client's redirect URI ends in, in the memory that all copies of this code on the page share.
const REDIRECT_URI: &str = "redirect-uri";

impl Client {
    /// Lets the page's other clients know where this one's answers come to.
    pub(super) fn publish_redirect_uri(&self) {
        let key = self.0.store.name(REDIRECT_URI);
        self.0.host.page_memory().set(&key, Some(&self.0.callback_url));
    }

    /// Whether a URL is where the answers of another server come to, rather than this one's: redirect URIs may differ in
    /// their query alone, and hosts add and take slashes and `index.html`. An answer that does not name its issuer is taken
    /// for that server's (RFC 9700 §4.4.2.2).
    pub(super) fn is_redirect_uri_of_another_server(&self, url: &str) -> bool {
        let (memory, own_key) = (self.0.host.page_memory(), self.0.store.name(REDIRECT_URI));
        let own = Likeness::of(url, &self.0.callback_url);
        let is_there = |key: &String| {
            let is_other = key.ends_with(REDIRECT_URI) && issuer_of(key) != issuer_of(&own_key);
            is_other && memory.get(key).and_then(|other| Likeness::of(url, &other)) > own
        };
        memory.keys(STORAGE_PREFIX).iter().any(is_there)
    }
}

/// The issuer that the key of a record has in it, as it is encoded there.
fn issuer_of(key: &str) -> Option<&str> {
    key.split(':').nth(1)
}
