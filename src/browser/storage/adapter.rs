//! A storage that may be slow, throw or never answer, behind a synchronous face.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::browser::lock::PageLock;
use crate::browser::tasks::promise;
use crate::browser::timer::within;
use crate::host::{Pending, Refused, Storage};

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
    /// What is to be written, in order.
    unwritten: RefCell<Vec<Write>>,
    writing: Rc<Writing>,
    /// How often anything was set.
    sets: Cell<u32>,
}

/// How far the storage is with what it was told to write.
struct Writing {
    /// The lock of whoever writes.
    turn: String,
    /// How many flushes have not come to their end.
    under_way: Cell<u32>,
    /// One of them took too long. Nobody waits for it any more.
    is_late: Cell<bool>,
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
            unwritten: RefCell::default(),
            writing: Rc::new(Writing {
                turn: PageLock::new_name(),
                under_way: Cell::default(),
                is_late: Cell::default(),
            }),
            sets: Cell::default(),
        }
    }

    fn put(&self, key: &str, text: Option<String>) {
        let mut entries = self.entries.borrow_mut();
        entries.retain(|(held, _)| held != key);
        entries.extend(text.map(|text| (key.to_owned(), text)));
    }

    /// Whether the storage has all that was set here, or will not have it.
    fn is_settled(&self) -> bool {
        let is_waited_for = self.writing.under_way.get() > 0 && !self.writing.is_late.get();
        self.unwritten.borrow().is_empty() && !is_waited_for
    }

    async fn ask(&self, key: &str) -> Result<Option<String>, JsValue> {
        let found = self.adapter.get_item(key)?;
        Ok(JsFuture::from(Promise::resolve(&found)).await?.as_string())
    }
}

impl Writing {
    /// Carries out what was set, in order, once earlier writes have come to their end: one that is late would undo a later
    /// one. Where they do not in so many milliseconds, nothing is begun.
    async fn write_all(&self, adapter: &Adapter, writes: Vec<Write>, patience: u32) -> Result<(), JsValue> {
        let turn = within(patience, PageLock::acquire(&self.turn)).await;
        self.is_late.set(turn.is_none());
        let _turn = turn.ok_or(JsValue::UNDEFINED)?;
        let mut written = Ok(());
        for write in writes {
            written = written.and(carry_out(adapter, write).await);
        }
        self.is_late.set(false);
        written
    }
}

async fn carry_out(adapter: &Adapter, Write { key, text }: Write) -> Result<(), JsValue> {
    let written = match text {
        Some(text) => adapter.set_item(&key, &text)?,
        None => adapter.remove_item(&key)?,
    };
    JsFuture::from(Promise::resolve(&written)).await.map(drop)
}

impl Storage for AdapterStorage {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        let entries = self.entries.borrow();
        let found = entries.iter().find(|(held, _)| held == key);
        Ok(found.map(|(_, text)| text.clone()))
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        let text = text.map(str::to_owned);
        self.put(key, text.clone());
        self.sets.set(self.sets.get().wrapping_add(1));
        let key = key.to_owned();
        self.unwritten.borrow_mut().push(Write { key, text });
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
            let (sets, is_settled) = (self.sets.get(), self.is_settled());
            let Some(Ok(text)) = within(self.timeout, self.ask(key)).await else {
                return false;
            };
            // What was set here, and perhaps not written yet when this was read, is later.
            if is_settled && self.sets.get() == sets {
                self.put(key, text);
            }
            true
        })
    }

    fn flush<'a>(&'a self, _key: &'a str, _session: Option<&'a str>) -> Pending<'a, bool> {
        let (adapter, writing) = (self.adapter.clone(), Rc::clone(&self.writing));
        let writes = self.unwritten.take();
        let patience = if writing.is_late.get() { 0 } else { self.timeout };
        writing.under_way.set(writing.under_way.get() + 1);
        // Spawned, so that writing goes on when the caller stops waiting.
        let written = promise(Box::pin(async move {
            let written = writing.write_all(&adapter, writes, patience).await;
            writing.under_way.set(writing.under_way.get() - 1);
            written.map(|()| JsValue::UNDEFINED)
        }));
        Box::pin(async move {
            let written = within(self.timeout, JsFuture::from(written)).await;
            if written.is_none() {
                self.writing.is_late.set(true);
            }
            matches!(written, Some(Ok(_)))
        })
    }
}
