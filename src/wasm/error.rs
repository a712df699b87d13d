//! Errors, as the facade takes them.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::{set, to_js};
use crate::core::error::Error;

/// The members of an `AuthError`. Those that do not apply are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorOutput<'a> {
    code: &'a str,
    message: String,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr_values: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_to: Option<&'a str>,
}

pub(super) fn to_js_error(error: Error) -> JsValue {
    let server = error.server_error();
    let challenge = error.challenge();
    let request = error.request();
    let object = to_js(&ErrorOutput {
        code: error.code(),
        message: error.message(),
        retryable: error.is_retryable(),
        description: server.and_then(|server| server.description.as_deref()),
        error_uri: server.and_then(|server| server.uri.as_deref()),
        status: error.status(),
        missing: error.missing(),
        acr_values: challenge.and_then(|details| details.acr_values.as_deref()),
        max_age: challenge
            .and_then(|details| details.max_age)
            .map(|seconds| seconds as f64),
        reason: error.reason(),
        return_to: request.map(|request| request.return_to.as_str()),
    });
    if let Some(app_state) = request.and_then(|request| request.app_state.as_ref()) {
        set(&object, "appState", &js_sys::JSON::parse(app_state).unwrap_or_default());
    }
    object
}
