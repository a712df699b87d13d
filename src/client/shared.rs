//! Work that is done once for all who want it.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot::{self, Receiver, Sender};

/// Who waits for some work, while it is under way.
pub(super) struct Shared<T>(RefCell<Option<Vec<Sender<T>>>>);

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared(RefCell::default())
    }
}

impl<T: Clone> Shared<T> {
    /// Waits for the work, if some is under way.
    pub(super) fn wait(&self) -> Option<Receiver<T>> {
        let (sender, receiver) = oneshot::channel();
        self.0.borrow_mut().as_mut()?.push(sender);
        Some(receiver)
    }

    /// Waits for the work. Where none is under way, whoever gets the leader has to do it.
    pub(super) fn join(self: &Rc<Self>) -> (Receiver<T>, Option<Leader<T>>) {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.0.borrow_mut();
        match &mut *waiting {
            Some(waiting) => {
                waiting.push(sender);
                (receiver, None)
            }
            None => {
                *waiting = Some(vec![sender]);
                (receiver, Some(Leader(self.clone())))
            }
        }
    }
}

/// Whoever does the work. Where it is dropped unfinished, those who wait hear that it was cancelled.
pub(super) struct Leader<T>(Rc<Shared<T>>);

impl<T: Clone> Leader<T> {
    /// Tells all who wait.
    pub(super) fn finish(self, result: &T) {
        for waiting in self.0.0.take().into_iter().flatten() {
            // It fails for a caller that does not wait any more.
            drop(waiting.send(result.clone()));
        }
    }
}

impl<T> Drop for Leader<T> {
    fn drop(&mut self) {
        self.0.0.take();
    }
}
