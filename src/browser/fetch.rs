//! Requests over the network.

use wasm_bindgen::prelude::*;

use crate::core::document::Document;
use crate::core::http::{Failure, Request, Response};

#[wasm_bindgen(module = "/src/browser/fetch.js")]
extern "C" {
    #[wasm_bindgen(js_name = send)]
    fn start(host: &JsValue, url: &str, form: Option<&str>, token: Option<&str>, timeout: u32) -> JsValue;
}

/// Sends a request with the application's fetch, or the page's. Settles to what [`answer`] takes.
pub fn send(host: &JsValue, request: &Request, timeout: u32) -> JsValue {
    start(
        host,
        &request.url,
        request.form.as_deref(),
        request.token.as_deref(),
        timeout,
    )
}

/// The response that a request came to.
pub fn answer(settled: Option<String>) -> Result<Response, Failure> {
    let text = settled.unwrap_or_default();
    let (status, members) = text.split_at_checked(3).ok_or(match text.as_str() {
        "N" => Failure::NotSent,
        "T" => Failure::Timeout,
        _ => Failure::Lost,
    })?;
    let json = members
        .strip_prefix('j')
        .map(|members| Document::new(members.to_owned()));
    Ok(Response {
        status: status
            .bytes()
            .fold(0, |number, digit| number * 10 + u16::from(digit.wrapping_sub(b'0'))),
        json,
    })
}
