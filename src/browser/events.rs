//! Events of the platform.

use std::cell::Cell;

use futures_channel::oneshot;
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

/// Something that happens once: what says that it has, and the wait for it.
pub(super) fn once() -> (impl Fn() + 'static, impl Future<Output = ()>) {
    let (sender, happened) = oneshot::channel::<()>();
    let sender = Cell::new(Some(sender));
    let wait = async move {
        // Nothing is sent: the sender is dropped when it happens.
        let _ = happened.await;
    };
    (move || drop(sender.take()), wait)
}
