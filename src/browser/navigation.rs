//! Where the page is, and where it goes.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/navigation.js")]
extern "C" {
    /// The page's URL.
    pub fn href() -> String;
    /// An absolute, normalised URL; nothing where the text is none.
    pub fn resolve(url: &str) -> Option<String>;
    /// Puts another URL into the address bar.
    pub fn replace(url: &str);
    /// Whether there is no network at all.
    #[wasm_bindgen(js_name = isOffline)]
    pub fn is_offline() -> bool;
    /// Leaves the page. False where the browser refuses.
    pub fn leave(url: &str) -> bool;
    /// Whether the AbortSignal that a call's page may have says so.
    #[wasm_bindgen(js_name = isAborted)]
    pub fn is_aborted(page: &JsValue) -> bool;
}
