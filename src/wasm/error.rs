//! Errors, as the facade takes them.

use wasm_bindgen::JsValue;

use super::output::{described_missing, present};
use super::set_json;
use crate::browser::object::set;
use crate::browser::{JsApiRequest, to_js};
use crate::client::Client;
use crate::core::error::Error;
use crate::core::scope::ScopeSet;
use crate::host::ApiRequest as _;

impl From<Error> for JsValue {
    fn from(error: Error) -> JsValue {
        to_js_error(&error)
    }
}

/// The members of an `AuthError`. Those that do not apply are left out.
fn to_js_error(error: &Error) -> JsValue {
    let server = error.server_error();
    let demands = error.challenge().map(|details| &details.demands);
    let request = error.request();
    let status = error.status().map(i64::from);
    let missing = error.missing().map(<[String]>::to_vec);
    let object = to_js(&present(&mut [
        ("code", error.code().into()),
        ("message", error.message().into()),
        ("retryable", error.is_retryable().into()),
        (
            "description",
            server.and_then(|server| server.description.as_deref()).into(),
        ),
        ("errorUri", server.and_then(|server| server.uri.as_deref()).into()),
        ("status", status.into()),
        ("missing", missing.into()),
        (
            "acrValues",
            demands.and_then(|demands| demands.acr_values.as_deref()).into(),
        ),
        ("maxAge", demands.and_then(|demands| demands.max_age).into()),
        ("reason", error.reason().into()),
        ("returnTo", request.map(|request| request.return_to.as_str()).into()),
    ]));
    if let Some(app_state) = request.and_then(|request| request.app_state.as_ref()) {
        set_json(&object, "appState", app_state);
    }
    object
}

/// The same, with what missing scopes are for.
pub(super) fn described(client: &Client, error: Error) -> JsValue {
    let object = to_js_error(&error);
    let missing = ScopeSet::from_answer(error.missing().unwrap_or_default());
    if let Some(described) = described_missing(client, &missing) {
        set(&object, "descriptions", &to_js(&described));
    }
    object
}

/// The same with what the platform threw as its cause.
pub(super) fn caused_by(cause: &JsValue, error: Error) -> JsValue {
    let object = to_js_error(&error);
    set(&object, "cause", cause);
    object
}

/// Why the platform has no response: the reason of a caller who aborted, or an error. What changes nothing may be sent
/// again, whatever became of it.
pub(super) fn not_answered(request: &JsApiRequest) -> JsValue {
    if request.is_aborted() {
        return request.signal().reason();
    }
    let object = caused_by(&request.thrown().unwrap_or_default(), Error::Network(None));
    set(&object, "retryable", &request.is_safe().into());
    object
}
