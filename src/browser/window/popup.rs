//! Popups.

use std::any::Any;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::Window;

use super::signal_of;
use crate::host::{Popup, WindowRequest};

#[wasm_bindgen(module = "/src/browser/window/window.js")]
extern "C" {
    #[wasm_bindgen(js_name = askPopup)]
    fn start(popup: &Window, state: &str, signal: &JsValue) -> Promise;
    #[wasm_bindgen(catch, js_name = openPopup)]
    fn open_popup() -> Result<Option<Window>, JsValue>;
}

/// A popup of the client's.
#[derive(Clone, Debug)]
pub struct PopupWindow(Window);

impl PopupWindow {
    /// Wraps a window that a script opened in the click.
    pub fn new(window: Window) -> PopupWindow {
        PopupWindow(window)
    }

    /// Opens an empty one. Nothing where the browser refuses, as it does outside of a click.
    pub fn open() -> Option<PopupWindow> {
        open_popup().ok()?.map(PopupWindow)
    }
}

impl Popup for PopupWindow {
    fn navigate(&self, url: &str) {
        // A popup that is closed already stays so, and `ask_popup` finds that out.
        if !self.0.closed().unwrap_or(true) {
            let _ = self.0.location().replace(url);
        }
    }

    fn close(&self) {
        let _ = self.0.close();
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

pub(super) fn ask(popup: &PopupWindow, request: WindowRequest<'_>) -> Promise {
    start(&popup.0, request.state, &signal_of(request))
}
