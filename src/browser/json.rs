//! The host's JSON, and bounded copies of its values.

use js_sys::{Array, JSON, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::core::value::{MAX_DEPTH, MAX_VALUES, Value};

/// Parses JSON text; nothing where it is none, or too deep, or too large.
pub fn parse(text: &str) -> Option<Value> {
    to_value(&JSON::parse(text).ok()?)
}

/// A plain JavaScript object of some serialisable value.
pub fn to_js(value: &impl Serialize) -> JsValue {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .unwrap_or_default()
}

/// JSON text of some serialisable value.
pub fn stringify(value: &impl Serialize) -> Option<String> {
    stringify_js(&to_js(value))
}

/// JSON text of a JavaScript value; nothing where it has none.
pub fn stringify_js(value: &JsValue) -> Option<String> {
    // `JSON.stringify(undefined)` is undefined, not a string.
    JSON::stringify(value).ok().and_then(|text| text.as_string())
}

/// A copy of a JavaScript value; nothing where it holds what JSON does not, or is too deep or too large.
pub fn to_value(value: &JsValue) -> Option<Value> {
    copy(value, MAX_DEPTH, &mut MAX_VALUES.clone())
}

fn copy(value: &JsValue, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if value.is_null() {
        return Some(Value::Null);
    }
    if let Some(flag) = value.as_bool() {
        return Some(Value::Bool(flag));
    }
    if let Some(number) = value.as_f64() {
        return Some(Value::Number(number));
    }
    if let Some(text) = value.as_string() {
        return Some(Value::String(text));
    }
    let depth = depth.checked_sub(1)?;
    if Array::is_array(value) {
        let items = value.unchecked_ref::<Array>();
        return (0..items.length())
            .map(|index| copy(&items.get(index), depth, left))
            .collect::<Option<_>>()
            .map(Value::Array);
    }
    if !value.is_object() {
        return None;
    }
    let mut members = Vec::new();
    for name in Object::keys(value.unchecked_ref::<Object>()).iter() {
        let member = Reflect::get(value, &name).ok()?;
        let name = name.as_string()?;
        // Absent, as everywhere in JavaScript; and nothing of ours is ever called __proto__.
        if !member.is_undefined() && name != "__proto__" {
            members.push((name, copy(&member, depth, left)?));
        }
    }
    Some(Value::Object(members))
}
