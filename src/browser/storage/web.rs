//! sessionStorage and localStorage.

use std::rc::Rc;

use crate::host::{Refused, Storage};

/// One of the two.
pub(super) struct WebStorage(web_sys::Storage);

/// sessionStorage, where the page may use it.
pub(super) fn session() -> Option<Rc<dyn Storage>> {
    let storage = web_sys::window()?.session_storage().ok()??;
    Some(Rc::new(WebStorage(storage)))
}

/// localStorage, where the page may use it.
pub(super) fn local() -> Option<Rc<dyn Storage>> {
    let storage = web_sys::window()?.local_storage().ok()??;
    Some(Rc::new(WebStorage(storage)))
}

impl Storage for WebStorage {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        self.0.get_item(key).map_err(|_| Refused)
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        match text {
            // Some take all and keep nothing.
            Some(text) => {
                self.0.set_item(key, text).is_ok() && matches!(self.0.get_item(key), Ok(Some(kept)) if kept == text)
            }
            None => self.0.remove_item(key).is_ok(),
        }
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        let count = self.0.length().unwrap_or_default();
        (0..count)
            .filter_map(|index| self.0.key(index).ok()?)
            .filter(|key| key.starts_with(prefix))
            .collect()
    }
}
