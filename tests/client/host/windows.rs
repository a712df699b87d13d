//! Popups and frames, which the authorization server answers as its user decides.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::host::{AbortSignal, NoAnswer, Pending, Popup, Question, Windows};

use super::executor::turn;
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
    async fn ask(&self, question: Question<'_>, wait: u32) -> Result<String, NoAnswer> {
        let is_aborted = || question.abort.is_some_and(AbortSignal::is_aborted);
        turn().await;
        if is_aborted() {
            return Err(NoAnswer::Aborted);
        }
        let now = self.browser.seconds();
        let visit = self.browser.server.borrow_mut().authorize(question.url, now);
        turn().await;
        if is_aborted() {
            return Err(NoAnswer::Aborted);
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
                let is_meant = url.contains(question.state) || claims.contains(question.state);
                assert!(is_meant, "the answer is to this question");
                Ok(url)
            }
            Visit::Closed => Err(NoAnswer::Closed),
            Visit::Nothing => {
                self.browser.clock.sleep(wait).await;
                Err(if is_aborted() {
                    NoAnswer::Aborted
                } else {
                    NoAnswer::Timeout
                })
            }
        }
    }
}

impl Windows for FakePage {
    fn open_popup(&self) -> Option<Rc<dyn Popup>> {
        if self.blocks_popups.get() {
            return None;
        }
        Some(Rc::new(FakePopup {
            closed: self.closed_popups.clone(),
            is_gone: self.is_popup_gone.clone(),
            url: RefCell::default(),
        }))
    }

    fn ask_popup<'a>(&'a self, popup: Rc<dyn Popup>, question: Question<'a>) -> Pending<'a, Result<String, NoAnswer>> {
        let popup: &FakePopup = popup.as_any().downcast_ref().unwrap();
        if popup.is_gone.get() {
            return Box::pin(async { Err(NoAnswer::Closed) });
        }
        assert_eq!(*popup.url.borrow(), question.url, "the popup is there already");
        // A user who never answers closes the window in the end.
        Box::pin(async move {
            let answer = self.ask(question, 600_000).await;
            match answer {
                Err(NoAnswer::Timeout) => Err(NoAnswer::Closed),
                answer => answer,
            }
        })
    }

    fn ask_frame<'a>(&'a self, question: Question<'a>, timeout: u32) -> Pending<'a, Result<String, NoAnswer>> {
        Box::pin(async move {
            let asked = self.browser.server.borrow().full_request(question.url).unwrap();
            assert!(asked.contains("prompt=none"), "nobody sees a frame");
            self.frame_question.replace(Some(asked));
            match self.ask(question, timeout).await {
                Err(NoAnswer::Closed) => Err(NoAnswer::Timeout),
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
