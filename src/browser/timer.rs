//! Timers, and waits that have an end.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use js_sys::Function;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::events::Oneshot;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(function: &Function, milliseconds: f64) -> JsValue;
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
            id: set_timeout(function.as_ref().unchecked_ref(), milliseconds),
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
    let over = Oneshot::new();
    let sender = over.sender();
    let _timer = Timer::new(milliseconds.into(), move || sender.send(()));
    over.receive().await;
}

/// What some work comes to; nothing where it takes longer than this many milliseconds.
pub(super) async fn within<T>(milliseconds: u32, work: impl Future<Output = T>) -> Option<T> {
    first(async { Some(work.await) }, async {
        sleep(milliseconds).await;
        None
    })
    .await
}

/// What the first of two futures comes to. The other one is dropped.
pub(super) async fn first<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Pending => other.as_mut().poll(context),
        ready => ready,
    })
    .await
}
