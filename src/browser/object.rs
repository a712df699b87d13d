//! Members of objects, whoever made them.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A member; undefined where there is none. Fails where reading it throws.
pub(super) fn read(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &name.into())
}

/// The same; undefined where reading it throws.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    read(object, name).unwrap_or_default()
}

/// A method. Fails where it is none.
pub(super) fn method(object: &JsValue, name: &str) -> Result<Function, JsValue> {
    read(object, name)?.dyn_into()
}

/// Sets a member of a new object without a prototype, which does not fail.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// An object without a prototype: what a page adds to Object.prototype is not in it.
pub(super) fn bare() -> Object {
    Object::create(JsValue::NULL.unchecked_ref())
}
