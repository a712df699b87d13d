//! A document in a tab: the host of the client that runs in it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::{Rc, Weak};

use scopewise::core::error::{Error, Result};
use scopewise::core::url;
use scopewise::core::value::Value;
use scopewise::host::{
    Clock, Entropy, Json, LockGuard, Locks, Page, Pending, Storage, StorageKind, Storages, TabChannel, TabEvent, Tabs,
    Tasks, Timer,
};

use super::Browser;
use super::executor::{PageId, turn};
use super::faults::{Faults, HostCall};
use super::storage::{IndexedDb, LocalStorage, OwnStorage, Revisions, Texts};

/// Longer texts are no JSON.
const MAX_JSON: usize = 4 * 1024 * 1024;

/// What of a tab outlives its documents.
#[derive(Default)]
pub(crate) struct Tab {
    pub(crate) session_storage: Rc<Texts>,
    pub(crate) revisions: Rc<Revisions>,
}

impl Tab {
    /// A copy of a tab begins with what the other has.
    pub(crate) fn copy(&self) -> Rc<Tab> {
        let texts = self.session_storage.borrow().clone();
        let revisions = self.revisions.borrow().clone();
        Rc::new(Tab {
            session_storage: Rc::new(Texts::new(texts)),
            revisions: Rc::new(Revisions::new(revisions)),
        })
    }
}

/// A document.
pub(crate) struct FakePage {
    pub(crate) browser: Rc<Browser>,
    pub(crate) id: PageId,
    pub(crate) tab: Rc<Tab>,
    /// The address bar.
    pub(crate) address: RefCell<String>,
    /// Where it was told to go.
    pub(crate) left_for: RefCell<Option<String>>,
    /// What a hidden frame was asked last.
    pub(crate) frame_question: RefCell<Option<String>>,
    /// What the next window or frame hands over instead of the answer to its request.
    pub(crate) wrong_answer: RefCell<Option<String>>,
    pub(crate) is_popup: Cell<bool>,
    pub(crate) is_framed: Cell<bool>,
    /// Of the page, or of the user.
    pub(crate) language: RefCell<Option<String>>,
    pub(crate) is_offline: Cell<bool>,
    /// It is in the back/forward cache, say, where it hears nothing of what is told meanwhile.
    pub(crate) is_away: Cell<bool>,
    pub(crate) blocks_popups: Cell<bool>,
    /// Popups that were closed.
    pub(crate) closed_popups: Rc<Cell<usize>>,
    /// The user closes every popup.
    pub(crate) is_popup_gone: Rc<Cell<bool>>,
    /// Storage refuses every read.
    pub(crate) refuses_reads: Cell<bool>,
    /// Storage refuses every write.
    pub(crate) refuses_writes: Cell<bool>,
    /// What others write to localStorage does not show in time.
    pub(crate) is_behind: Cell<bool>,
    /// How many storages for sessions were closed.
    pub(crate) closed_storages: Cell<usize>,
    /// It is no secure context.
    pub(crate) is_insecure: Cell<bool>,
    /// There are no Web Locks.
    pub(crate) is_without_locks: Cell<bool>,
    /// It may not use IndexedDB.
    pub(crate) is_without_database: Cell<bool>,
    /// It may use neither sessionStorage nor localStorage.
    pub(crate) is_without_web_storage: Cell<bool>,
    own_signing_keys: RefCell<BTreeMap<String, String>>,
    /// Whatever signed for it, a worker, say, is gone.
    pub(crate) is_signer_gone: Rc<Cell<bool>>,
    /// So many signatures fail.
    pub(crate) failing_signatures: Rc<Cell<usize>>,
    /// It crashes once so many more writes are done, and the next one, too.
    pub(crate) writes_until_crash: Cell<Option<usize>>,
    pub(crate) is_crashed: Cell<bool>,
    /// What it asks of its surroundings, and does not get.
    pub(crate) faults: Faults,
    loaded_at: f64,
    is_alive: Cell<bool>,
    this: Weak<FakePage>,
    memory: Rc<Texts>,
    local: OnceCell<Rc<LocalStorage>>,
    indexed_db: OnceCell<Rc<IndexedDb>>,
}

impl FakePage {
    pub(crate) fn new(browser: Rc<Browser>, id: PageId, tab: Rc<Tab>, url: &str) -> Rc<FakePage> {
        let page = Rc::new_cyclic(|this| FakePage {
            loaded_at: browser.clock.now(),
            browser,
            id,
            tab,
            address: RefCell::new(url.to_owned()),
            left_for: RefCell::default(),
            frame_question: RefCell::default(),
            wrong_answer: RefCell::default(),
            is_popup: Cell::new(false),
            is_framed: Cell::new(false),
            language: RefCell::default(),
            is_offline: Cell::new(false),
            is_away: Cell::new(false),
            blocks_popups: Cell::new(false),
            closed_popups: Rc::default(),
            is_popup_gone: Rc::default(),
            refuses_reads: Cell::new(false),
            refuses_writes: Cell::new(false),
            is_behind: Cell::new(false),
            closed_storages: Cell::new(0),
            is_insecure: Cell::new(false),
            is_without_locks: Cell::new(false),
            is_without_database: Cell::new(false),
            is_without_web_storage: Cell::new(false),
            own_signing_keys: RefCell::default(),
            is_signer_gone: Rc::default(),
            failing_signatures: Rc::default(),
            writes_until_crash: Cell::new(None),
            is_crashed: Cell::new(false),
            faults: Faults::default(),
            is_alive: Cell::new(true),
            this: this.clone(),
            memory: Rc::default(),
            local: OnceCell::new(),
            indexed_db: OnceCell::new(),
        });
        page.local();
        page
    }

    pub(super) fn this(&self) -> Weak<FakePage> {
        self.this.clone()
    }

    /// Where its keys are.
    pub(super) fn signing_keys(&self) -> &RefCell<BTreeMap<String, String>> {
        if self.is_without_database.get() {
            &self.own_signing_keys
        } else {
            &self.browser.signing_keys
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.is_alive.get() && !self.is_crashed.get()
    }

    /// Runs something for as long as the document lives.
    pub(crate) fn start(&self, work: impl Future<Output = ()> + 'static) {
        if self.is_alive.get() {
            self.browser.executor.spawn(self.id, Box::pin(work));
        }
    }

    /// The tab is closed, crashes or goes elsewhere: nothing of the document goes on, wherever it was.
    pub(crate) fn end(&self) {
        if self.is_alive.replace(false) {
            // The browser frees its locks, whatever the script would have done.
            self.browser.locks.end(self.id);
            self.browser.executor.end(self.id);
            self.browser.silence(self);
        }
    }

    /// Freezes the page, or lets it go on.
    pub(crate) fn freeze(&self, is_frozen: bool) {
        self.browser.executor.freeze(self.id, is_frozen);
    }

    /// The same tab, with another document.
    pub(crate) fn reload(&self, url: &str) -> Rc<FakePage> {
        self.browser.load(self.tab.clone(), url)
    }

    /// Where the page was told to go, once.
    pub(crate) fn destination(&self) -> Option<String> {
        self.left_for.take()
    }

    /// Notes a write, if it is possible at all.
    pub(crate) fn may_write(&self, key: &str, text: Option<&str>) -> bool {
        // What cannot be read again was not written.
        let refuses = self.refuses_writes.get() || self.refuses_reads.get();
        let may_write = self.is_alive() && !(refuses && text.is_some());
        if may_write && let Some(left) = self.writes_until_crash.get() {
            self.writes_until_crash.set(left.checked_sub(1));
            self.is_crashed.set(left == 0);
        }
        if may_write {
            let write = (key.to_owned(), text.map(str::to_owned));
            self.browser.writes.borrow_mut().push(write);
        }
        may_write
    }

    /// localStorage as this page sees it.
    pub(crate) fn local(&self) -> &Rc<LocalStorage> {
        let open = || Rc::new(LocalStorage::new(self.this.clone(), self.browser.clone()));
        self.local.get_or_init(open)
    }
}

impl Clock for FakePage {
    fn now(&self) -> f64 {
        self.browser.clock.now()
    }

    fn loaded_at(&self) -> f64 {
        self.loaded_at
    }

    fn to_iso_string(&self, seconds: i64) -> String {
        let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Counted from 1 March of the year 0, in eras of 400 years.
        let days = days + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        let year = year + era * 400 + later;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
    }

    fn timer(&self, milliseconds: u32, callback: Box<dyn Fn()>) -> Box<dyn Timer> {
        let (page, callback): (_, Rc<dyn Fn()>) = (self.this.clone(), callback.into());
        let ring = move || {
            let callback = callback.clone();
            if let Some(page) = page.upgrade() {
                page.start(async move { callback() });
            }
        };
        Box::new(self.browser.clock.alarm(milliseconds, Rc::new(ring)))
    }
}

impl Entropy for FakePage {
    fn random(&self) -> Result<[u8; 32]> {
        if self.faults.refuses(HostCall::Random) {
            return Err(Error::NotInBrowser);
        }
        let mut random = self.browser.random.borrow_mut();
        Ok(std::array::from_fn(|_| (random.next() >> 24) as u8))
    }
}

impl Json for FakePage {
    fn parse(&self, text: &str) -> Option<Value> {
        (text.len() <= MAX_JSON)
            .then(|| serde_json::from_str(text).ok())
            .flatten()
    }

    fn stringify(&self, value: &Value) -> String {
        serde_json::to_string(value).unwrap()
    }
}

impl Page for FakePage {
    fn url(&self) -> String {
        self.address.borrow().clone()
    }

    fn resolve(&self, text: &str) -> Option<String> {
        let page = self.url();
        let origin = url::origin(&page);
        let absolute = match text {
            "" => page.clone(),
            text if text.contains("://") => text.to_owned(),
            text if text.starts_with("//") => ["https:", text].concat(),
            text if text.starts_with('/') => [origin, text].concat(),
            text => [origin, "/", text].concat(),
        };
        let is_path_missing = url::base(&absolute) == url::origin(&absolute);
        (!absolute.contains(' ')).then(|| match is_path_missing {
            true => absolute.replacen(url::origin(&absolute), &[url::origin(&absolute), "/"].concat(), 1),
            false => absolute,
        })
    }

    fn replace_url(&self, url: &str) {
        self.address.replace(url.to_owned());
    }

    fn leave(&self, url: &str) -> bool {
        if self.faults.refuses(HostCall::Leave) {
            return false;
        }
        self.left_for.replace(Some(url.to_owned()));
        true
    }

    fn is_offline(&self) -> bool {
        self.is_offline.get()
    }

    fn is_framed(&self) -> bool {
        self.is_framed.get()
    }

    fn language(&self) -> Option<String> {
        self.language.borrow().clone()
    }
}

impl Storages for FakePage {
    fn session_storage(&self, kind: StorageKind, _: u32) -> Rc<dyn Storage> {
        let open = || Rc::new(IndexedDb::new(self.this.clone(), self.browser.clone()));
        match kind {
            StorageKind::IndexedDb if self.is_without_database.get() => self.memory(),
            StorageKind::Session | StorageKind::Local if self.is_without_web_storage.get() => self.memory(),
            StorageKind::Session => Rc::new(OwnStorage::of_tab(self.this.clone(), &self.tab)),
            StorageKind::Local => self.local().clone(),
            StorageKind::IndexedDb => self.indexed_db.get_or_init(open).clone(),
            StorageKind::Memory | StorageKind::Worker | StorageKind::Adapter => {
                Rc::new(OwnStorage::in_memory(self.this.clone(), &self.memory))
            }
        }
    }

    fn transaction_storage(&self, kind: StorageKind) -> Rc<dyn Storage> {
        match kind {
            _ if self.is_without_web_storage.get() => self.memory(),
            StorageKind::Local => self.local().clone(),
            _ => Rc::new(OwnStorage::of_tab(self.this.clone(), &self.tab)),
        }
    }

    fn shared_storage(&self) -> Rc<dyn Storage> {
        if self.is_without_web_storage.get() {
            return self.memory();
        }
        self.local().clone()
    }

    fn memory(&self) -> Rc<dyn Storage> {
        Rc::new(OwnStorage::in_memory(self.this.clone(), &self.memory))
    }
}

impl Locks for FakePage {
    fn acquire<'a>(&'a self, name: &'a str, timeout: u32) -> Pending<'a, Option<LockGuard>> {
        let request = self.browser.locks.request(self.id, name);
        let mut deadline = Box::pin(self.browser.clock.sleep(timeout));
        let is_refused = self.faults.refuses(HostCall::Acquire);
        Box::pin(async move {
            turn().await;
            if is_refused {
                drop(request);
                deadline.await;
                return None;
            }
            let has_lock = std::future::poll_fn(|context| {
                if request.has_lock(context.waker()) {
                    return std::task::Poll::Ready(true);
                }
                deadline.as_mut().poll(context).map(|()| false)
            });
            has_lock.await.then(|| LockGuard::new(move || drop(request)))
        })
    }

    fn are_shared(&self) -> bool {
        !self.is_without_locks.get()
    }
}

impl Tabs for FakePage {
    fn join(&self, name: &str, listener: Rc<dyn Fn(TabEvent)>) -> Box<dyn TabChannel> {
        let this = self.this.upgrade().unwrap();
        Box::new(self.browser.join(this, name, listener))
    }
}

impl Tasks for FakePage {
    fn spawn(&self, task: Pending<'static, ()>) {
        self.start(async move {
            turn().await;
            task.await;
        });
    }
}
