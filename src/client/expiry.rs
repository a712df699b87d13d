//! The end of the default grant: a change that nobody makes, told once, by one timer.

use std::rc::{Rc, Weak};

use super::{Client, Inner};

/// The longest that a platform's timer can wait, milliseconds. What is later is waited for again.
const MAX_WAIT: i64 = i32::MAX as i64;

/// Sets the timer anew after every change of the session.
pub(super) fn watcher(client: &Weak<Inner>) -> Rc<dyn Fn()> {
    let client = client.clone();
    Rc::new(move || {
        if let Some(inner) = client.upgrade() {
            Client(inner).watch_expiry();
        }
    })
}

impl Client {
    /// True once the default grant has ended and cannot be renewed: the user is known, and calls need `sign_in`.
    /// Subscribers hear when it becomes true.
    pub fn is_expired(&self) -> bool {
        self.default_end().is_some_and(|end| end <= self.now())
    }

    /// When the default grant ends for good, seconds since the epoch.
    fn default_end(&self) -> Option<i64> {
        let session = self.session()?;
        session.grant(&self.0.config.target)?.usable_until()
    }

    /// Waits for the end of the default grant, where it is still to come. True where this waits.
    fn watch_expiry(&self) -> bool {
        let left = self.default_end().map(|end| end.saturating_mul(1000) - self.now_ms());
        let is_to_come = |left: &i64| *left > 0 && !self.0.is_closed.get();
        let timer = left.filter(is_to_come).map(|left| {
            let wait = u32::try_from(left.min(MAX_WAIT)).unwrap_or_default();
            self.timer(wait, Client::check_expiry)
        });
        let is_waiting = timer.is_some();
        self.0.expiry.replace(timer);
        is_waiting
    }

    /// Tells the application if the end that was waited for has come. A timer may be early, or late after a device slept.
    pub(super) fn check_expiry(&self) {
        let was_waiting = self.0.expiry.borrow().is_some();
        if was_waiting && !self.watch_expiry() && !self.0.is_closed.get() {
            self.0.store.listeners.notify();
        }
    }
}
