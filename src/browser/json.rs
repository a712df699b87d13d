//! The host's JSON parser.

use wasm_bindgen::prelude::*;

use crate::core::document::Document;

#[wasm_bindgen(module = "/src/browser/json.js")]
extern "C" {
    fn flatten(text: &str) -> Option<String>;
}

/// Longer documents are not looked at.
const MAX_BYTES: usize = 1 << 20;

/// The members of a JSON object; nothing where the text is none.
pub fn parse(text: &str) -> Option<Document> {
    let members = if text.len() > MAX_BYTES { None } else { flatten(text) };
    members.map(Document::new)
}
