//! Requests over the network.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

use crate::browser::timer::Deadline;
use crate::core::http::{Failure, Request};

#[wasm_bindgen]
extern "C" {
    /// A `Response`, or whatever the application's own fetch made of it: every access may throw.
    pub type Answer;
    type Headers;
    #[wasm_bindgen(method, getter, catch)]
    fn status(this: &Answer) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn headers(this: &Answer) -> Result<Headers, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Headers, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Answer) -> Result<JsValue, JsValue>;
}

/// A request under way, bounded as a whole: headers and body. Dropping it aborts what still runs.
pub struct Exchange {
    promise: Promise,
    deadline: Deadline,
    abort: web_sys::AbortController,
}

/// Sends a request with the application's fetch, or the page's. No cookies, no cache, no referrer, no redirects.
pub fn send(fetch: Option<&Function>, request: &Request, timeout: u32) -> Result<Exchange, Failure> {
    let global = js_sys::global();
    let fetch = match fetch {
        Some(fetch) => fetch.clone(),
        None => Reflect::get(&global, &"fetch".into())
            .and_then(|found| found.dyn_into())
            .map_err(|_| Failure::NotSent)?,
    };
    let abort = web_sys::AbortController::new().map_err(|_| Failure::NotSent)?;
    let headers = Object::new();
    set(&headers, "accept", &"application/json".into());
    let init = Object::new();
    if let Some(form) = &request.form {
        set(&headers, "content-type", &"application/x-www-form-urlencoded".into());
        set(&init, "method", &"POST".into());
        set(&init, "body", &form.as_str().into());
    }
    for (name, value) in [
        ("cache", "no-store"),
        ("credentials", "omit"),
        ("referrerPolicy", "no-referrer"),
        ("redirect", "manual"),
    ] {
        set(&init, name, &value.into());
    }
    set(&init, "headers", &headers);
    set(&init, "signal", &abort.signal());
    let deadline = Deadline::after(timeout);
    let call = fetch
        .call2(&JsValue::UNDEFINED, &request.url.as_str().into(), &init)
        .map_err(|_| Failure::NotSent)?;
    Ok(Exchange {
        promise: deadline.race(&call),
        deadline,
        abort,
    })
}

impl Exchange {
    /// Settles when the headers are there.
    pub fn head(&self) -> &Promise {
        &self.promise
    }

    /// What `head` settled to.
    pub fn answer(&self, settled: Result<JsValue, JsValue>) -> Result<Answer, Failure> {
        let value = self.in_time(settled)?;
        if value.is_object() {
            Ok(value.unchecked_into())
        } else {
            Err(Failure::Lost)
        }
    }

    /// Settles when the body is there.
    pub fn body(&self, answer: &Answer) -> Promise {
        match answer.text() {
            Ok(text) => self.deadline.race(&text),
            Err(thrown) => Promise::reject(&thrown),
        }
    }

    /// What `body` settled to.
    pub fn text(&self, settled: Result<JsValue, JsValue>) -> Result<String, Failure> {
        self.in_time(settled)?.as_string().ok_or(Failure::Lost)
    }

    fn in_time(&self, settled: Result<JsValue, JsValue>) -> Result<JsValue, Failure> {
        match settled {
            Ok(value) if self.deadline.is_over(&value) => Err(Failure::Timeout),
            Ok(value) => Ok(value),
            Err(_) => Err(Failure::Lost),
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

impl Answer {
    /// HTTP status; 0 for a redirect that was not followed, or where there is none to read.
    pub fn code(&self) -> u16 {
        self.status()
            .ok()
            .and_then(|status| status.as_f64())
            .unwrap_or_default() as u16
    }

    /// True for `application/json` and `+json`.
    pub fn is_json(&self) -> bool {
        let read = self.headers().and_then(|headers| headers.get("content-type"));
        let kind = read
            .ok()
            .and_then(|kind| kind.as_string())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let media = kind.split(';').next().unwrap_or_default().trim();
        media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
    }
}

/// A plain object of ours cannot refuse a member.
fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}
