//! Where the page is, and where it goes.

use wasm_bindgen::JsValue;
use web_sys::Url;

use super::Browser;
use crate::host::Page;

impl Page for Browser {
    fn url(&self) -> String {
        web_sys::window()
            .and_then(|window| window.location().href().ok())
            .unwrap_or_default()
    }

    fn resolve(&self, url: &str) -> Option<String> {
        Url::new_with_base(url, &self.url()).ok().map(|url| url.href())
    }

    fn replace_url(&self, url: &str) {
        let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else {
            return;
        };
        let state = history.state().unwrap_or(JsValue::NULL);
        // It throws where a page does so too often. The response's code is used up all the same.
        let _ = history.replace_state_with_url(&state, "", Some(url));
    }

    fn leave(&self, url: &str) -> bool {
        web_sys::window().is_some_and(|window| window.location().assign(url).is_ok())
    }

    fn is_offline(&self) -> bool {
        is_offline()
    }

    fn is_framed(&self) -> bool {
        web_sys::window().is_some_and(|window| window.top().ok().flatten().as_ref() != Some(&window))
    }

    fn language(&self) -> Option<String> {
        let window = web_sys::window()?;
        let root = window.document().and_then(|document| document.document_element());
        let own = root.and_then(|root| root.get_attribute("lang"));
        own.filter(|tag| !tag.is_empty())
            .or_else(|| window.navigator().language())
    }
}

/// Whether there is no network at all.
pub(super) fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}
