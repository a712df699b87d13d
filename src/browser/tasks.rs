//! Work that nobody waits for.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use super::Browser;
use crate::host::{Pending, Tasks};

impl Tasks for Browser {
    fn spawn(&self, task: Pending<'static, ()>) {
        spawn(task);
    }
}

/// Runs it, from the next turn on. Boxed, as the next one is, so that it is compiled once.
pub(super) fn spawn(task: Pending<'static, ()>) {
    spawn_local(task);
}

/// The same, with a promise of what it comes to.
pub(crate) fn promise(work: Pending<'static, Result<JsValue, JsValue>>) -> Promise {
    future_to_promise(work)
}
