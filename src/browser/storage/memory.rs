//! This page's memory.

use js_sys::Map;
use wasm_bindgen::prelude::*;

use crate::host::{Refused, Storage};

#[wasm_bindgen(module = "/src/browser/storage/memory.js")]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = entries)]
    static ENTRIES: Map;
}

/// The entries of all clients on this page.
pub(super) struct MemoryStorage;

impl Storage for MemoryStorage {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        Ok(ENTRIES.with(|entries| entries.get(&key.into()).as_string()))
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        ENTRIES.with(|entries| match text {
            Some(text) => drop(entries.set(&key.into(), &text.into())),
            None => drop(entries.delete(&key.into())),
        });
        true
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        let keys = ENTRIES.with(|entries| entries.keys());
        keys.into_iter()
            .filter_map(|key| key.ok()?.as_string())
            .filter(|key| key.starts_with(prefix))
            .collect()
    }

    fn is_memory(&self) -> bool {
        true
    }
}
