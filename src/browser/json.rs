//! The platform's JSON parser and printer.

use js_sys::{Array, JSON, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::Browser;
use super::object::{bare, set};
use crate::core::value::{MAX_DEPTH, MAX_MEMBERS, Value, may_be_member};
use crate::host::Json;

/// Longer texts are not looked at.
const MAX_BYTES: usize = 1 << 20;

/// The value of a text; nothing where it is no JSON, too long or too deep.
pub(super) fn parse(text: &str) -> Option<Value> {
    if text.len() > MAX_BYTES {
        return None;
    }
    from_js(&JSON::parse(text).ok()?)
}

/// A value that JavaScript has; nothing where it is no JSON, or too deep.
pub(crate) fn from_js(value: &JsValue) -> Option<Value> {
    read(value, MAX_DEPTH)
}

fn read(value: &JsValue, levels: usize) -> Option<Value> {
    if value.is_null() || value.is_undefined() {
        return Some(Value::Null);
    }
    let primitive = value.as_bool().map(Value::Bool);
    let primitive = primitive.or_else(|| value.as_f64().map(Value::Number));
    let primitive = primitive.or_else(|| value.as_string().map(Value::String));
    if primitive.is_some() || !value.is_object() {
        return primitive;
    }
    let levels = levels.checked_sub(1)?;
    if let Some(array) = value.dyn_ref::<Array>() {
        let values = array.iter().map(|value| read(&value, levels));
        return values.collect::<Option<_>>().map(Value::Array);
    }
    let entries = Object::entries(value.unchecked_ref());
    if entries.length() as usize > MAX_MEMBERS {
        return None;
    }
    let mut members = Vec::new();
    for entry in entries.iter() {
        let entry: Array = entry.unchecked_into();
        let (name, value) = (entry.get(0).as_string()?, read(&entry.get(1), levels)?);
        if may_be_member(&name) {
            members.push((name, value));
        }
    }
    Some(Value::Object(members))
}

/// A value as JavaScript has it. Objects have no prototype: what a page adds to Object.prototype is not in them, and no
/// setter there gets what is meant for them.
pub(crate) fn to_js(value: &Value) -> JsValue {
    write(value, &|_| {})
}

fn write(value: &Value, on_array: &dyn Fn(&Array)) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => (*number).into(),
        Value::String(text) => text.into(),
        Value::Array(values) => {
            let array = Array::new();
            on_array(&array);
            for (index, value) in (0..).zip(values) {
                array.set(index, write(value, on_array));
            }
            array.into()
        }
        Value::Object(members) => {
            let object = bare();
            for (name, value) in members {
                set(&object, name, &write(value, on_array));
            }
            object.into()
        }
    }
}

impl Json for Browser {
    fn parse(&self, text: &str) -> Option<Value> {
        parse(text)
    }

    fn stringify(&self, value: &Value) -> String {
        // Whatever `toJSON` a page adds to all arrays.
        let without_prototype = |array: &Array| drop(Object::set_prototype_of(array, JsValue::NULL.unchecked_ref()));
        let text = JSON::stringify(&write(value, &without_prototype));
        text.map(String::from).unwrap_or_default()
    }
}
