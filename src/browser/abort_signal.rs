//! A caller's wish to stop waiting.

use std::any::Any;

use wasm_bindgen::JsValue;
use web_sys::AbortController;

use super::events::{Listener, once};
use crate::host;

/// The platform's `AbortSignal`.
#[derive(Clone, Debug)]
pub struct JsAbortSignal(web_sys::AbortSignal);

impl JsAbortSignal {
    /// Wraps a signal.
    pub fn new(signal: web_sys::AbortSignal) -> JsAbortSignal {
        JsAbortSignal(signal)
    }

    /// Why it was aborted: what the caller's promise is rejected with where the platform's would be.
    pub fn reason(&self) -> JsValue {
        self.0.reason()
    }

    /// Resolves once it is aborted.
    pub async fn aborted(&self) {
        if self.0.aborted() {
            return;
        }
        let (abort, aborted) = once();
        let _listener = Listener::new(&self.0, "abort", move |_| abort());
        aborted.await;
    }

    pub(super) fn as_js(&self) -> &JsValue {
        &self.0
    }
}

/// What ends the platform's work once this is dropped.
pub(super) struct AbortOnDrop(AbortController);

impl AbortOnDrop {
    pub(super) fn new() -> Option<AbortOnDrop> {
        AbortController::new().ok().map(AbortOnDrop)
    }

    pub(super) fn signal(&self) -> web_sys::AbortSignal {
        self.0.signal()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl host::AbortSignal for JsAbortSignal {
    fn is_aborted(&self) -> bool {
        self.0.aborted()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
