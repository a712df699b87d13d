//! Mutual exclusion over tabs (Web Locks), or over this page where there are none.

use wasm_bindgen::prelude::*;

use crate::browser::callback::release;

#[wasm_bindgen(module = "/src/browser/lock.js")]
extern "C" {
    /// Waits for a lock, some milliseconds at the most. Settles to what [`Held::new`] takes.
    pub fn acquire(name: &str, timeout: u32) -> JsValue;
}

/// A lock. Dropping it lets the next one in.
pub struct Held(JsValue);

impl Held {
    /// The lock, or nothing where the wait took too long.
    pub fn new(settled: Result<JsValue, JsValue>) -> Option<Held> {
        settled.ok().filter(JsValue::is_function).map(Held)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        release(&self.0);
    }
}
