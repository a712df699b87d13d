//! The page that the tests run in: script, promises, time.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::{Date, Function, Promise, Reflect};
use scopewise::browser::Browser;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Runs the body of a function, and returns what it returns.
pub(crate) fn script(body: &str) -> JsValue {
    Function::new_no_args(body)
        .call0(&JsValue::UNDEFINED)
        .expect("the script must not throw")
}

/// The same with one argument, `it`.
pub(crate) fn script_with(it: &JsValue, body: &str) -> JsValue {
    Function::new_with_args("it", body)
        .call1(&JsValue::UNDEFINED, it)
        .expect("the script must not throw")
}

/// What a script returns, as text.
pub(crate) fn text(body: &str) -> String {
    script(body).as_string().expect("the script must return a string")
}

/// A member of an object.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).expect("an object")
}

/// Waits for a promise: the text that it came to.
pub(crate) async fn settled(promise: JsValue) -> Option<String> {
    let settlement = JsFuture::from(promise.unchecked_into::<Promise>()).await;
    settlement.ok().and_then(|text| text.as_string())
}

/// Waits for some milliseconds.
pub(crate) async fn pause(milliseconds: u32) {
    let over = script(&format!(
        "return new Promise((over) => setTimeout(over, {milliseconds}))"
    ));
    settled(over).await;
}

/// A host that all of a test may borrow.
pub(crate) fn browser() -> &'static Browser {
    Box::leak(Box::default())
}

/// Starts what is waited for later.
pub(crate) fn start<F: Future + Unpin>(waiting: &mut F) {
    let context = &mut Context::from_waker(Waker::noop());
    assert!(Pin::new(waiting).poll(context).is_pending());
}

/// Starts to wait, and tells whether there is nothing after some milliseconds.
pub(crate) async fn pending_for<F: Future + Unpin>(waiting: &mut F, milliseconds: u32) -> bool {
    let mut late = Box::pin(pause(milliseconds));
    poll_fn(|context| match Pin::new(&mut *waiting).poll(context) {
        Poll::Ready(_) => Poll::Ready(false),
        Poll::Pending => late.as_mut().poll(context).map(|()| true),
    })
    .await
}

/// Milliseconds since the epoch.
pub(crate) fn milliseconds() -> f64 {
    Date::now()
}

/// A change of the page, which is undone when the test is over.
pub(crate) struct Changed(&'static str);

impl Changed {
    /// Runs `change`, and `undo` when dropped.
    pub(crate) fn new(change: &str, undo: &'static str) -> Changed {
        script(change);
        Changed(undo)
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        script(self.0);
    }
}
