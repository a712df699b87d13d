//! Places to keep text: Web Storage, this page's memory, or the application's own.

use std::cell::RefCell;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

use crate::browser::timer::Deadline;

/// Storage refused, threw or did not answer.
#[derive(Clone, Copy, Debug)]
pub struct Refused;

/// A synchronous place.
pub enum Area {
    /// sessionStorage or localStorage.
    Web(web_sys::Storage),
    /// Gone with the page; shared by all clients on it, as the others are.
    Memory,
}

thread_local! {
    static MEMORY: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

impl Area {
    /// The tab's storage, where the page may use it.
    pub fn session() -> Option<Area> {
        web_sys::window()?.session_storage().ok()?.map(Area::Web)
    }

    /// The origin's storage, where the page may use it.
    pub fn local() -> Option<Area> {
        web_sys::window()?.local_storage().ok()?.map(Area::Web)
    }

    /// What stands under a key.
    pub fn get(&self, key: &str) -> Result<Option<String>, Refused> {
        match self {
            Area::Web(storage) => storage.get_item(key).map_err(|_| Refused),
            Area::Memory => {
                Ok(MEMORY.with_borrow(|all| all.iter().find(|(held, _)| held == key).map(|(_, text)| text.clone())))
            }
        }
    }

    /// Puts text under a key.
    pub fn set(&self, key: &str, text: &str) -> Result<(), Refused> {
        match self {
            Area::Web(storage) => storage.set_item(key, text).map_err(|_| Refused),
            Area::Memory => {
                self.remove(key)?;
                MEMORY.with_borrow_mut(|all| all.push((key.to_owned(), text.to_owned())));
                Ok(())
            }
        }
    }

    /// Forgets what stands under a key.
    pub fn remove(&self, key: &str) -> Result<(), Refused> {
        match self {
            Area::Web(storage) => storage.remove_item(key).map_err(|_| Refused),
            Area::Memory => {
                MEMORY.with_borrow_mut(|all| all.retain(|(held, _)| held != key));
                Ok(())
            }
        }
    }

    /// Every key with this beginning.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let all: Vec<String> = match self {
            Area::Web(storage) => {
                let count = storage.length().unwrap_or_default();
                (0..count).filter_map(|index| storage.key(index).ok()?).collect()
            }
            Area::Memory => MEMORY.with_borrow(|all| all.iter().map(|(key, _)| key.clone()).collect()),
        };
        all.into_iter().filter(|key| key.starts_with(prefix)).collect()
    }
}

/// The application's own storage: synchronous or not, and never to be trusted to answer.
pub struct Adapter(JsValue);

impl Adapter {
    /// An object with getItem, setItem and removeItem; nothing where one of them is no function.
    pub fn new(object: &JsValue) -> Option<Adapter> {
        let complete = ["getItem", "setItem", "removeItem"]
            .iter()
            .all(|name| method(object, name).is_some());
        complete.then(|| Adapter(object.clone()))
    }

    /// Calls one of the three. Settles to its result, or to the deadline's mark.
    pub fn call(&self, name: &str, key: &str, text: Option<&str>, deadline: &Deadline) -> Promise {
        let called = method(&self.0, name)
            .ok_or(JsValue::UNDEFINED)
            .and_then(|method| match text {
                Some(text) => method.call2(&self.0, &key.into(), &text.into()),
                None => method.call1(&self.0, &key.into()),
            });
        match called {
            Ok(result) => deadline.race(&result),
            Err(thrown) => Promise::reject(&thrown),
        }
    }
}

fn method(object: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(object, &name.into()).ok()?.dyn_into().ok()
}
