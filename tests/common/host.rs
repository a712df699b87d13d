//! JSON as the host would parse it.

use scopewise::core::document::Document;
use serde_json::Value;

/// A JSON object as the host hands it over (src/browser/json.js): flat, each name behind a letter for its type. Nothing
/// for other values.
pub(crate) fn document(json: &Value) -> Option<Document> {
    let mut record = String::new();
    for (name, member) in json.as_object()? {
        let mut put = |kind: &str, text: &str| {
            record.extend(["\x1e", kind, &inert(&name.replace('=', "\u{fffd}")), "=", &inert(text)]);
        };
        match member {
            Value::String(text) => put("s", text),
            Value::Bool(flag) => put("b", &flag.to_string()),
            Value::Number(number) => put("n", &whole(number.as_f64().unwrap())),
            Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
                items.iter().for_each(|item| put("a", item.as_str().unwrap()));
            }
            _ => put("x", ""),
        }
    }
    Some(Document::new(record))
}

/// A text that cannot be taken for the end of a member.
fn inert(text: &str) -> String {
    text.replace(['\x1d', '\x1e'], "\u{fffd}")
}

/// A number cut to whole units, as JavaScript writes it.
fn whole(number: f64) -> String {
    // JavaScript writes -0 without its sign.
    let number = number.floor() + 0.0;
    if number.abs() < 1e21 {
        format!("{number:.0}")
    } else {
        format!("{number:e}").replace("e", "e+")
    }
}

/// The host's parser.
pub(crate) fn parse_json(text: &str) -> Option<Document> {
    document(&serde_json::from_str(text).ok()?)
}
