//! Hidden frames.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::signal_of;
use crate::host::WindowRequest;

#[wasm_bindgen(module = "/src/browser/window/window.js")]
extern "C" {
    #[wasm_bindgen(js_name = askFrame)]
    fn start(url: &str, state: &str, signal: &JsValue, timeout: u32) -> Promise;
}

pub(super) fn ask(request: WindowRequest<'_>, timeout: u32) -> Promise {
    start(request.url, request.state, &signal_of(request), timeout)
}
