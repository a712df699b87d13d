//! The browser made for tests does as browsers do.

use std::cell::RefCell;
use std::rc::Rc;

use scopewise::host::{LockGuard, Locks, StorageKind, Storages, TabEvent, Tabs};

use crate::host::{Browser, Call};
use crate::server::ORIGIN;

#[test]
fn a_lock_goes_to_the_first_who_asked_and_is_freed_when_its_tab_dies() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let (first, second) = (browser.open_tab(ORIGIN), browser.open_tab(ORIGIN));
        let page = first.clone();
        let held: Call<Option<LockGuard>> = Call::start(&first, async move { page.acquire("a", 100).await });
        let held = held.wait(&browser);
        assert!(held.is_some());
        let page = second.clone();
        let waits = Call::start(&second, async move { page.acquire("a", 100).await.is_some() });
        browser.run_now();
        assert!(!waits.is_done());
        first.end();
        assert!(waits.wait(&browser), "the lock of a dead tab is free");
        drop(held);
        assert!(browser.locks.names().is_empty());
    }
}

#[test]
fn a_lock_is_waited_for_as_long_as_was_said() {
    let browser = Browser::new(1);
    let page = browser.open_tab(ORIGIN);
    let first = page.clone();
    let held = Call::start(&page, async move { first.acquire("a", 100).await }).wait(&browser);
    let (second, before) = (page.clone(), browser.clock.now());
    let is_granted = Call::start(&page, async move { second.acquire("a", 700).await.is_some() });
    assert!(!is_granted.wait(&browser));
    assert!((browser.clock.now() - before - 700.0).abs() < 1.0);
    drop(held);
}

#[test]
fn another_tab_sees_a_write_later_or_once_it_loads() {
    let browser = Browser::new(1);
    let (writer, reader) = (browser.open_tab(ORIGIN), browser.open_tab(ORIGIN));
    let heard = Rc::new(RefCell::new(Vec::new()));
    let events = heard.clone();
    let channel = reader.join("key", Rc::new(move |event| events.borrow_mut().push(event)));
    let [to, from] = [&writer, &reader].map(|page| page.session_storage(StorageKind::Local, 100));
    to.set("key", Some("text"));
    assert_eq!((to.get("key").as_deref(), from.get("key")), (Some("text"), None));
    browser.run();
    assert_eq!(from.get("key").as_deref(), Some("text"));
    assert_eq!(*heard.borrow(), [TabEvent::SessionChanged]);
    drop(channel);
    to.set("key", None);
    let loaded = from.clone();
    Call::start(&reader, async move { loaded.load("key", None).await }).wait(&browser);
    assert_eq!(from.get("key"), None);
    assert_eq!(heard.borrow().len(), 1);
}

#[test]
fn what_indexed_db_was_not_asked_to_save_dies_with_the_tab() {
    let browser = Browser::new(1);
    let page = browser.open_tab(ORIGIN);
    let storage = page.session_storage(StorageKind::IndexedDb, 100);
    storage.set("saved", Some("text"));
    let saved = storage.clone();
    Call::start(&page, async move { saved.flush("saved", None).await }).wait(&browser);
    storage.set("lost", Some("text"));
    let page = page.reload(ORIGIN);
    let storage = page.session_storage(StorageKind::IndexedDb, 100);
    for key in ["saved", "lost"] {
        let loaded = storage.clone();
        Call::start(&page, async move { loaded.load(key, None).await }).wait(&browser);
    }
    assert_eq!(storage.get("saved").as_deref(), Some("text"));
    assert_eq!(storage.get("lost"), None);
}
