//! Places to keep text: Web Storage, this page's memory, or the application's own.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/storage.js")]
extern "C" {
    /// "session", "local", "memory", "indexeddb", "worker" or "own"; memory where the page may not use the one it wants.
    pub fn open(kind: &str, host: &JsValue, timeout: u32) -> JsValue;
    /// Whether a store is the page's memory.
    #[wasm_bindgen(js_name = isMemory)]
    pub fn is_memory(store: &JsValue) -> bool;
    /// What stands under a key.
    pub fn read(store: &JsValue, key: &str) -> Option<String>;
    /// Puts text under a key, or removes what is there. False where the store refuses.
    pub fn write(store: &JsValue, key: &str, text: Option<&str>) -> bool;
    /// The rest of every key with this beginning, a line each.
    pub fn keys(store: &JsValue, prefix: &str) -> String;
    /// Lets go of what a store has open.
    pub fn close(store: &JsValue);
    /// Promises to carry out what was written, or to read a key again ("write", "read"): settles to a text if it did, and to nothing if not.
    pub fn sync(store: &JsValue, action: &str, key: &str) -> JsValue;
}
