//! Popups and frames, which the authorization server answers as its user decides.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::host::{AbortSignal, NoResponse, Pending, Popup, WindowRequest, Windows};

use super::executor::turn;
use super::faults::{Fault, HostCall};
use super::{Call, FakePage};
use crate::server::{Visit, query};

struct FakePopup {
    closed: Rc<Cell<usize>>,
    /// Its user closed it.
    is_gone: Rc<Cell<bool>>,
    url: RefCell<String>,
}

impl Popup for FakePopup {
    fn navigate(&self, url: &str) {
        if !self.is_gone.get() {
            self.url.replace(url.to_owned());
        }
    }

    fn close(&self) {
        self.closed.set(self.closed.get() + 1);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A signal that the test gives.
#[derive(Default)]
pub(crate) struct FakeAbort(pub(crate) Cell<bool>);

impl AbortSignal for FakeAbort {
    fn is_aborted(&self) -> bool {
        self.0.get()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl FakePage {
    async fn ask(&self, request: WindowRequest<'_>, wait: u32) -> Result<String, NoResponse> {
        let is_aborted = || request.abort.is_some_and(AbortSignal::is_aborted);
        turn().await;
        if is_aborted() {
            return Err(NoResponse::Aborted);
        }
        let now = self.browser.seconds();
        let visit = self.browser.server.borrow_mut().authorize(request.url, now);
        turn().await;
        if is_aborted() {
            return Err(NoResponse::Aborted);
        }
        if let Some(url) = self.wrong_answer.take() {
            return Ok(url);
        }
        match visit {
            Visit::Answer(url) => {
                let jwt = query(&url, "response").unwrap_or_default();
                let claims = jwt
                    .split('.')
                    .nth(1)
                    .and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
                let claims = String::from_utf8(claims.unwrap_or_default()).unwrap();
                let is_meant = url.contains(request.state) || claims.contains(request.state);
                assert!(is_meant, "the answer is to this request");
                Ok(url)
            }
            Visit::Closed => Err(NoResponse::Closed),
            Visit::Nothing => {
                self.browser.clock.sleep(wait).await;
                Err(if is_aborted() {
                    NoResponse::Aborted
                } else {
                    NoResponse::Timeout
                })
            }
        }
    }
}

impl Windows for FakePage {
    fn open_popup(&self) -> Option<Rc<dyn Popup>> {
        if self.faults.refuses(HostCall::OpenPopup) || self.blocks_popups.get() {
            return None;
        }
        Some(Rc::new(FakePopup {
            closed: self.closed_popups.clone(),
            is_gone: self.is_popup_gone.clone(),
            url: RefCell::default(),
        }))
    }

    fn ask_popup<'a>(
        &'a self,
        popup: Rc<dyn Popup>,
        request: WindowRequest<'a>,
    ) -> Pending<'a, Result<String, NoResponse>> {
        let popup: &FakePopup = popup.as_any().downcast_ref().unwrap();
        if popup.is_gone.get() {
            return Box::pin(async { Err(NoResponse::Closed) });
        }
        assert_eq!(*popup.url.borrow(), request.url, "the popup is there already");
        match self.faults.meet(HostCall::AskPopup) {
            Some(Fault::Gone) => return Box::pin(async { Err(NoResponse::Closed) }),
            Some(_) => return Box::pin(async { Err(NoResponse::Aborted) }),
            None => {}
        }
        // A user who never answers closes the window in the end.
        Box::pin(async move {
            let answer = self.ask(request, 600_000).await;
            match answer {
                Err(NoResponse::Timeout) => Err(NoResponse::Closed),
                answer => answer,
            }
        })
    }

    fn ask_frame<'a>(&'a self, request: WindowRequest<'a>, timeout: u32) -> Pending<'a, Result<String, NoResponse>> {
        Box::pin(async move {
            let asked = self.browser.server.borrow().full_request(request.url).unwrap();
            assert!(asked.contains("prompt=none"), "nobody sees a frame");
            self.frame_question.replace(Some(asked));
            match self.faults.meet(HostCall::AskFrame) {
                Some(Fault::Gone) => return Err(NoResponse::Unavailable),
                Some(_) => return Err(NoResponse::Timeout),
                None => {}
            }
            match self.ask(request, timeout).await {
                Err(NoResponse::Closed) => Err(NoResponse::Timeout),
                answer => answer,
            }
        })
    }

    fn hand_over<'a>(&'a self, _: &'a str, _: &'a str) -> Pending<'a, ()> {
        Box::pin(async {
            turn().await;
            if self.is_popup.get() {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// Aborts after some steps of the browser.
pub(crate) fn abort_later(page: &FakePage, abort: Rc<FakeAbort>, turns: usize) -> Call<()> {
    Call::start(page, async move {
        for _ in 0..turns {
            turn().await;
        }
        abort.0.set(true);
    })
}
