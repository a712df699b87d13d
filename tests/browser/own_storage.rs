//! Storage of the application's own.

use std::rc::Rc;

use super::page::{member, milliseconds, pause, script, script_with, start, text};
use scopewise::browser::Browser;
use scopewise::host::{Storage, StorageKind, Storages};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// An application's own.
pub(crate) fn own(page: &JsValue, timeout: u32) -> Rc<dyn Storage> {
    let browser = Browser::default().with_storage(member(page, "storage"));
    browser.session_storage(StorageKind::Adapter, timeout)
}

/// An application's storage that answers later. `calls` are the writes that it carried out.
pub(crate) fn slow() -> JsValue {
    script(
        "const kept = new Map(), calls = [];
         const later = (work) => new Promise((done) => setTimeout(() => done(work()), 5));
         const storage = {
           getItem: (key) => later(() => kept.get(key) ?? null),
           setItem: (key, text) => later(() => { calls.push(`${key}=${text}`); kept.set(key, text) }),
           removeItem: (key) => later(() => { calls.push(`-${key}`); kept.delete(key) }),
         };
         return { storage, kept, calls }",
    )
}

#[wasm_bindgen_test]
async fn own_storage_is_written_in_order_when_asked_to() {
    let host = slow();
    let store = own(&host, 5_000);
    assert!(!store.is_memory());
    assert!(store.set("a", Some("1")) && store.set("b", Some("2")));
    assert!(store.set("a", None) && store.set("a", Some("3")));
    assert_eq!(store.get("a").as_deref(), Some("3"), "seen at once");
    assert_eq!(script_with(&host, "return it.calls.length"), 0);
    assert!(store.flush("a", None).await);
    assert_eq!(script_with(&host, "return it.calls.join()"), "a=1,b=2,-a,a=3");
    assert!(store.flush("a", None).await);
    assert_eq!(script_with(&host, "return it.calls.length"), 4, "once each");
}

#[wasm_bindgen_test]
async fn own_storage_is_read_again_when_asked_to() {
    let host = slow();
    let store = own(&host, 5_000);
    script_with(&host, "it.kept.set('a', 'from another tab')");
    assert_eq!(store.get("a"), None);
    assert!(store.load("a", None).await);
    assert_eq!(store.get("a").as_deref(), Some("from another tab"));
    for other in [
        "it.kept.delete('a')",
        "it.kept.set('a', 42)",
        "it.kept.set('a', { toString: () => 'x' })",
    ] {
        script_with(&host, "it.kept.set('a', 'text')");
        assert!(store.load("a", None).await);
        assert_eq!(store.get("a").as_deref(), Some("text"));
        script_with(&host, other);
        assert!(store.load("a", None).await);
        assert_eq!(store.get("a"), None, "{other}");
    }
}

#[wasm_bindgen_test]
async fn what_was_set_while_own_storage_was_read_stays() {
    let host = slow();
    let store = own(&host, 5_000);
    script_with(&host, "it.kept.set('a', 'old')");
    let mut loading = store.load("a", None);
    start(&mut loading);
    assert!(store.set("a", Some("new")));
    assert!(loading.await);
    assert_eq!(store.get("a").as_deref(), Some("new"), "set after it began");
    let mut writing = store.flush("a", None);
    start(&mut writing);
    assert!(store.load("a", None).await);
    assert_eq!(store.get("a").as_deref(), Some("new"), "not written when it began");
    assert!(writing.await);
    script_with(&host, "it.kept.set('a', 'from another tab')");
    assert!(store.load("a", None).await);
    assert_eq!(store.get("a").as_deref(), Some("from another tab"));
}

#[wasm_bindgen_test]
async fn own_storage_may_be_synchronous() {
    let store = own(&script("return { storage: sessionStorage }"), 5_000);
    assert!(store.set("own", Some("1")));
    assert!(store.flush("own", None).await);
    assert_eq!(text("return sessionStorage.getItem('own')"), "1");
    assert!(store.set("own", None));
    assert!(store.flush("own", None).await);
    assert!(script("return sessionStorage.getItem('own')").is_null());
}

#[wasm_bindgen_test]
async fn own_storage_that_throws_or_rejects_has_not_written() {
    for answer in ["throw new Error('no')", "return Promise.reject(new Error('no'))"] {
        let host = script(&format!(
            "const no = () => {{ {answer} }}; return {{ storage: {{ getItem: no, setItem: no, removeItem: no }} }}"
        ));
        let store = own(&host, 5_000);
        assert!(store.set("a", Some("1")), "the face is synchronous, and knows later");
        assert!(!store.flush("a", None).await, "{answer}");
        assert!(!store.load("a", None).await, "{answer}");
        assert_eq!(
            store.get("a").as_deref(),
            Some("1"),
            "what was not read stays as it was"
        );
    }
}

#[wasm_bindgen_test]
async fn own_storage_that_never_answers_is_not_waited_for_without_end() {
    let host = script(
        "const never = () => new Promise(() => {}); return { storage: { getItem: never, setItem: never, removeItem: never } }",
    );
    let store = own(&host, 100);
    assert!(store.set("a", Some("1")));
    for is_write in [true, false] {
        let start = milliseconds();
        let done = if is_write {
            store.flush("a", None)
        } else {
            store.load("a", None)
        };
        assert!(!done.await);
        let waited = milliseconds() - start;
        assert!((90.0..5_000.0).contains(&waited), "{waited}");
        // What could not be written in time is not tried again.
        store.set("b", Some("2"));
    }
}

/// An application's storage that takes its time for the first write, and none for others.
fn slow_at_first(first: &str) -> JsValue {
    script(&format!(
        "const kept = new Map(), waits = [{first}];
         const storage = {{
           getItem: (key) => kept.get(key) ?? null,
           setItem: (key, text) => new Promise((done) => {{
             const write = () => {{ kept.set(key, text); done() }};
             const wait = waits.shift();
             if (wait !== Infinity) setTimeout(write, wait);
           }}),
           removeItem: (key) => void kept.delete(key),
         }};
         return {{ storage, kept }}"
    ))
}

#[wasm_bindgen_test]
async fn a_write_that_is_late_undoes_no_later_one() {
    let host = slow_at_first("600");
    let store = own(&host, 100);
    let kept = || script_with(&host, "return it.kept.get('late')");
    assert!(store.set("late", Some("1")));
    assert!(!store.flush("late", None).await, "not in time");
    assert!(store.set("late", Some("2")));
    assert!(!store.flush("late", None).await, "the first may still be carried out");
    pause(700).await;
    assert_eq!(kept(), "1", "what was given up is not written");
    assert!(store.set("late", Some("3")));
    assert!(store.flush("late", None).await);
    assert_eq!(kept(), "3");
}

#[wasm_bindgen_test]
async fn a_write_that_never_ends_is_waited_for_once() {
    let host = slow_at_first("Infinity");
    let store = own(&host, 1_000);
    assert!(store.set("stuck", Some("1")));
    assert!(!store.flush("stuck", None).await);
    let start = milliseconds();
    for text in [Some("2"), None, Some("3")] {
        assert!(store.set("stuck", text));
        assert!(!store.flush("stuck", None).await);
    }
    assert!(milliseconds() - start < 900.0);
    // What is there for all is seen.
    script_with(&host, "it.kept.set('stuck', 'from another tab')");
    assert!(store.load("stuck", None).await);
    assert_eq!(store.get("stuck").as_deref(), Some("from another tab"));
}

#[wasm_bindgen_test]
async fn writes_go_on_where_nobody_waits_any_more() {
    let host = slow();
    let store = own(&host, 1);
    assert!(store.set("a", Some("1")) && store.set("b", Some("2")));
    assert!(!store.flush("a", None).await, "not in time");
    pause(300).await;
    assert_eq!(script_with(&host, "return it.calls.join()"), "a=1,b=2");
}
