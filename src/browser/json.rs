//! The platform's JSON parser and printer.

use js_sys::JSON;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;

use super::Browser;
use crate::core::value::Value;
use crate::host::Json;

/// Longer texts are not looked at.
const MAX_BYTES: usize = 1 << 20;

/// The value of a text; nothing where it is no JSON, too long or too deep.
pub(super) fn parse(text: &str) -> Option<Value> {
    if text.len() > MAX_BYTES {
        return None;
    }
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}

impl Json for Browser {
    fn parse(&self, text: &str) -> Option<Value> {
        parse(text)
    }

    fn stringify(&self, value: &Value) -> String {
        let text = value
            .serialize(&Serializer::json_compatible())
            .ok()
            .and_then(|value| JSON::stringify(&value).ok());
        // A `Value` holds JSON only, so JSON.stringify gives a text.
        text.map(String::from).unwrap_or_default()
    }
}
