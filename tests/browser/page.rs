//! The page that the tests run in: script, promises, time.

use js_sys::{Array, Date, Function, Promise, Reflect};
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

/// Waits for a promise: the text that it came to, as the client's tasks see it.
pub(crate) async fn settled(promise: JsValue) -> Option<String> {
    let settlement = JsFuture::from(promise.unchecked_into::<Promise>()).await;
    settlement.ok().and_then(|text| text.as_string())
}

/// Waits for a promise that resolves to a text, or to nothing where something did not work.
pub(crate) async fn truth(promise: JsValue) -> bool {
    settled(promise).await.is_some()
}

/// Whether a promise is still pending after some milliseconds.
pub(crate) async fn pending_for(promise: &JsValue, milliseconds: u32) -> bool {
    let late = script(&format!(
        "return new Promise((late) => setTimeout(late, {milliseconds}, 'late'))"
    ));
    let first = Promise::race(&Array::of2(promise, &late));
    settled(first.into()).await.as_deref() == Some("late")
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
