//! Requests over the network.

use wasm_bindgen::prelude::*;

use crate::browser::json;
use crate::core::http::{Failure, Request, Response};

#[wasm_bindgen(module = "/src/browser/fetch.js")]
extern "C" {
    #[wasm_bindgen(js_name = send)]
    fn start(fetch: &JsValue, url: &str, form: Option<&str>, timeout: u32) -> JsValue;
}

/// Sends a request with the application's fetch, or the page's where that is undefined. Settles to what [`answer`] takes.
pub fn send(fetch: &JsValue, request: &Request, timeout: u32) -> JsValue {
    start(fetch, &request.url, request.form.as_deref(), timeout)
}

/// The response that a request came to.
pub fn answer(settled: Result<JsValue, JsValue>) -> Result<Response, Failure> {
    let text = settled.ok().and_then(|text| text.as_string()).ok_or(Failure::Lost)?;
    let Some(kind) = text.find(|c: char| !c.is_ascii_digit()) else {
        return Err(Failure::Lost);
    };
    let (status, rest) = text.split_at(kind);
    match (status.parse(), rest.split_at_checked(1)) {
        (Ok(status), Some((kind, body))) => Ok(Response {
            status,
            json: if kind == "j" { json::parse(body) } else { None },
        }),
        (_, Some(("N", _))) => Err(Failure::NotSent),
        (_, Some(("T", _))) => Err(Failure::Timeout),
        _ => Err(Failure::Lost),
    }
}
