//! Records that tabs share: each has a revision, and a reader waits for the latest one.

use std::rc::Rc;

use super::page::{Changed, browser, milliseconds, pause, script, script_with, settled, text};
use super::storage::assert_keeps;
use scopewise::host::{Locks, Storage, StorageKind, Storages};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const RECORDS: [&str; 3] = [r#"{"v":1}"#, r#"{"v":"é😀\n\""}"#, r#"{"revision":"of its own"}"#];

fn store(kind: StorageKind) -> Rc<dyn Storage> {
    browser().session_storage(kind, 1_000)
}

/// The names of the locks that are held and begin so.
async fn locks(prefix: &str) -> Vec<String> {
    names("held", prefix).await
}

/// The names of the locks that somebody waits for and that begin so.
async fn waiting(prefix: &str) -> Vec<String> {
    names("pending", prefix).await
}

async fn names(list: &str, prefix: &str) -> Vec<String> {
    let names = text_of(script(&format!(
        "return navigator.locks.query().then(({{ {list} }}) => {list}.map(({{ name }}) => name).filter((name) => name.startsWith('{prefix}')).join('\\n'))"
    )));
    let names = names.await;
    names
        .split('\n')
        .filter(|name| !name.is_empty())
        .map(Into::into)
        .collect()
}

/// The revision that stands in a storage.
fn revision(place: &str, key: &str) -> f64 {
    let record = format!("{place}.getItem('{key}')");
    text(&format!(
        "return /^{{\"revision\":[0-9]+,/.exec({record})[0].slice(12, -1)"
    ))
    .parse()
    .unwrap()
}

#[wasm_bindgen_test]
fn records_are_kept_as_they_were_given() {
    for kind in [StorageKind::Local, StorageKind::Session, StorageKind::Worker] {
        let store = store(kind);
        assert_keeps(&*store, "shared:", RECORDS);
        store.close();
    }
}

#[wasm_bindgen_test]
async fn local_storage_that_tabs_share_waits_for_what_was_written_last() {
    let store = store(StorageKind::Local);
    assert!(store.set("last", Some(r#"{"v":"one"}"#)));
    assert!(store.flush("last", None).await);
    assert!(store.load("last", None).await, "it is there");
    // As if another tab had written, and this one could not see it yet.
    script(
        "navigator.locks.request(`last#${Date.now() + 60000}`, { mode: 'shared' }, () => new Promise((done) => (globalThis.letGo = done)))",
    );
    let start = milliseconds();
    assert!(!store.load("last", None).await, "not in time");
    assert!((900.0..10_000.0).contains(&(milliseconds() - start)));
    script(r#"localStorage.setItem('last', `{"revision":${Date.now() + 90000},"v":"two"}`)"#);
    assert!(store.load("last", None).await);
    assert_eq!(store.get("last").as_deref(), Some(r#"{"v":"two"}"#));
    // What is gone is not waited for.
    assert!(store.set("last", None));
    assert!(store.load("last", None).await);
    assert_eq!(store.get("last"), None);
    script("globalThis.letGo()");
    store.close();
}

#[wasm_bindgen_test]
async fn a_record_that_comes_while_it_is_waited_for_is_seen() {
    let store = store(StorageKind::Local);
    assert!(store.set("coming", Some(r#"{"v":1}"#)));
    script(
        "const later = Date.now() + 60000;
         navigator.locks.request(`coming#${later}`, { mode: 'shared' }, () => new Promise((done) => setTimeout(done, 1000)));
         setTimeout(() => localStorage.setItem('coming', `{\"revision\":${later},\"v\":2}`), 200)",
    );
    let start = milliseconds();
    assert!(store.load("coming", None).await);
    assert!((150.0..900.0).contains(&(milliseconds() - start)));
    assert_eq!(store.get("coming").as_deref(), Some(r#"{"v":2}"#));
    assert!(store.set("coming", None));
    store.close();
}

#[wasm_bindgen_test]
async fn a_shared_record_gets_a_higher_revision_each_time_and_its_writer_holds_it() {
    let store = store(StorageKind::Local);
    // Also after a clock that was ahead.
    script(r#"localStorage.setItem('number', `{"revision":${Date.now() + 600000},"v":"old"}`)"#);
    let mut latest = revision("localStorage", "number");
    for record in [r#"{"v":"a"}"#, r#"{"v":"b"}"#, r#"{"v":"c"}"#] {
        assert!(store.set("number", Some(record)));
        assert!(revision("localStorage", "number") > latest);
        latest = revision("localStorage", "number");
        assert!(store.flush("number", None).await);
        assert_eq!(store.get("number").as_deref(), Some(record));
        pause(50).await;
        assert_eq!(locks("number#").await, [format!("number#{latest}")], "one at a time");
    }
    assert!(store.set("number", None));
    assert!(store.flush("number", None).await);
    store.close();
    pause(50).await;
    assert_eq!(locks("number#").await, [""; 0], "a closed one lets go");
}

#[wasm_bindgen_test]
async fn who_gets_the_writers_lock_next_finds_its_revision_held() {
    let store = store(StorageKind::Local);
    // Another page, which has its own way to the browser.
    let other = script("return document.body.appendChild(document.createElement('iframe'))");
    for round in 0..30 {
        let guard = browser().acquire("writer", 10_000).await.expect("a free lock");
        let seen = script_with(
            &other,
            "const { locks } = it.contentWindow.navigator;
             return locks.request('writer', () => locks.query()).then(({ held }) => held.map(({ name }) => name).join('\\n'))",
        );
        // It waits in line.
        while waiting("writer").await.is_empty() {
            pause(1).await;
        }
        assert!(store.set("written", Some(&format!(r#"{{"v":{round}}}"#))));
        assert!(store.flush("written", None).await);
        drop(guard);
        let revision = format!("written#{}", revision("localStorage", "written"));
        let seen = text_of(seen).await;
        assert!(seen.split('\n').any(|name| name == revision), "round {round}: {seen}");
    }
    script_with(&other, "it.remove()");
    assert!(store.set("written", None));
    store.close();
}

async fn text_of(promise: JsValue) -> String {
    settled(promise).await.expect("a text")
}

#[wasm_bindgen_test]
async fn a_page_that_goes_away_lets_go_of_its_revision() {
    let store = store(StorageKind::Local);
    assert!(store.set("hidden", Some(r#"{"v":1}"#)));
    assert!(store.flush("hidden", None).await);
    assert_eq!(locks("hidden#").await.len(), 1);
    script("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
    pause(50).await;
    assert_eq!(locks("hidden#").await, [""; 0]);
    assert!(store.set("hidden", None));
    store.close();
}

#[wasm_bindgen_test]
async fn a_page_that_comes_back_holds_its_revision_again() {
    for kind in [StorageKind::Local, StorageKind::Session, StorageKind::Worker] {
        let store = store(kind);
        assert!(store.set("back", Some(r#"{"v":1}"#)));
        assert!(store.flush("back", None).await);
        let held = locks("back#").await;
        assert_eq!(held.len(), 1, "{kind:?}");
        // Twice: a page may come and go.
        for _ in 0..2 {
            script("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
            pause(50).await;
            assert_eq!(locks("back#").await, [""; 0], "{kind:?}");
            script("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
            pause(50).await;
            assert_eq!(locks("back#").await, held, "{kind:?}");
        }
        assert!(store.set("back", None));
        store.close();
        script("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
        pause(50).await;
        assert_eq!(locks("back#").await, [""; 0], "a closed one stays so: {kind:?}");
    }
}

#[wasm_bindgen_test]
async fn a_page_that_comes_back_and_never_wrote_holds_nothing() {
    let store = store(StorageKind::Local);
    assert!(store.load("unwritten", None).await);
    script("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    pause(50).await;
    assert_eq!(locks("unwritten").await, [""; 0]);
    store.close();
}

#[wasm_bindgen_test]
async fn copies_of_a_tab_tell_each_other_what_they_wrote() {
    let store = store(StorageKind::Session);
    assert!(store.set("copy", Some(r#"{"v":1}"#)));
    let heard = script(
        "return new Promise((heard) => {
           globalThis.copy = new BroadcastChannel('copyan-id-of-a-session#');
           globalThis.copy.onmessage = ({ data }) => heard(data);
         })",
    );
    assert!(store.flush("copy", Some("an-id-of-a-session")).await);
    let own = revision("sessionStorage", "copy");
    assert_eq!(settled(heard).await.unwrap(), format!("{{\"revision\":{own},\"v\":1}}"));
    // Pages that know nothing of the session see the beginning of its id at the most.
    assert_eq!(locks("copy").await, [format!("copyan-id-of#{own}")]);
    // What the other tab wrote later is taken, and nothing else.
    let later = own + 1_000.0;
    script(&format!(
        r#"for (const text of ['{{"revision":{later},"v":2}}', '{{"revision":{own},"v":3}}', '{{"v":4}}', 'rubbish', 7, null]) globalThis.copy.postMessage(text)"#
    ));
    pause(200).await;
    assert_eq!(store.get("copy").as_deref(), Some(r#"{"v":2}"#));
    assert_eq!(locks("copy").await, [format!("copyan-id-of#{later}")], "it is held on");
    assert!(store.load("copy", Some("an-id-of-a-session")).await);
    // A record that is gone is not waited for by who has a copy.
    assert!(store.set("copy", None));
    assert!(store.flush("copy", Some("an-id-of-a-session")).await);
    pause(50).await;
    assert!(locks("copy").await[0].starts_with("copy#"));
    store.close();
    script("globalThis.copy.close()");
}

#[wasm_bindgen_test]
async fn a_new_page_asks_the_others_where_records_are_in_memory() {
    let store = store(StorageKind::Worker);
    assert!(store.load("asked", None).await, "nobody has anything");
    assert!(store.set("asked", Some(r#"{"v":1}"#)));
    assert!(store.flush("asked", None).await);
    let heard = script(
        "return new Promise((heard) => {
           const channel = new BroadcastChannel('asked#');
           channel.onmessage = ({ data }) => { channel.close(); heard(data); };
           channel.postMessage('');
         })",
    );
    assert!(settled(heard).await.unwrap().ends_with(r#","v":1}"#));
    assert!(store.set("asked", None));
    store.close();
    // The other way round: another page has it.
    let new = browser().session_storage(StorageKind::Worker, 1_000);
    let _other = Changed::new(
        "const later = Date.now() + 60000;
         globalThis.other = new BroadcastChannel('asked#');
         globalThis.other.onmessage = ({ data }) => data === '' && globalThis.other.postMessage(`{\"revision\":${later},\"v\":2}`);
         navigator.locks.request(`asked#${later}`, { mode: 'shared' }, () => new Promise((done) => (globalThis.letGo = done)))",
        "globalThis.other.close(); globalThis.letGo()",
    );
    pause(50).await;
    assert!(new.load("asked", None).await);
    assert_eq!(new.get("asked").as_deref(), Some(r#"{"v":2}"#));
    assert!(new.set("asked", None));
    new.close();
}

/// Another page that has a later record, and says so when it is asked.
fn other_with_later(channel: &str, lock_prefix: &str) -> Changed {
    Changed::new(
        &format!(
            "const later = Date.now() + 60000;
             globalThis.other = new BroadcastChannel('{channel}');
             globalThis.other.onmessage = ({{ data }}) => data === '' && globalThis.other.postMessage(`{{\"revision\":${{later}},\"v\":2}}`);
             navigator.locks.request(`{lock_prefix}#${{later}}`, {{ mode: 'shared' }}, () => new Promise((done) => (globalThis.letGo = done)))"
        ),
        "globalThis.other.close(); globalThis.letGo()",
    )
}

#[wasm_bindgen_test]
async fn a_page_that_comes_back_asks_for_what_it_missed() {
    for (kind, session, channel, lock_prefix) in [
        (StorageKind::Worker, None, "missed#", "missed"),
        (
            StorageKind::Session,
            Some("id-of-it"),
            "missedid-of-it#",
            "missedid-of-it",
        ),
    ] {
        let store = store(kind);
        assert!(store.load("missed", session).await);
        assert!(store.set("missed", Some(r#"{"v":1}"#)));
        assert!(store.flush("missed", session).await);
        script("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
        let _other = other_with_later(channel, lock_prefix);
        pause(50).await;
        script("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
        assert!(store.load("missed", session).await, "{kind:?}");
        assert_eq!(store.get("missed").as_deref(), Some(r#"{"v":2}"#), "{kind:?}");
        assert!(store.set("missed", None));
        store.close();
        pause(50).await;
    }
}

#[wasm_bindgen_test]
async fn a_copy_of_a_tab_that_opens_later_asks_for_what_it_missed() {
    script(r#"sessionStorage.setItem('opened', `{"revision":${Date.now()},"v":1}`)"#);
    let _other = other_with_later("openedid-of-it#", "openedid-of-it");
    pause(50).await;
    let store = store(StorageKind::Session);
    assert_eq!(store.get("opened").as_deref(), Some(r#"{"v":1}"#));
    assert!(store.load("opened", Some("id-of-it")).await);
    assert_eq!(store.get("opened").as_deref(), Some(r#"{"v":2}"#));
    assert!(store.set("opened", None));
    store.close();
}

#[wasm_bindgen_test]
async fn without_web_locks_nobody_waits() {
    let _changed = Changed::new(
        "Object.defineProperty(navigator, 'locks', { configurable: true, value: undefined })",
        "delete navigator.locks",
    );
    let store = store(StorageKind::Local);
    assert!(store.set("plain", Some(r#"{"v":1}"#)));
    assert!(store.flush("plain", None).await);
    assert!(store.load("plain", None).await);
    assert_eq!(store.get("plain").as_deref(), Some(r#"{"v":1}"#));
    assert!(store.set("plain", None));
    store.close();
}
