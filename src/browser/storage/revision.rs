//! The revision of a record: a number that grows with each write. It is the first member of the record's text, and in the
//! name of a shared Web Lock.

use std::cell::{Cell, RefCell};

use crate::browser::lock::WebLock;

/// The lock that has the record's revision in its name.
#[derive(Default)]
pub(super) struct RevisionLock {
    held: RefCell<Option<WebLock>>,
    /// What it was called last; empty before anything was held.
    name: RefCell<String>,
    is_closed: Cell<bool>,
}

impl RevisionLock {
    /// Lets all others know which revision they have to see.
    pub(super) fn hold(&self, prefix: &str, revision: u64) {
        self.name.replace([prefix, &revision.to_string()].concat());
        self.announce();
    }

    /// A page that comes back out of the back/forward cache is again one that a new page can ask.
    pub(super) fn hold_again(&self) {
        if self.held.borrow().is_none() && !self.name.borrow().is_empty() {
            self.announce();
        }
    }

    fn announce(&self) {
        let held = WebLock::announce(&self.name.borrow());
        if !self.is_closed.get() {
            // The former one is given back only now: there is never a moment without a held revision.
            drop(self.held.replace(held));
        }
    }

    /// Browsers keep no page that holds a lock in the back/forward cache.
    pub(super) fn release(&self) {
        self.held.take();
    }

    /// Gives it back for good.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        self.release();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }
}

/// How a record with a revision begins, up to the number.
const REVISION: &str = "{\"revision\":";

/// The record with `revision` as its first member.
pub(super) fn with_revision(text: &str, revision: u64) -> String {
    match text.strip_prefix('{') {
        Some(members) => [REVISION, &revision.to_string(), ",", members].concat(),
        // Not a record: it is stored as it is, without a revision.
        None => text.to_owned(),
    }
}

/// The record without its `revision`.
pub(super) fn without_revision(text: String) -> String {
    match split(&text) {
        Some((_, members)) => ["{", members].concat(),
        None => text,
    }
}

/// A record's revision; 0 where it has none.
pub(super) fn revision_of(text: &str) -> u64 {
    split(text).map_or(0, |(revision, _)| revision)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let (revision, members) = text.strip_prefix(REVISION)?.split_once(',')?;
    Some((revision.parse().ok()?, members))
}
