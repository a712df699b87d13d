//! What other tabs and the browser tell.

use wasm_bindgen::prelude::*;

/// The session is another one, or has changed.
pub const CHANGED: &str = "c";
/// Somebody signed out.
pub const SIGNED_OUT: &str = "o";
/// The page can be seen again, or the device is online again.
pub const AWAKE: &str = "a";

#[wasm_bindgen(module = "/src/browser/channel.js")]
extern "C" {
    /// Listens to the tabs that do so under this name, to changes of the storage's record of this name, and to the browser.
    pub fn listen(name: &str) -> JsValue;
    /// Settles to what is told next, or to nothing where nobody listens any more.
    pub fn next(ears: &JsValue) -> JsValue;
    /// Tells the other tabs.
    pub fn tell(ears: &JsValue, text: &str);
    /// Stops listening.
    pub fn close(ears: &JsValue);
}
