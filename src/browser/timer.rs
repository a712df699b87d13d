//! Bounds on waiting.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: u32, argument: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// A point in time that stops every wait put under it. The timer goes with the value.
pub struct Deadline {
    promise: Promise,
    mark: JsValue,
    id: JsValue,
}

impl Deadline {
    /// Some milliseconds from now.
    pub fn after(milliseconds: u32) -> Deadline {
        let mark = JsValue::symbol(None);
        let mut id = JsValue::UNDEFINED;
        let promise = Promise::new(&mut |resolve, _| id = set_timeout(&resolve.unchecked_into(), milliseconds, &mark));
        Deadline { promise, mark, id }
    }

    /// The value's own outcome, or the mark, whichever is first. `value` may be a promise or not.
    pub fn race(&self, value: &JsValue) -> Promise {
        Promise::race(&Array::of2(value, &self.promise)).unchecked_into()
    }

    /// True where a race ended with the mark.
    pub fn is_over(&self, outcome: &JsValue) -> bool {
        *outcome == self.mark
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
