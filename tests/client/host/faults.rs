//! Faults of a page's surroundings: what the client asks of its host is counted, and one of these calls fails.

use std::cell::{Cell, RefCell};

use super::Fate;

/// What the client asks for, and may not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostCall {
    /// A request to the authorization server.
    Send,
    /// The latest text of a key in a storage that tabs share.
    Load,
    /// A text in sessionStorage or localStorage.
    Write,
    /// The same, without a text.
    Remove,
    /// What was set in IndexedDB.
    Flush,
    /// A lock.
    Acquire,
    /// Randomness.
    Random,
    /// The key for proofs.
    SigningKey,
    /// A proof.
    Sign,
    /// The check of a signature.
    Verify,
    /// Another page.
    Leave,
    /// A popup.
    OpenPopup,
    /// What the user says in it.
    AskPopup,
    /// What the server says in a hidden frame.
    AskFrame,
    /// A call of an API.
    CallApi,
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The request does not leave.
    NotSent,
    /// The server never sees it.
    LostRequest,
    /// The server acts on it, and its answer is lost.
    LostAnswer,
    /// The server never sees it, and the page waits as long as it wants.
    Timeout,
    /// The server does not act on it, and answers with this status alone.
    Status(u16),
    /// The server acts on it, and something on the way answers with this status alone.
    Instead(u16),
    /// It is refused, takes too long, or is not there.
    Refused,
    /// What it takes is gone for good.
    Gone,
}

const OF_REQUESTS: [Fault; 9] = [
    Fault::NotSent,
    Fault::LostRequest,
    Fault::LostAnswer,
    Fault::Timeout,
    Fault::Status(500),
    Fault::Status(503),
    Fault::Status(404),
    Fault::Instead(502),
    Fault::Instead(200),
];

impl HostCall {
    /// The ways in which it can fail.
    pub(crate) fn faults(self) -> &'static [Fault] {
        match self {
            HostCall::Send => &OF_REQUESTS,
            HostCall::CallApi => &[Fault::LostRequest, Fault::LostAnswer],
            HostCall::SigningKey => &[Fault::Refused, Fault::Gone],
            HostCall::Sign => &[Fault::Refused, Fault::Gone],
            HostCall::AskPopup | HostCall::AskFrame => &[Fault::Refused, Fault::Gone],
            _ => &[Fault::Refused],
        }
    }
}

impl Fault {
    /// What becomes of a request.
    pub(super) fn fate(self) -> Fate {
        match self {
            Fault::NotSent | Fault::Refused | Fault::Gone => Fate::NotSent,
            Fault::LostRequest => Fate::LostRequest,
            Fault::LostAnswer => Fate::LostAnswer,
            Fault::Timeout => Fate::Timeout,
            Fault::Status(status) => Fate::Status(status),
            Fault::Instead(status) => Fate::Instead(status),
        }
    }
}

/// The calls of a page, from some moment on, and which of them fails.
#[derive(Default)]
pub(crate) struct Faults {
    is_counting: Cell<bool>,
    calls: RefCell<Vec<HostCall>>,
    planned: Cell<Option<(usize, Fault)>>,
}

impl Faults {
    /// Counts from now on. The call of this number fails, if one is meant.
    pub(crate) fn begin(&self, planned: Option<(usize, Fault)>) {
        self.is_counting.set(true);
        self.planned.set(planned);
    }

    /// Ends the counting: what was called.
    pub(crate) fn end(&self) -> Vec<HostCall> {
        self.is_counting.set(false);
        self.calls.take()
    }

    /// Counts a call: how it fails, if it does.
    pub(super) fn meet(&self, call: HostCall) -> Option<Fault> {
        if !self.is_counting.get() {
            return None;
        }
        let mut calls = self.calls.borrow_mut();
        calls.push(call);
        let planned = self.planned.get().filter(|(number, _)| number + 1 == calls.len());
        planned.map(|(_, fault)| fault)
    }

    /// The same, where there is one way to fail.
    pub(super) fn refuses(&self, call: HostCall) -> bool {
        self.meet(call).is_some()
    }

    /// The same for a write.
    pub(super) fn refuses_write(&self, text: Option<&str>) -> bool {
        self.refuses(if text.is_some() {
            HostCall::Write
        } else {
            HostCall::Remove
        })
    }
}
