//! Who hears of changes of the session.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

type Listener = Rc<dyn Fn()>;

/// The client's own listener, which is told first, and the application's.
pub(super) struct Listeners {
    own: Listener,
    subscribed: Rc<RefCell<Vec<(usize, Listener)>>>,
    next_number: Cell<usize>,
}

/// Calls a listener until it is dropped.
pub struct Subscription {
    subscribed: Weak<RefCell<Vec<(usize, Listener)>>>,
    number: usize,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(subscribed) = self.subscribed.upgrade() {
            subscribed.borrow_mut().retain(|(number, _)| *number != self.number);
        }
    }
}

impl Listeners {
    pub(super) fn new(own: Listener) -> Listeners {
        Listeners {
            own,
            subscribed: Rc::default(),
            next_number: Cell::default(),
        }
    }

    pub(super) fn subscribe(&self, listener: Listener) -> Subscription {
        let number = self.next_number.get();
        self.next_number.set(number + 1);
        self.subscribed.borrow_mut().push((number, listener));
        Subscription {
            subscribed: Rc::downgrade(&self.subscribed),
            number,
        }
    }

    pub(super) fn clear(&self) {
        self.subscribed.borrow_mut().clear();
    }

    /// No borrow is held while the application is told. It may end subscriptions, or close the client, as it hears.
    pub(super) fn notify(&self) {
        (self.own)();
        let numbers: Vec<usize> = self.subscribed.borrow().iter().map(|(number, _)| *number).collect();
        for number in numbers {
            let subscribed = self.subscribed.borrow();
            let listener = subscribed.iter().find(|(held, _)| *held == number);
            let listener = listener.map(|(_, listener)| listener.clone());
            drop(subscribed);
            if let Some(listener) = listener {
                listener();
            }
        }
    }
}
