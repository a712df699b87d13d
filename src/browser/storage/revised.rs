//! A storage whose records other tabs write, too, or have copies of.
//!
//! What another tab wrote to localStorage may be seen late, even by who holds the lock that the writer held. So each
//! record carries a revision number, which its writer also holds as the name of a shared Web Lock for all to see, and a
//! reader waits for the latest one. Where each tab has records of its own, the writer sends its record to those that
//! have it, too.

use std::cell::{Cell, RefCell};
use std::future::ready;
use std::rc::Rc;

use js_sys::Date;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent, PageTransitionEvent};

use super::revision::{RevisionLock, revision_of, with_revision, without_revision};
use crate::browser::events::Listener;
use crate::browser::lock::WebLock;
use crate::browser::timer::{sleep, within};
use crate::host::{Pending, Refused, Storage};

/// How long a page that is new waits for the others' record, milliseconds.
const PEER_TIMEOUT: u32 = 1000;
/// How often a page looks whether the record has come, milliseconds.
const LOOK_INTERVAL: u32 = 5;
/// How much of a session's id is in a lock's name, which all pages of this origin can see.
const VISIBLE_ID_LENGTH: usize = 8;

/// Who else reads a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// All tabs look at the same one.
    AllTabs,
    /// A tab that was duplicated has the record of the other, and only the two know the session's id.
    CopiesOfTheTab,
    /// Each tab has a record of its own, for which it asks the others when it is new.
    NewTabs,
}

pub(super) struct RevisedStorage {
    storage: Rc<dyn Storage>,
    readers: Readers,
    timeout: u32,
    lock: Rc<RevisionLock>,
    /// The revision that was written last, until others can see it.
    written: Cell<Option<u64>>,
    /// The latest revision that others held.
    latest: Cell<u64>,
    /// The page has looked for what others wrote, since it is there or came back.
    has_looked: Rc<Cell<bool>>,
    channel: RefCell<Option<RecordChannel>>,
    listeners: RefCell<Vec<Listener>>,
}

/// The way to those who have the same record.
struct RecordChannel {
    name: String,
    channel: BroadcastChannel,
    listener: Option<Listener>,
}

impl Drop for RecordChannel {
    fn drop(&mut self) {
        self.listener.take();
        self.channel.close();
    }
}

impl RevisedStorage {
    pub(super) fn new(storage: Rc<dyn Storage>, readers: Readers, timeout: u32) -> RevisedStorage {
        let lock = Rc::new(RevisionLock::default());
        let (on_hide, on_show) = (Rc::clone(&lock), Rc::clone(&lock));
        let has_looked = Rc::new(Cell::new(false));
        let came_back = Rc::clone(&has_looked);
        let listeners = web_sys::window().map_or_else(Vec::new, |window| {
            vec![
                Listener::new(&window, "pagehide", move |_| on_hide.release()),
                Listener::new(&window, "pageshow", move |event| {
                    on_show.hold_again();
                    if event.unchecked_ref::<PageTransitionEvent>().persisted() {
                        came_back.set(false);
                    }
                }),
            ]
        });
        RevisedStorage {
            storage,
            readers,
            timeout,
            lock,
            written: Cell::new(None),
            latest: Cell::new(0),
            has_looked,
            channel: RefCell::new(None),
            listeners: RefCell::new(listeners),
        }
    }

    fn revision(&self, key: &str) -> u64 {
        self.storage.get(key).map_or(0, |text| revision_of(&text))
    }

    /// Later than all revisions that others hold, whatever their clocks were.
    fn next_revision(&self, key: &str) -> u64 {
        let now = Date::now() as u64;
        now.max(self.revision(key) + 1).max(self.latest.get() + 1)
    }

    /// How the names of locks begin that have a revision at their end.
    fn lock_prefix(&self, key: &str, session: Option<&str>) -> String {
        let mut prefix = key.to_owned();
        if self.readers == Readers::CopiesOfTheTab {
            prefix.extend(session.unwrap_or_default().chars().take(VISIBLE_ID_LENGTH));
        }
        prefix.push('#');
        prefix
    }

    /// Joins those who have the same record, and leaves those who have another one.
    fn join(&self, key: &str, session: Option<&str>) {
        let name = match (self.readers, session) {
            (Readers::AllTabs, _) | (Readers::CopiesOfTheTab, None) => None,
            (Readers::CopiesOfTheTab, Some(session)) => Some([key, session, "#"].concat()),
            (Readers::NewTabs, _) => Some([key, "#"].concat()),
        };
        let mut joined = self.channel.borrow_mut();
        if joined.as_ref().map(|joined| &joined.name) == name.as_ref() {
            return;
        }
        let lock_prefix = self.lock_prefix(key, session);
        *joined = name.and_then(|name| {
            let channel = BroadcastChannel::new(&name).ok()?;
            let listener = Some(self.listen(&channel, key.to_owned(), lock_prefix));
            Some(RecordChannel {
                name,
                channel,
                listener,
            })
        });
    }

    fn listen(&self, channel: &BroadcastChannel, key: String, lock_prefix: String) -> Listener {
        let (storage, lock) = (Rc::clone(&self.storage), Rc::clone(&self.lock));
        let answers = channel.clone();
        Listener::new(channel, "message", move |event| {
            let Some(told) = event.unchecked_ref::<MessageEvent>().data().as_string() else {
                return;
            };
            let held = storage.get(&key);
            if told.is_empty() {
                // A new page asks for the record.
                if let Some(held) = held {
                    send(&answers, &held);
                }
                return;
            }
            let revision = revision_of(&told);
            let is_later = revision > held.map_or(0, |held| revision_of(&held));
            if is_later && storage.set(&key, Some(&told)) {
                // This page holds the revision too, so that it is still known when its writer is gone.
                lock.hold(&lock_prefix, revision);
            }
        })
    }

    fn tell(&self, text: &str) {
        if let Some(joined) = &*self.channel.borrow() {
            send(&joined.channel, text);
        }
    }

    async fn load(&self, key: &str, session: Option<&str>) -> bool {
        if !self.lock.is_closed() {
            self.join(key, session);
        }
        let prefix = self.lock_prefix(key, session);
        let revision = |name: &String| name.strip_prefix(&prefix)?.parse::<u64>().ok();
        let is_first = !self.has_looked.replace(true);
        let is_new = is_first && self.readers == Readers::NewTabs;
        // A record that was removed does not come back. A new page has none yet, and waits.
        let is_due = || is_new || self.storage.get(key).is_some();
        let patience = if is_new { PEER_TIMEOUT } else { u32::MAX };
        let seen = async {
            let latest = WebLock::names().await.iter().filter_map(revision).max().unwrap_or(0);
            self.latest.set(latest);
            if is_first && self.revision(key) < latest {
                // It was told while this page was not there.
                self.tell("");
            }
            while self.revision(key) < latest && is_due() {
                sleep(LOOK_INTERVAL).await;
            }
        };
        within(self.timeout.min(patience), seen).await.is_some()
    }

    /// Shows others the revision that was written, before the lock is given back that the writer holds.
    fn flush(&self, key: &str, session: Option<&str>) {
        let Some(written) = self.written.take() else { return };
        // Without a record there is nothing to send. Copies of the tab would wait for it in vain, so they are not told.
        let session = session.filter(|_| self.storage.get(key).is_some());
        self.join(key, session);
        let prefix = self.lock_prefix(key, session);
        self.lock.hold(&prefix, written);
        if let Some(text) = self.storage.get(key) {
            self.tell(&text);
        }
        if self.lock.is_closed() {
            // What was begun before is told, and then nobody is here any more.
            self.channel.take();
        }
    }
}

fn send(channel: &BroadcastChannel, text: &str) {
    // It throws where the channel was closed, and then nobody listens.
    let _ = channel.post_message(&JsValue::from_str(text));
}

impl Storage for RevisedStorage {
    fn read(&self, key: &str) -> Result<Option<String>, Refused> {
        let text = self.storage.read(key)?;
        Ok(text.map(without_revision))
    }

    fn set(&self, key: &str, text: Option<&str>) -> bool {
        let revision = self.next_revision(key);
        let text = text.map(|text| with_revision(text, revision));
        let is_written = self.storage.set(key, text.as_deref());
        if is_written {
            // Only what is stored gets a revision that others wait for.
            self.written.set(Some(revision));
        }
        is_written
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        self.storage.keys(prefix)
    }

    fn answers_at_once(&self) -> bool {
        self.readers != Readers::NewTabs
    }

    fn load<'a>(&'a self, key: &'a str, session: Option<&'a str>) -> Pending<'a, bool> {
        Box::pin(self.load(key, session))
    }

    fn flush<'a>(&'a self, key: &'a str, session: Option<&'a str>) -> Pending<'a, bool> {
        self.flush(key, session);
        Box::pin(ready(true))
    }

    fn close(&self) {
        self.lock.close();
        self.listeners.take();
        self.channel.take();
    }
}
