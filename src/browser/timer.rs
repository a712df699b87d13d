//! Timers, and waits that have an end.

use std::future::Future;
use std::pin::pin;

use futures_util::future::{Either, select};
use js_sys::{Function, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::events::once;
use super::object::{get, method};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(function: &Function, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// The `setTimeout` that zone.js, which Angular may come with, keeps of the platform's. Its own one counts: an application
/// would not be at rest before its token ends.
fn kept_by_zones() -> Option<Function> {
    let global = js_sys::global();
    let zone = get(&global, "Zone");
    let name = method(&zone, "__symbol__")
        .ok()?
        .call1(&zone, &"setTimeout".into())
        .ok()?;
    Reflect::get(&global, &name).ok()?.dyn_into().ok()
}

/// A function that is called after some time, unless this is dropped before.
pub(super) struct Timer {
    id: JsValue,
    _function: Closure<dyn Fn()>,
}

impl Timer {
    pub(super) fn new(milliseconds: f64, function: impl Fn() + 'static) -> Timer {
        let function = Closure::<dyn Fn()>::new(function);
        let work: &Function = function.as_ref().unchecked_ref();
        let set = kept_by_zones().and_then(|kept| kept.call2(&JsValue::UNDEFINED, work, &milliseconds.into()).ok());
        Timer {
            id: set.unwrap_or_else(|| set_timeout(work, milliseconds)),
            _function: function,
        }
    }
}

impl crate::host::Timer for Timer {}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// Waits for some time.
pub(super) async fn sleep(milliseconds: u32) {
    let (end, ended) = once();
    let _timer = Timer::new(milliseconds.into(), end);
    ended.await;
}

/// What some work comes to; nothing where it takes longer than this many milliseconds.
pub(super) async fn within<T>(milliseconds: u32, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(sleep(milliseconds))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}
