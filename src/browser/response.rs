//! Responses. They may be of the application's making, so nothing of them is taken for granted.

use js_sys::{ArrayBuffer, Promise, Reflect, Symbol, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Response};

use super::object::{self, get};

/// Waits for what a fetch returned.
pub(super) async fn wait(answer: JsValue) -> Result<Response, JsValue> {
    let response = JsFuture::from(Promise::resolve(&answer)).await?;
    // Not `instanceof`: the response may come from another realm.
    if response.is_object() {
        Ok(response.unchecked_into())
    } else {
        Err(JsValue::UNDEFINED)
    }
}

/// A header of a response.
pub(super) fn header(response: &Response, name: &str) -> Option<String> {
    let headers: Headers = get(response, "headers").unchecked_into();
    headers.get(name).ok()?
}

/// The status of a response; 0 where it has none, as for a redirect that is not followed.
pub(super) fn status(response: &Response) -> u16 {
    get(response, "status").as_f64().unwrap_or_default() as u16
}

/// What a server wants in the next proof (RFC 9449 §8).
pub(super) const DPOP_NONCE: &str = "dpop-nonce";

/// The text of a body; nothing where it is longer than this many bytes, and no more than that is read.
pub(super) async fn text(response: &Response, most: usize) -> Result<Option<String>, JsValue> {
    let stream = object::read(response, "body")?;
    if !stream.is_object() {
        // There is none, or no way to read it piece by piece.
        let text = ask(response, "text").await?.as_string().unwrap_or_default();
        return Ok(Some(text).filter(|text| text.len() <= most));
    }
    let reader = object::method(&stream, "getReader")?.call0(&stream)?;
    let mut bytes = Vec::new();
    loop {
        let part = ask(&reader, "read").await?;
        if object::read(&part, "done")?.is_truthy() {
            break;
        }
        let part = bytes_of(object::read(&part, "value")?)?;
        if bytes.len() + part.length() as usize > most {
            return Ok(None);
        }
        bytes.extend(part.to_vec());
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()))
}

/// Not `instanceof`: the part may come from another realm, and what only looks like one throws when it is read.
fn bytes_of(part: JsValue) -> Result<Uint8Array, JsValue> {
    if ArrayBuffer::is_view(&part) && Reflect::get(&part, &Symbol::to_string_tag())? == "Uint8Array" {
        Ok(part.unchecked_into())
    } else {
        Err(part)
    }
}

async fn ask(object: &JsValue, method: &str) -> Result<JsValue, JsValue> {
    let answer = object::method(object, method)?.call0(object)?;
    JsFuture::from(Promise::resolve(&answer)).await
}
