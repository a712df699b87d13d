//! The wall clock.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/clock.js")]
extern "C" {
    #[wasm_bindgen(js_name = now)]
    fn seconds() -> f64;
    fn origin() -> f64;
    #[wasm_bindgen(js_name = stamp)]
    fn milliseconds() -> f64;
}

/// Seconds since the epoch.
pub fn now() -> i64 {
    seconds() as i64
}

/// When the page was loaded, in the same units as [`stamp`].
pub fn loaded_at() -> i64 {
    origin() as i64
}

/// Milliseconds since the epoch, to tell what was first.
pub fn stamp() -> i64 {
    milliseconds() as i64
}
