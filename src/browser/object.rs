//! Members of objects, whoever made them.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A member; undefined where there is none, and where reading it throws.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// Sets a member of a new object without a prototype, which does not fail.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// An object without a prototype: what a page adds to Object.prototype is not in it.
pub(super) fn bare() -> Object {
    Object::create(JsValue::NULL.unchecked_ref())
}
