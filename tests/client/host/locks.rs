//! Web Locks: one queue for each name, over all pages.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::task::Waker;

use super::executor::PageId;

/// All locks of the origin. The first of a queue has the lock.
#[derive(Default)]
pub(crate) struct LockTable {
    queues: RefCell<BTreeMap<String, VecDeque<Entry>>>,
    count: Cell<usize>,
}

struct Entry {
    id: usize,
    owner: PageId,
    waker: Option<Waker>,
}

impl LockTable {
    /// Joins a lock's queue.
    pub(crate) fn request(self: &Rc<Self>, owner: PageId, name: &str) -> LockRequest {
        self.count.set(self.count.get() + 1);
        let id = self.count.get();
        let mut queues = self.queues.borrow_mut();
        queues
            .entry(name.to_owned())
            .or_default()
            .push_back(Entry { id, owner, waker: None });
        LockRequest {
            table: self.clone(),
            name: name.to_owned(),
            id,
        }
    }

    /// Takes a page's requests and locks from it, as the browser does with one that is gone.
    pub(crate) fn end(&self, owner: PageId) {
        self.remove(&|entry| entry.owner == owner);
    }

    /// How often a lock was asked for.
    pub(crate) fn requests(&self) -> usize {
        self.count.get()
    }

    /// The names of the locks that somebody has or waits for.
    pub(crate) fn names(&self) -> Vec<String> {
        self.queues.borrow().keys().cloned().collect()
    }

    fn remove(&self, is_over: &dyn Fn(&Entry) -> bool) {
        let mut wakers = Vec::new();
        self.queues.borrow_mut().retain(|_, queue| {
            queue.retain(|entry| !is_over(entry));
            wakers.extend(queue.front_mut().and_then(|first| first.waker.take()));
            !queue.is_empty()
        });
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// A place in a queue, and the lock once it is the first. Dropping it lets the next one in.
pub(crate) struct LockRequest {
    table: Rc<LockTable>,
    name: String,
    id: usize,
}

impl LockRequest {
    /// Whether it has the lock; if not, it is woken when it has.
    pub(crate) fn has_lock(&self, waker: &Waker) -> bool {
        let mut queues = self.table.queues.borrow_mut();
        let Some(queue) = queues.get_mut(&self.name) else {
            return false;
        };
        let has_lock = queue.front().is_some_and(|first| first.id == self.id);
        if let Some(entry) = queue.iter_mut().find(|entry| entry.id == self.id) {
            entry.waker = Some(waker.clone());
        }
        has_lock
    }
}

impl Drop for LockRequest {
    fn drop(&mut self) {
        self.table.remove(&|entry| entry.id == self.id);
    }
}
