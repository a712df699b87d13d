//! Errors, as the facade takes them.

use wasm_bindgen::JsValue;

use super::output::described_missing;
use super::set_json;
use crate::browser::object::set;
use crate::browser::to_js;
use crate::client::Client;
use crate::core::error::Error;
use crate::core::scope::ScopeSet;
use crate::core::value::{Members, Value};

/// The members of an `AuthError`. Those that do not apply are left out.
pub(super) fn to_js_error(error: Error) -> JsValue {
    let server = error.server_error();
    let challenge = error.challenge();
    let request = error.request();
    let status = error.status().map(i64::from);
    let missing = error.missing().map(<[String]>::to_vec);
    let mut members = Members::default();
    let mut put = |name: &str, value: Value| {
        if value != Value::Null {
            members.put(name, value);
        }
    };
    put("code", error.code().into());
    put("message", error.message().into());
    put("retryable", error.is_retryable().into());
    put(
        "description",
        server.and_then(|server| server.description.as_deref()).into(),
    );
    put("errorUri", server.and_then(|server| server.uri.as_deref()).into());
    put("status", status.into());
    put("missing", missing.into());
    put(
        "acrValues",
        challenge.and_then(|details| details.acr_values.as_deref()).into(),
    );
    put("maxAge", challenge.and_then(|details| details.max_age).into());
    put("reason", error.reason().into());
    put("returnTo", request.map(|request| request.return_to.as_str()).into());
    let object = to_js(&members.into());
    if let Some(app_state) = request.and_then(|request| request.app_state.as_ref()) {
        set_json(&object, "appState", app_state);
    }
    object
}

/// The same, with what missing scopes are for.
pub(super) fn described(client: &Client, error: Error) -> JsValue {
    let missing = ScopeSet::from_answer(error.missing().unwrap_or_default());
    let described = described_missing(client, &missing);
    let object = to_js_error(error);
    if let Some(described) = described {
        set(&object, "descriptions", &to_js(&described));
    }
    object
}

/// The same for a failure of the platform's, which goes along as its cause.
pub(super) fn caused_by(cause: &JsValue, error: Error, is_retryable: bool) -> JsValue {
    let object = to_js_error(error);
    set(&object, "retryable", &is_retryable.into());
    set(&object, "cause", cause);
    object
}
