//! Windows and frames in which the authorization server is asked, and the way back from there.
//!
//! They share a script: what each does is a handful of listeners and timers that end together.

use std::any::Any;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Window;

use super::{Browser, JsAbortSignal};
use crate::host::{NoResponse, Pending, Popup, WindowRequest, Windows};

#[wasm_bindgen(module = "/src/browser/window/window.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = openPopup)]
    fn open_popup() -> Result<Option<Window>, JsValue>;
    #[wasm_bindgen(js_name = askPopup)]
    fn ask_popup(popup: &Window, state: &str, signal: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = askFrame)]
    fn ask_frame(url: &str, state: &str, signal: &JsValue, timeout: u32) -> Promise;
    #[wasm_bindgen(js_name = handOver)]
    fn hand_over(url: &str, state: &str) -> Promise;
}

impl Windows for Browser {
    fn open_popup(&self) -> Option<Rc<dyn Popup>> {
        Some(Rc::new(PopupWindow::open()?))
    }

    fn ask_popup<'a>(
        &'a self,
        popup: Rc<dyn Popup>,
        request: WindowRequest<'a>,
    ) -> Pending<'a, Result<String, NoResponse>> {
        let popup = popup.as_any().downcast_ref::<PopupWindow>();
        let answer = popup.map(|popup| ask_popup(&popup.0, request.state, &signal_of(request)));
        Box::pin(answer_of(answer))
    }

    fn ask_frame<'a>(&'a self, request: WindowRequest<'a>, timeout: u32) -> Pending<'a, Result<String, NoResponse>> {
        let answer = ask_frame(request.url, request.state, &signal_of(request), timeout);
        Box::pin(answer_of(Some(answer)))
    }

    fn hand_over<'a>(&'a self, url: &'a str, state: &'a str) -> Pending<'a, ()> {
        let handed_over = JsFuture::from(hand_over(url, state));
        Box::pin(async move {
            // Without BroadcastChannel no page can wait for a response.
            let _ = handed_over.await;
        })
    }
}

async fn answer_of(answer: Option<Promise>) -> Result<String, NoResponse> {
    let Some(answer) = answer else {
        return Err(NoResponse::Unavailable);
    };
    match JsFuture::from(answer).await {
        Ok(url) => url.as_string().ok_or(NoResponse::Unavailable),
        Err(reason) => Err(match reason.as_string().as_deref() {
            Some("aborted") => NoResponse::Aborted,
            Some("closed") => NoResponse::Closed,
            Some("timeout") => NoResponse::Timeout,
            _ => NoResponse::Unavailable,
        }),
    }
}

/// The platform's signal for a script.
fn signal_of(request: WindowRequest<'_>) -> JsValue {
    request
        .abort
        .and_then(|abort| abort.as_any().downcast_ref::<JsAbortSignal>())
        .map_or(JsValue::UNDEFINED, |signal| signal.as_js().clone())
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
