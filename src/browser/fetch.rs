//! Requests to the authorization server.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, RequestRedirect};

use super::abort_signal::AbortOnDrop;
use super::object::{bare, method, set};
use super::response::{self, DPOP_NONCE, header, status};
use super::timer::within;
use super::{Browser, json, page};
use crate::core::http::{self, Request, Sent, TransportError};
use crate::core::server::ServerMetadata;
use crate::core::url;
use crate::host::{Network, Pending};

impl Network for Browser {
    fn send<'a>(&'a self, request: &'a Request, timeout: u32) -> Pending<'a, Sent> {
        Box::pin(send(self.fetch.as_ref(), request, timeout))
    }

    fn learn(&self, metadata: &ServerMetadata) {
        if let Some(endpoints) = &self.endpoints {
            let revocation = JsValue::from(metadata.revocation_endpoint.clone());
            // It is the facade's, and does not throw.
            let _ = endpoints.call2(
                &JsValue::UNDEFINED,
                &metadata.token_endpoint.as_str().into(),
                &revocation,
            );
        }
    }
}

async fn send(own: Option<&Function>, request: &Request, timeout: u32) -> Sent {
    // A server on this device can be reached all the same.
    if page::is_offline() && !url::is_loopback(&request.url) {
        return Err(TransportError::NotSent);
    }
    // Dropped at the end, it aborts what is still under way: the response's body, say.
    let abort = AbortOnDrop::new().ok_or(TransportError::NotSent)?;
    let init = init_of(request);
    init.set_signal(Some(&abort.signal()));
    let answer = call(own, &request.url.as_str().into(), &init).map_err(|_| TransportError::NotSent)?;
    match within(timeout, read(answer)).await {
        None => Err(TransportError::Timeout),
        Some(response) => response.map_err(|_| TransportError::Lost),
    }
}

/// No cookies, no cache, no referrer, no redirects.
fn init_of(request: &Request) -> RequestInit {
    let headers = bare();
    set(&headers, "accept", &request.accept.into());
    let init: RequestInit = bare().unchecked_into();
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_redirect(RequestRedirect::Manual);
    if let Some(form) = &request.form {
        set(&headers, "content-type", &"application/x-www-form-urlencoded".into());
        init.set_method("POST");
        init.set_body(&form.as_str().into());
    }
    if let Some(token) = &request.token {
        set(&headers, "authorization", &token.authorization().into());
    }
    if let Some(proof) = &request.proof {
        set(&headers, "dpop", &proof.into());
    }
    init.set_headers(&headers);
    init
}

/// Calls the application's fetch, or the page's. What it returns may be a promise.
pub(super) fn call(own: Option<&Function>, input: &JsValue, init: &JsValue) -> Result<JsValue, JsValue> {
    let fetch = match own {
        Some(own) => own,
        None => &method(&js_sys::global(), "fetch")?,
    };
    fetch.call2(&JsValue::UNDEFINED, input, init)
}

async fn read(answer: JsValue) -> Result<http::Response, JsValue> {
    let response = response::wait(answer).await?;
    let content_type = header(&response, "content-type").unwrap_or_default();
    let text = response::text(&response, http::MAX_BODY).await?;
    Ok(http::Response {
        dpop_nonce: header(&response, DPOP_NONCE),
        ..http::Response::read(status(&response), &content_type, text, &json::parse)
    })
}
