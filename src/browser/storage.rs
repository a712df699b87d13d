//! Places to keep text: Web Storage, this page's memory, or the application's own.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/storage.js")]
extern "C" {
    /// "session" or "local", or "memory" where the page may not use it.
    pub fn open(kind: &str) -> JsValue;
    /// Whether a store is the page's memory.
    #[wasm_bindgen(js_name = isMemory)]
    pub fn is_memory(store: &JsValue) -> bool;
    /// What stands under a key.
    pub fn read(store: &JsValue, key: &str) -> Option<String>;
    /// Puts text under a key, or removes what is there. False where the store refuses.
    pub fn write(store: &JsValue, key: &str, text: Option<&str>) -> bool;
    /// The rest of every key with this beginning, a line each.
    pub fn keys(store: &JsValue, prefix: &str) -> String;
    /// Calls a store that need not be synchronous. Settles to what [`found`] takes.
    pub fn ask(store: &JsValue, method: &str, key: &str, text: Option<&str>, timeout: u32) -> JsValue;
}

/// The store refused, threw, or did not answer in time.
#[derive(Clone, Copy, Debug)]
pub struct Refused;

/// What a store answered.
pub fn found(settled: Result<JsValue, JsValue>) -> Result<Option<String>, Refused> {
    let answer = settled.ok().and_then(|answer| answer.as_string()).ok_or(Refused)?;
    Ok(answer.strip_prefix('=').map(str::to_owned))
}
