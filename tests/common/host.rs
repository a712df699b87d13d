//! JSON as the host parses and prints it.

use scopewise::core::value::Value;
use serde::Deserialize as _;
use serde_json::Value as Json;

/// The host's parser. Nothing for what is no JSON, or too deep.
pub(crate) fn parse_json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// The host's printer.
pub(crate) fn stringify(value: &Value) -> String {
    serde_json::to_string(value).unwrap()
}

/// What the host makes of some JSON.
pub(crate) fn value(json: &Json) -> Value {
    Value::deserialize(json).unwrap()
}

/// The body of a response: an object, or nothing.
pub(crate) fn body(json: &Json) -> Option<Value> {
    json.is_object().then(|| value(json))
}
