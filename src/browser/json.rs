//! The platform's JSON parser and printer.

use js_sys::JSON;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::Browser;
use crate::core::value::Value;
use crate::host::Json;

#[wasm_bindgen(module = "/src/browser/json.js")]
extern "C" {
    /// Objects in place of maps, without a prototype.
    #[wasm_bindgen(js_name = fromMaps)]
    fn from_maps(value: JsValue) -> JsValue;
    /// The text of the same. Of a `Value`, which holds JSON only, there is one.
    #[wasm_bindgen(catch, js_name = stringify)]
    fn text(value: JsValue) -> Result<String, JsValue>;
}

/// Longer texts are not looked at.
const MAX_BYTES: usize = 1 << 20;

/// The value of a text; nothing where it is no JSON, too long or too deep.
pub(super) fn parse(text: &str) -> Option<Value> {
    if text.len() > MAX_BYTES {
        return None;
    }
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}

/// A value as JavaScript has it: objects have no prototype, and all members are their own.
pub(crate) fn to_js(value: &Value) -> JsValue {
    from_maps(with_maps(value))
}

fn with_maps(value: &Value) -> JsValue {
    let maps = Serializer::new().serialize_missing_as_null(true);
    // Every `Value` has a form in JavaScript.
    value.serialize(&maps).unwrap_or_default()
}

impl Json for Browser {
    fn parse(&self, text: &str) -> Option<Value> {
        parse(text)
    }

    fn stringify(&self, value: &Value) -> String {
        text(with_maps(value)).unwrap_or_default()
    }
}
