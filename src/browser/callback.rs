//! Functions of the page: the facade's own, which never throw.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/callback.js")]
extern "C" {
    /// Takes the function behind [`wait`].
    pub fn setup(watch: JsValue);
    /// Sees to it that a task goes on once a promise has settled.
    pub fn wait(promise: &JsValue, task: u32);
    /// Tells that the session has changed.
    pub fn changed(host: &JsValue);
    /// Hands over a result: a text, or nothing.
    pub fn done(callback: &JsValue, text: Option<&str>);
}
