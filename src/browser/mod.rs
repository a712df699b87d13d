//! The host that a browser is: each capability of [`crate::host`] in a file of its own, over the platform's own objects.
//!
//! No rule of the protocol lives here, and no format of what is stored but the revision of a record that tabs share. The few scripts stand beside the Rust that
//! declares them: what they do is made of callbacks, and takes three times the bytes through bindings.

mod abort_signal;
mod api_request;
mod clock;
mod crypto;
mod events;
mod fetch;
mod json;
mod lock;
pub(crate) mod object;
mod page;
mod random;
mod response;
mod signing_key;
mod storage;
mod tab_channel;
mod tasks;
mod timer;
mod window;

use js_sys::Function;
use wasm_bindgen::JsValue;

pub use abort_signal::JsAbortSignal;
pub use api_request::JsApiRequest;
#[cfg(feature = "npm")]
pub(crate) use json::to_js;
#[cfg(feature = "npm")]
pub(crate) use tasks::promise;
pub use window::PopupWindow;

/// A page in a browser, and what the application brings along.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    fetch: Option<Function>,
    storage: Option<JsValue>,
    /// Hears of the token endpoint and the revocation endpoint.
    endpoints: Option<Function>,
    /// Has the keys that tokens are bound to.
    signing_keys: Option<Function>,
}

impl Browser {
    /// This page.
    pub fn new() -> Browser {
        Browser::default()
    }

    /// Requests to the authorization server go through this function instead of the page's `fetch`.
    #[must_use]
    pub fn with_fetch(mut self, fetch: Function) -> Browser {
        self.fetch = Some(fetch);
        self
    }

    /// What `StorageKind::Adapter` means: an object with `getItem`, `setItem` and `removeItem`, which may return promises.
    #[must_use]
    pub fn with_storage(mut self, storage: JsValue) -> Browser {
        self.storage = Some(storage);
        self
    }

    /// This function hears of the token endpoint, and of the revocation endpoint where there is one, before anything is
    /// sent to either.
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: Function) -> Browser {
        self.endpoints = Some(endpoints);
        self
    }

    /// This function has the keys that tokens are bound to, instead of IndexedDB. It takes a name and the `x` of the key
    /// that is wanted, or undefined where any key of that name will do and one may be made, and resolves to an object with
    /// `x`, `y`, `isKept` and `sign(text)`, or to undefined.
    #[must_use]
    pub fn with_signing_keys(mut self, keys: Function) -> Browser {
        self.signing_keys = Some(keys);
        self
    }

    /// Whether there is a storage of the application's own.
    pub fn has_storage(&self) -> bool {
        self.storage.is_some()
    }
}
