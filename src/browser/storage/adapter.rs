//! A storage that may be slow, throw or never answer, behind a synchronous face.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::browser::timer::within;
use crate::host::{Pending, Storage};

#[wasm_bindgen]
extern "C" {
    /// An object in the shape of Web Storage, whose methods may return promises.
    #[derive(Clone)]
    pub(super) type Adapter;
    #[wasm_bindgen(method, catch, js_name = getItem)]
    fn get_item(this: &Adapter, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setItem)]
    fn set_item(this: &Adapter, key: &str, text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeItem)]
    fn remove_item(this: &Adapter, key: &str) -> Result<JsValue, JsValue>;
}

/// The entries as they are known here, and what is to be written.
pub(super) struct AdapterStorage {
    adapter: Adapter,
    timeout: u32,
    entries: RefCell<Vec<(String, String)>>,
    writes: Rc<Writes>,
    /// How often anything was set.
    sets: Cell<u32>,
}

/// What is to be written, in order.
#[derive(Default)]
struct Writes {
    queue: RefCell<VecDeque<Write>>,
    /// How many are being carried out.
    begun: Cell<u32>,
}

impl Writes {
    fn are_done(&self) -> bool {
        self.begun.get() == 0 && self.queue.borrow().is_empty()
    }
}

struct Write {
    key: String,
    text: Option<String>,
}

impl AdapterStorage {
    pub(super) fn new(adapter: Adapter, timeout: u32) -> AdapterStorage {
        AdapterStorage {
            adapter,
            timeout,
            entries: RefCell::default(),
            writes: Rc::default(),
            sets: Cell::default(),
        }
    }

    fn put(&self, key: &str, text: Option<String>) {
        let mut entries = self.entries.borrow_mut();
        entries.retain(|(held, _)| held != key);
        entries.extend(text.map(|text| (key.to_owned(), text)));
    }

    async fn read(&self, key: &str) -> Result<Option<String>, JsValue> {
        let found = self.adapter.get_item(key)?;
        Ok(JsFuture::from(Promise::resolve(&found)).await?.as_string())
    }
}

/// Carries out what was set, in order.
async fn write_all(adapter: Adapter, writes: Rc<Writes>) -> Result<JsValue, JsValue> {
    loop {
        let write = writes.queue.borrow_mut().pop_front();
        let Some(write) = write else {
            return Ok(JsValue::UNDEFINED);
        };
        writes.begun.set(writes.begun.get() + 1);
        let written = carry_out(&adapter, write).await;
        writes.begun.set(writes.begun.get() - 1);
        written?;
    }
}

async fn carry_out(adapter: &Adapter, Write { key, text }: Write) -> Result<JsValue, JsValue> {
    let written = match text {
        Some(text) => adapter.set_item(&key, &text)?,
        None => adapter.remove_item(&key)?,
    };
    JsFuture::from(Promise::resolve(&written)).await
}

impl Storage for AdapterStorage {
    fn get(&self, key: &str) -> Option<String> {
        let entries = self.entries.borrow();
        entries
            .iter()
            .find(|(held, _)| held == key)
            .map(|(_, text)| text.clone())
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        let text = text.map(str::to_owned);
        self.put(key, text.clone());
        self.sets.set(self.sets.get().wrapping_add(1));
        let key = key.to_owned();
        self.writes.queue.borrow_mut().push_back(Write { key, text });
        true
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        let entries = self.entries.borrow();
        let keys = entries.iter().map(|(key, _)| key);
        keys.filter(|key| key.starts_with(prefix)).cloned().collect()
    }

    fn answers_at_once(&self) -> bool {
        false
    }

    fn load<'a>(&'a self, key: &'a str, _session: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(async move {
            let (sets, is_written) = (self.sets.get(), self.writes.are_done());
            let Some(Ok(text)) = within(self.timeout, self.read(key)).await else {
                return false;
            };
            // What was set here, and perhaps not written yet when this was read, is later.
            if is_written && self.sets.get() == sets {
                self.put(key, text);
            }
            true
        })
    }

    fn flush<'a>(&'a self, _key: &'a str, _session: Option<&'a str>) -> Pending<'a, bool> {
        // Spawned, so that writing goes on when the caller stops waiting.
        let writing = future_to_promise(write_all(self.adapter.clone(), Rc::clone(&self.writes)));
        Box::pin(async move { matches!(within(self.timeout, JsFuture::from(writing)).await, Some(Ok(_))) })
    }
}
