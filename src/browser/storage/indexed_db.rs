//! IndexedDB, in the shape of an adapter.

use wasm_bindgen::prelude::*;

use super::adapter::Adapter;

#[wasm_bindgen(module = "/src/browser/storage/indexed_db.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = database)]
    fn start() -> Result<JsValue, JsValue>;
}

/// The database, where the page may use it. It is opened when it is first asked.
pub(super) fn open() -> Option<Adapter> {
    start().ok().map(Adapter::from)
}
