//! The wall clock.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/clock.js")]
extern "C" {
    #[wasm_bindgen(js_name = now)]
    fn seconds() -> f64;
}

/// Seconds since the epoch.
pub fn now() -> i64 {
    seconds() as i64
}
