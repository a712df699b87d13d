//! Hidden frames.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::signal_of;
use crate::host::Question;

#[wasm_bindgen(module = "/src/browser/window/window.js")]
extern "C" {
    #[wasm_bindgen(js_name = askFrame)]
    fn start(url: &str, state: &str, signal: &JsValue, timeout: u32) -> Promise;
}

pub(super) fn ask(question: Question<'_>, timeout: u32) -> Promise {
    start(question.url, question.state, &signal_of(question), timeout)
}
