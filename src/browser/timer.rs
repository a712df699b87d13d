//! Timers, and waits that have an end.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::Function;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/timer.js")]
extern "C" {
    #[wasm_bindgen(js_name = setTimer)]
    fn set_timer(function: &Function, milliseconds: f64) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// A function that is called after some time, unless this is dropped before.
pub(super) struct Timer {
    id: JsValue,
    _function: Closure<dyn Fn()>,
}

impl Timer {
    pub(super) fn new(milliseconds: f64, function: impl Fn() + 'static) -> Timer {
        let function = Closure::<dyn Fn()>::new(function);
        Timer {
            id: set_timer(function.as_ref().unchecked_ref(), milliseconds),
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
    let (sender, over) = oneshot::channel::<()>();
    let sender = Cell::new(Some(sender));
    let _timer = Timer::new(milliseconds.into(), move || drop(sender.take()));
    // It is over when the timer drops its end.
    let _ = over.await;
}

/// What some work comes to; nothing where it takes longer than this many milliseconds.
pub(super) async fn within<T>(milliseconds: u32, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(sleep(milliseconds))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}
