//! Events of the platform, and a value that is waited for.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::{Poll, Waker};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// A listener, as long as this lives: it is removed first, and its function is dropped then.
pub(super) struct Listener {
    target: EventTarget,
    event: &'static str,
    function: Closure<dyn Fn(Event)>,
}

impl Listener {
    pub(super) fn new(target: &EventTarget, event: &'static str, function: impl Fn(Event) + 'static) -> Listener {
        let listener = Listener {
            target: target.clone(),
            event,
            function: Closure::new(function),
        };
        // It throws where this is no event target, which has no events either.
        let _ = target.add_event_listener_with_callback(event, listener.function.as_ref().unchecked_ref());
        listener
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.function.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback(self.event, function);
    }
}

/// A value that comes once, from a callback, to the one future that waits for it.
pub(super) struct Oneshot<T>(Rc<RefCell<State<T>>>);

struct State<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

impl<T> Oneshot<T> {
    pub(super) fn new() -> Oneshot<T> {
        Oneshot(Rc::new(RefCell::new(State {
            value: None,
            waker: None,
        })))
    }

    /// For the callback.
    pub(super) fn sender(&self) -> Sender<T> {
        Sender(Rc::downgrade(&self.0))
    }

    /// Waits for the value.
    pub(super) async fn receive(&self) -> T {
        poll_fn(|context| {
            let mut state = self.0.borrow_mut();
            if let Some(value) = state.value.take() {
                return Poll::Ready(value);
            }
            state.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// The callback's end of a [`Oneshot`].
pub(super) struct Sender<T>(Weak<RefCell<State<T>>>);

impl<T> Sender<T> {
    /// Hands the value over; where nobody waits any more, it is dropped.
    pub(super) fn send(&self, value: T) {
        let Some(state) = self.0.upgrade() else { return };
        let waker = {
            let mut state = state.borrow_mut();
            state.value = Some(value);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
