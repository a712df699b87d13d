//! Work that one call does and others wait for.

use std::cell::RefCell;

use futures_channel::oneshot::{self, Receiver, Sender};

/// What comes of some work, for all who want it while it is under way.
pub(super) struct Shared<T>(RefCell<Option<Vec<Sender<T>>>>);

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared(RefCell::default())
    }
}

impl<T: Clone> Shared<T> {
    /// Waits for the work under way, if there is some. It is cancelled where whoever does it is gone.
    pub(super) fn join(&self) -> Option<Receiver<T>> {
        let mut waiting = self.0.borrow_mut();
        let (sender, receiver) = oneshot::channel();
        waiting.as_mut()?.push(sender);
        Some(receiver)
    }

    /// Begins the work that others wait for.
    pub(super) fn lead(&self) -> Leader<'_, T> {
        self.0.replace(Some(Vec::new()));
        Leader(self)
    }
}

/// Whoever does the work. Where it is dropped unfinished, those who wait hear that it was cancelled.
pub(super) struct Leader<'a, T>(&'a Shared<T>);

impl<T: Clone> Leader<'_, T> {
    /// Tells all who wait.
    pub(super) fn finish(self, result: &T) {
        for waiting in self.0.0.take().into_iter().flatten() {
            // Whoever does not wait any more does not hear.
            drop(waiting.send(result.clone()));
        }
    }
}

impl<T> Drop for Leader<'_, T> {
    fn drop(&mut self) {
        self.0.0.take();
    }
}
