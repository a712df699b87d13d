//! The way of a response from the page that it comes to, to the page that waits for it.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/window/window.js")]
extern "C" {
    /// Hands a response to the page that waits for it, and closes this window. Settles only where there is no such page,
    /// and this window is no popup of the client's.
    #[wasm_bindgen(js_name = handOver)]
    pub(super) fn hand_over(url: &str, state: &str) -> Promise;
}
