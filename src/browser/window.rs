//! Windows and frames in which the authorization server is asked, and the way back from there.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/window.js")]
extern "C" {
    /// Opens a URL in the caller's popup, or in a hidden frame where there is none. Settles to the URL that the answer
    /// to a `state` came to, or to "A" (aborted), "B" (no popup was opened), "C" (closed), "T" (took too long), or nothing
    /// (no frames here).
    pub fn ask(page: &JsValue, url: &str, state: &str, timeout: u32) -> JsValue;
    /// Hands a response to the page that waits for it, and closes this window. Settles, to nothing, only where there
    /// is no such page, and this window is no popup of the client's.
    #[wasm_bindgen(js_name = handOver)]
    pub fn hand_over(url: &str, state: &str) -> JsValue;
    /// Whether the browser refused to open the caller's popup.
    #[wasm_bindgen(js_name = isBlocked)]
    pub fn is_blocked(page: &JsValue) -> bool;
    /// Whether the page is in a frame.
    #[wasm_bindgen(js_name = isFramed)]
    pub fn is_framed() -> bool;
}
