//! The way to the authorization server, which can fail at either end.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use scopewise::core::http::{Request, Response, Sent, TransportError};
use scopewise::host::{Network as Requests, Pending};

use super::FakePage;
use super::executor::turn;
use super::faults::HostCall;
use crate::server::param;

/// What becomes of a request.
pub(crate) enum Fate {
    /// The server answers.
    Answer,
    /// It does not leave.
    NotSent,
    /// The server never sees it.
    LostRequest,
    /// The server acts on it, and its answer does not arrive.
    LostAnswer,
    /// The server never sees it, and the page waits as long as it wants.
    Timeout,
    /// The server does not act on it, and answers with this status.
    Status(u16),
    /// The server acts on it, and the answer comes so many milliseconds later.
    Slow(u32),
    /// The server acts on it, and something on the way answers with this status.
    Instead(u16),
    /// This answer, whatever the server has to say.
    Scripted(Box<dyn FnOnce(&Request) -> Response>),
}

/// A refresh token that left a page.
#[derive(Clone, Debug)]
pub(crate) struct SentToken {
    pub(crate) token: String,
    pub(crate) page: usize,
    pub(crate) loaded_at: f64,
    pub(crate) sent_at: f64,
    /// The status that the page had for an answer, if any.
    pub(crate) status: Option<u16>,
}

/// Faults, and what was sent.
#[derive(Default)]
pub(crate) struct Network {
    /// For the next requests, in order.
    pub(crate) fates: RefCell<VecDeque<Fate>>,
    /// One in so many token requests fails, at random; none with 0.
    pub(crate) fault_rate: Cell<usize>,
    /// The URL and form of every request that left.
    pub(crate) requests: RefCell<Vec<(String, Option<String>)>>,
    pub(crate) refreshes: RefCell<Vec<SentToken>>,
}

impl Network {
    /// What becomes of the next request.
    pub(crate) fn next(&self, fate: Fate) {
        self.fates.borrow_mut().push_back(fate);
    }

    /// How many requests went to URLs that end so.
    pub(crate) fn count(&self, end: &str) -> usize {
        self.requests
            .borrow()
            .iter()
            .filter(|(url, _)| url.ends_with(end))
            .count()
    }

    /// How many token requests there were with this grant type.
    pub(crate) fn grants(&self, grant_type: &str) -> usize {
        let requests = self.requests.borrow();
        let is_meant = |form: &Option<String>| {
            form.as_deref()
                .is_some_and(|form| param(form, "grant_type").as_deref() == Some(grant_type))
        };
        requests.iter().filter(|(_, form)| is_meant(form)).count()
    }
}

impl FakePage {
    fn fate(&self, request: &Request) -> Fate {
        let network = &self.browser.network;
        if let Some(fault) = self.faults.meet(HostCall::Send) {
            return fault.fate();
        }
        if let Some(fate) = network.fates.borrow_mut().pop_front() {
            return fate;
        }
        let rate = network.fault_rate.get();
        if rate == 0 || !request.url.ends_with("/token") || self.browser.below(rate) > 0 {
            return Fate::Answer;
        }
        match self.browser.below(6) {
            0 => Fate::NotSent,
            1 => Fate::LostRequest,
            2 => Fate::LostAnswer,
            3 => Fate::Timeout,
            4 => Fate::Slow(3_000),
            _ => Fate::Status(503),
        }
    }

    fn note(&self, request: &Request) -> Option<usize> {
        let network = &self.browser.network;
        let form = request.form.as_deref();
        network
            .requests
            .borrow_mut()
            .push((request.url.clone(), request.form.clone()));
        let token = form.filter(|_| request.url.ends_with("/token"))?;
        let token = param(token, "refresh_token")?;
        let mut refreshes = network.refreshes.borrow_mut();
        refreshes.push(SentToken {
            token,
            page: self.id,
            loaded_at: scopewise::host::Clock::loaded_at(self),
            sent_at: self.browser.clock.now(),
            status: None,
        });
        Some(refreshes.len() - 1)
    }

    async fn answer(&self, request: &Request, fate: Fate, timeout: u32) -> Sent {
        let serve = || {
            let now = self.browser.seconds();
            self.browser.server.borrow_mut().serve(request, now)
        };
        match fate {
            Fate::Answer => Ok(serve()),
            Fate::NotSent => Err(TransportError::NotSent),
            Fate::LostRequest => Err(TransportError::Lost),
            Fate::LostAnswer => {
                serve();
                turn().await;
                Err(TransportError::Lost)
            }
            Fate::Timeout => {
                self.browser.clock.sleep(timeout).await;
                Err(TransportError::Timeout)
            }
            Fate::Status(status) => Ok(Response::new(status, None)),
            Fate::Instead(status) => {
                serve();
                Ok(Response::new(status, None))
            }
            Fate::Slow(milliseconds) => {
                let response = serve();
                self.browser.clock.sleep(milliseconds.min(timeout)).await;
                if milliseconds > timeout {
                    return Err(TransportError::Timeout);
                }
                Ok(response)
            }
            Fate::Scripted(answer) => Ok(answer(request)),
        }
    }
}

impl Requests for FakePage {
    fn send<'a>(&'a self, request: &'a Request, timeout: u32) -> Pending<'a, Sent> {
        Box::pin(async move {
            turn().await;
            let fate = self.fate(request);
            let index = if matches!(fate, Fate::NotSent) {
                None
            } else {
                self.note(request)
            };
            let sent = self.answer(request, fate, timeout).await;
            turn().await;
            if let (Some(index), Ok(response)) = (index, &sent) {
                self.browser.network.refreshes.borrow_mut()[index].status = Some(response.status);
            }
            sent
        })
    }
}
