//! Work that is done once for all who want it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot::{self, Receiver, Sender};

/// Work that is done once for all who want it at the same time.
pub(super) struct Shared<T>(RefCell<Option<Round<T>>>);

/// The work while it is under way: what it comes to, and who is told when it is over.
struct Round<T> {
    result: Rc<OnceCell<T>>,
    waiting: Vec<Sender<()>>,
}

/// A wait for what the work comes to.
pub(super) struct SharedResult<T> {
    result: Rc<OnceCell<T>>,
    is_over: Receiver<()>,
}

/// Whoever does the work. It is over when this is dropped.
pub(super) struct Leader<T>(Rc<Shared<T>>);

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared(RefCell::default())
    }
}

impl<T> Shared<T> {
    /// Waits for the work, if some is under way.
    pub(super) fn wait(&self) -> Option<SharedResult<T>> {
        self.0.borrow_mut().as_mut().map(Round::wait)
    }

    /// Waits for the work. Where none is under way, whoever gets the leader has to do it.
    pub(super) fn join(self: &Rc<Self>) -> (SharedResult<T>, Option<Leader<T>>) {
        let mut round = self.0.borrow_mut();
        let leader = round.is_none().then(|| Leader(self.clone()));
        (round.get_or_insert_default().wait(), leader)
    }
}

impl<T> Default for Round<T> {
    fn default() -> Round<T> {
        Round {
            result: Rc::default(),
            waiting: Vec::new(),
        }
    }
}

impl<T> Round<T> {
    fn wait(&mut self) -> SharedResult<T> {
        let (sender, is_over) = oneshot::channel();
        self.waiting.push(sender);
        SharedResult {
            result: self.result.clone(),
            is_over,
        }
    }
}

impl<T: Clone> SharedResult<T> {
    /// What the work came to; nothing where its leader was dropped unfinished.
    pub(super) async fn get(self) -> Option<T> {
        // Nothing is sent: the sender is dropped when the work is over.
        let _ = self.is_over.await;
        self.result.get().cloned()
    }
}

impl<T: Clone> Leader<T> {
    /// Ends the work with a result for all who wait.
    pub(super) fn finish(self, result: &T) {
        if let Some(round) = &*self.0.0.borrow() {
            // It has none before.
            let _ = round.result.set(result.clone());
        }
    }
}

impl<T> Drop for Leader<T> {
    fn drop(&mut self) {
        self.0.0.take();
    }
}
