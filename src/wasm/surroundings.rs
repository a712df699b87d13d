//! What the facade hands over besides options: what the application brings along, and what the facade does for the client.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};

use super::options::STORAGE;
use crate::browser::Browser;
use crate::browser::object::get;
use crate::core::error::{Error, Result};

pub(super) struct Surroundings {
    /// With the application's `fetch` and `storage`; with the worker for refresh tokens its `endpoints` and `signingKeys`.
    pub(super) browser: Browser,
    /// What calls of APIs are sent with, where that is not the page's fetch. Requests for tokens may be another's.
    pub(super) api_fetch: Option<Function>,
    /// Called after every change of the session.
    pub(super) changed: Function,
}

impl Surroundings {
    pub(super) fn read(surroundings: &JsValue) -> Result<Surroundings> {
        let mut browser = Browser::default();
        let fetch = get(surroundings, "fetch");
        if !fetch.is_undefined() {
            let fetch = fetch.dyn_into();
            browser = browser.with_fetch(fetch.map_err(|_| Error::wrong_option("fetch", "a function"))?);
        }
        if let Ok(endpoints) = get(surroundings, "endpoints").dyn_into() {
            browser = browser.with_endpoints(endpoints);
        }
        if let Ok(keys) = get(surroundings, "signingKeys").dyn_into() {
            browser = browser.with_signing_keys(keys);
        }
        let storage = get(surroundings, "storage");
        if !storage.is_undefined() {
            let mut methods = ["getItem", "setItem", "removeItem"].into_iter();
            if !methods.all(|name| get(&storage, name).is_function()) {
                return Err(Error::wrong_option("storage", STORAGE));
            }
            browser = browser.with_storage(storage);
        }
        Ok(Surroundings {
            browser,
            api_fetch: get(surroundings, "apiFetch").dyn_into().ok(),
            changed: get(surroundings, "changed").unchecked_into(),
        })
    }
}
