//! Functions of the page.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/callback.js")]
extern "C" {
    /// Calls a function of the facade, which never throws, with two values.
    pub fn invoke(callback: &JsValue, first: &JsValue, second: &JsValue);
}
