//! This page's memory.

use js_sys::Map;
use wasm_bindgen::prelude::*;

use crate::host::{Refused, Storage};

#[wasm_bindgen(module = "/src/browser/storage/memory.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = entries)]
    static ENTRIES: Map;
    fn shared() -> Map;
}

/// Entries of the clients on this page.
pub(super) struct MemoryStorage(Map);

impl MemoryStorage {
    /// Those of the clients that this copy of the module has.
    pub(super) fn own() -> MemoryStorage {
        MemoryStorage(ENTRIES.with(Map::clone))
    }

    /// Those that all scripts of the page can see.
    pub(super) fn shared() -> MemoryStorage {
        MemoryStorage(shared())
    }
}

impl Storage for MemoryStorage {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        Ok(self.0.get(&key.into()).as_string())
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        match text {
            Some(text) => drop(self.0.set(&key.into(), &text.into())),
            None => drop(self.0.delete(&key.into())),
        }
        true
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        let keys = self.0.keys().into_iter();
        keys.filter_map(|key| key.ok()?.as_string())
            .filter(|key| key.starts_with(prefix))
            .collect()
    }

    fn is_memory(&self) -> bool {
        true
    }
}
