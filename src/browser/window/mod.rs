//! Windows and frames in which the authorization server is asked, and the way back from there.
//!
//! They share a script: what each does is a handful of listeners and timers that end together.

mod frame;
mod popup;
mod relay;

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::{Browser, JsAbortSignal};
use crate::host::{NoResponse, Page, Pending, Popup, WindowRequest, Windows};

pub use popup::PopupWindow;

impl Windows for Browser {
    fn open_popup(&self) -> Option<Rc<dyn Popup>> {
        Some(Rc::new(PopupWindow::open()?))
    }

    fn ask_popup<'a>(
        &'a self,
        popup: Rc<dyn Popup>,
        request: WindowRequest<'a>,
    ) -> Pending<'a, Result<String, NoResponse>> {
        let answer = popup.as_any().downcast_ref().map(|popup| popup::ask(popup, request));
        Box::pin(answer_of(answer))
    }

    fn ask_frame<'a>(&'a self, request: WindowRequest<'a>, timeout: u32) -> Pending<'a, Result<String, NoResponse>> {
        // A frame in a frame may be cut off from its cookies, and its parent is not the page that is used.
        let answer = (!self.is_framed()).then(|| frame::ask(request, timeout));
        Box::pin(answer_of(answer))
    }

    fn hand_over<'a>(&'a self, url: &'a str, state: &'a str) -> Pending<'a, ()> {
        let handed_over = relay::hand_over(url, state);
        Box::pin(async move {
            // Without BroadcastChannel no page can wait for a response.
            let _ = JsFuture::from(handed_over).await;
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
