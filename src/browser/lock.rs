//! Mutual exclusion over tabs (Web Locks), or over this page where there are none.

use wasm_bindgen::prelude::*;

use crate::core::text::Text;

#[wasm_bindgen(module = "/src/browser/lock.js")]
extern "C" {
    /// Waits for a lock, some milliseconds at the most; with none, takes it where no other page has it. Settles to a text, or to nothing where the wait took too long.
    pub fn acquire(name: &str, timeout: u32) -> JsValue;
    fn release(name: &str);
    /// Whether other tabs wait, too.
    #[wasm_bindgen(js_name = isShared)]
    pub fn is_shared() -> bool;
}

/// A lock. Dropping it lets the next one in.
pub struct Held(Text);

impl Held {
    /// The lock of a name, which [`acquire`] settled for.
    pub fn new(name: Text, settled: Option<String>) -> Option<Held> {
        settled.map(|_| Held(name))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        release(&self.0);
    }
}
