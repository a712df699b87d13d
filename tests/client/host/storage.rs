//! Places to keep text: of one page, of one tab, and of all tabs, where a page may see what others wrote only later.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use scopewise::host::{Pending, Refused, Storage};

use super::executor::turn;
use super::faults::HostCall;
use super::{Browser, FakePage, Tab};

pub(crate) type Texts = RefCell<BTreeMap<String, String>>;

/// Puts text under a key, or removes what is there.
pub(crate) fn put(texts: &Texts, key: &str, text: Option<&str>) {
    match text {
        Some(text) => drop(texts.borrow_mut().insert(key.to_owned(), text.to_owned())),
        None => drop(texts.borrow_mut().remove(key)),
    }
}

fn keys(texts: &Texts, prefix: &str) -> Vec<String> {
    let texts = texts.borrow();
    texts.keys().filter(|key| key.starts_with(prefix)).cloned().collect()
}

fn check_may_read(page: &Weak<FakePage>) -> Result<(), Refused> {
    let refuses = page.upgrade().is_some_and(|page| page.refuses_reads.get());
    if refuses { Err(Refused) } else { Ok(()) }
}

fn is_refused(page: &Weak<FakePage>, call: HostCall) -> bool {
    page.upgrade().is_some_and(|page| page.faults.refuses(call))
}

/// A storage for sessions of this page is closed.
fn count_closed(page: &Weak<FakePage>) {
    if let Some(page) = page.upgrade() {
        page.closed_storages.set(page.closed_storages.get() + 1);
    }
}

/// By key, when it was written last: each write has a number of its own.
pub(crate) type Revisions = RefCell<BTreeMap<String, usize>>;

/// What copies of a tab told each other last, by key and session, with its revision.
pub(crate) type Copies = RefCell<BTreeMap<(String, String), (usize, String)>>;

/// sessionStorage, which copies of a tab keep the same for as long as they have the same session; or a page's memory.
pub(crate) struct OwnStorage {
    page: Weak<FakePage>,
    texts: Rc<Texts>,
    is_memory: bool,
    revisions: Rc<Revisions>,
}

impl OwnStorage {
    /// A tab's own.
    pub(crate) fn of_tab(page: Weak<FakePage>, tab: &Tab) -> OwnStorage {
        OwnStorage {
            page,
            texts: tab.session_storage.clone(),
            is_memory: false,
            revisions: tab.revisions.clone(),
        }
    }

    /// A page's own.
    pub(crate) fn in_memory(page: Weak<FakePage>, texts: &Rc<Texts>) -> OwnStorage {
        OwnStorage {
            page,
            texts: texts.clone(),
            is_memory: true,
            revisions: Rc::default(),
        }
    }

    fn revision(&self, key: &str) -> usize {
        self.revisions.borrow().get(key).copied().unwrap_or(0)
    }

    /// What copies of the tab know of a key, if it is shared with any.
    fn with_copies(&self, key: &str, session: Option<&str>, work: impl FnOnce(&Copies, (String, String))) {
        let page = self.page.upgrade().filter(|page| page.is_alive() && !self.is_memory);
        if let Some((page, session)) = page.zip(session) {
            work(&page.browser.copies, (key.to_owned(), session.to_owned()));
        }
    }
}

impl Storage for OwnStorage {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        if !self.is_memory {
            check_may_read(&self.page)?;
        }
        Ok(self.texts.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        let page = self.page.upgrade();
        // A page may always write into its own memory, and nobody else sees that.
        let may_write =
            |page: &Rc<FakePage>| self.is_memory || !page.faults.refuses_write(text) && page.may_write(key, text);
        let Some(page) = page.filter(may_write) else {
            return false;
        };
        put(&self.texts, key, text);
        let revision = page.browser.next_id();
        self.revisions.borrow_mut().insert(key.to_owned(), revision);
        true
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        keys(&self.texts, prefix)
    }

    fn is_memory(&self) -> bool {
        self.is_memory
    }

    fn load<'a>(&'a self, key: &'a str, session: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(async move {
            turn().await;
            self.with_copies(key, session, |copies, name| {
                let told = copies.borrow().get(&name).cloned();
                // What is gone here is not brought back.
                let is_later = |(revision, _): &(usize, _)| {
                    *revision > self.revision(key) && self.texts.borrow().contains_key(key)
                };
                if let Some((revision, text)) = told.filter(is_later) {
                    put(&self.texts, key, Some(&text));
                    self.revisions.borrow_mut().insert(key.to_owned(), revision);
                }
            });
            true
        })
    }

    fn flush<'a>(&'a self, key: &'a str, session: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(async move {
            turn().await;
            if let Ok(Some(text)) = self.read(key) {
                self.with_copies(key, session, |copies, name| {
                    let told = (self.revision(key), text);
                    copies.borrow_mut().insert(name, told);
                });
            }
            true
        })
    }

    fn close(&self) {
        count_closed(&self.page);
    }
}

/// localStorage: what others wrote is seen later, or once it is loaded.
pub(crate) struct LocalStorage {
    page: Weak<FakePage>,
    browser: Rc<Browser>,
    view: Texts,
}

impl LocalStorage {
    /// As a page finds it when it is loaded.
    pub(crate) fn new(page: Weak<FakePage>, browser: Rc<Browser>) -> LocalStorage {
        let view = RefCell::new(browser.local.borrow().clone());
        LocalStorage { page, browser, view }
    }

    /// Shows what stands under a key by now. True where that is news.
    pub(crate) fn refresh(&self, key: &str) -> bool {
        if self.page.upgrade().is_some_and(|page| page.is_behind.get()) {
            return false;
        }
        let text = self.browser.local.borrow().get(key).cloned();
        let is_news = self.view.borrow().get(key) != text.as_ref();
        put(&self.view, key, text.as_deref());
        is_news
    }
}

impl Storage for LocalStorage {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        check_may_read(&self.page)?;
        Ok(self.view.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        let may_write = |page: &Rc<FakePage>| !page.faults.refuses_write(text) && page.may_write(key, text);
        let Some(page) = self.page.upgrade().filter(may_write) else {
            return false;
        };
        put(&self.view, key, text);
        put(&self.browser.local, key, text);
        self.browser.tell_of_write(&page, key);
        true
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        keys(&self.view, prefix)
    }

    fn load<'a>(&'a self, key: &'a str, _: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(async move {
            turn().await;
            if is_refused(&self.page, HostCall::Load) {
                return false;
            }
            self.refresh(key);
            !self.page.upgrade().is_some_and(|page| page.is_behind.get())
        })
    }

    fn flush<'a>(&'a self, _: &'a str, _: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(async {
            turn().await;
            true
        })
    }

    fn close(&self) {
        count_closed(&self.page);
    }
}

/// IndexedDB: nothing is seen before it is loaded, and nothing is there for good before it is flushed.
pub(crate) struct IndexedDb {
    page: Weak<FakePage>,
    browser: Rc<Browser>,
    view: Texts,
    unsaved: RefCell<BTreeMap<String, Option<String>>>,
    is_failing: Cell<bool>,
    /// Counts reads and writes.
    count: Cell<usize>,
    /// The latest of them that shows.
    shown: Cell<usize>,
}

impl IndexedDb {
    pub(crate) fn new(page: Weak<FakePage>, browser: Rc<Browser>) -> IndexedDb {
        IndexedDb {
            page,
            browser,
            view: Texts::default(),
            unsaved: RefCell::default(),
            is_failing: Cell::new(false),
            count: Cell::new(0),
            shown: Cell::new(0),
        }
    }
}

impl Storage for IndexedDb {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        Ok(self.view.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        let Some(page) = self.page.upgrade() else {
            return false;
        };
        let is_failing = !page.may_write(key, text);
        let was_failing = self.is_failing.replace(is_failing);
        if is_failing && !was_failing && self.unsaved.borrow().get(key) == Some(&None) {
            // What was begun before is carried out.
            put(&self.browser.indexed_db, key, None);
        }
        self.count.set(self.count.get() + 1);
        self.shown.set(self.count.get());
        put(&self.view, key, text);
        self.unsaved
            .borrow_mut()
            .insert(key.to_owned(), text.map(str::to_owned));
        true
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        keys(&self.view, prefix)
    }

    fn answers_at_once(&self) -> bool {
        false
    }

    fn load<'a>(&'a self, key: &'a str, _: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(async move {
            turn().await;
            if is_refused(&self.page, HostCall::Load) {
                return false;
            }
            // What is read is there a while before it is seen. What was read or written later is not undone.
            let text = self.browser.indexed_db.borrow().get(key).cloned();
            let read = self.count.get() + 1;
            self.count.set(read);
            turn().await;
            if self.shown.get() < read {
                self.shown.set(read);
                put(&self.view, key, text.as_deref());
            }
            true
        })
    }

    fn flush<'a>(&'a self, key: &'a str, _: Option<&'a str>) -> Pending<'a, bool> {
        // Transactions are carried out in the order in which they were begun, whoever waits for them.
        let is_written = match self.unsaved.borrow_mut().remove(key) {
            Some(_) if self.is_failing.get() || is_refused(&self.page, HostCall::Flush) => false,
            Some(text) => {
                put(&self.browser.indexed_db, key, text.as_deref());
                true
            }
            None => true,
        };
        Box::pin(async move {
            turn().await;
            turn().await;
            is_written
        })
    }

    fn close(&self) {
        count_closed(&self.page);
    }
}
