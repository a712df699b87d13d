//! Web Storage, this page's memory, and storage of the application's own.

use super::page::{Changed, milliseconds, script, script_with, text, truth};
use super::revision::{name, put, record, revision};
use scopewise::browser::storage::{is_memory, keys, open, read, sync, write};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

fn of(kind: &str) -> JsValue {
    open(kind, &JsValue::UNDEFINED, 0)
}

/// Writes, reads, lists and removes, in any store.
fn assert_keeps(store: &JsValue, prefix: &str) {
    assert_keeps_records(store, prefix, str::to_owned, str::to_owned);
}

/// The same with texts that are made from names, and name them.
fn assert_keeps_records(store: &JsValue, prefix: &str, record: fn(&str) -> String, name: fn(&str) -> String) {
    let key = |rest: &str| format!("{prefix}{rest}");
    let held = |rest: &str| read(store, &key(rest)).map(|text| name(&text));
    assert_eq!(held("a"), None);
    assert!(write(store, &key("a"), Some(&record("1"))));
    assert!(write(store, &key("b"), Some(&record(""))));
    assert!(write(store, &key("a"), Some(&record("é😀\n\""))));
    assert_eq!(held("a").as_deref(), Some("é😀\n\""));
    assert_eq!(held("b").as_deref(), Some(""));
    let mut rests: Vec<String> = keys(store, prefix).split('\n').map(Into::into).collect();
    rests.sort();
    assert_eq!(rests, ["a", "b"]);
    assert!(write(store, &key("a"), None));
    assert!(write(store, &key("a"), None), "removing twice is fine");
    assert_eq!(held("a"), None);
    assert_eq!(keys(store, prefix), "b");
    assert!(write(store, &key("b"), None));
    assert_eq!(keys(store, prefix), "");
}

#[wasm_bindgen_test]
fn web_storage_keeps_text() {
    for kind in ["session", "local"] {
        let store = of(kind);
        assert!(!is_memory(&store));
        assert_keeps(&store, "keeps:");
        write(&store, "seen", Some(kind));
        assert_eq!(text(&format!("return {kind}Storage.getItem('seen')")), kind);
        write(&store, "seen", None);
        assert!(script(&format!("return {kind}Storage.getItem('seen')")).is_null());
    }
}

#[wasm_bindgen_test]
fn memory_keeps_text_for_this_page_only() {
    let store = of("memory");
    assert!(is_memory(&store));
    assert_keeps(&store, "keeps:");
    write(&store, "memory:shared", Some("1"));
    assert_eq!(read(&of("memory"), "memory:shared").as_deref(), Some("1"));
    for kind in ["session", "local"] {
        assert_eq!(read(&of(kind), "memory:shared"), None);
    }
    write(&store, "memory:shared", None);
}

#[wasm_bindgen_test]
fn a_full_store_says_no_and_keeps_what_it_has() {
    let store = of("session");
    assert!(write(&store, "full", Some("before")));
    assert!(!write(&store, "full", Some(&"x".repeat(12 << 20))));
    assert_eq!(read(&store, "full").as_deref(), Some("before"));
    assert!(write(&store, "full", None));
}

#[wasm_bindgen_test]
fn a_store_that_throws_has_nothing_and_takes_nothing() {
    let store =
        script("const no = () => { throw new Error('no') }; return { getItem: no, setItem: no, removeItem: no }");
    assert_eq!(read(&store, "a"), None);
    assert!(!write(&store, "a", Some("1")));
    assert!(!write(&store, "a", None));
}

#[wasm_bindgen_test]
fn where_the_page_may_not_use_storage_there_is_memory() {
    const UNDO: &str = "Object.defineProperty(window, 'sessionStorage', globalThis.descriptor)";
    for getter in ["throw new DOMException('no', 'SecurityError')", "return null"] {
        let _changed = Changed::new(
            &format!(
                "globalThis.descriptor = Object.getOwnPropertyDescriptor(window, 'sessionStorage');
                 Object.defineProperty(window, 'sessionStorage', {{ configurable: true, get() {{ {getter} }} }})"
            ),
            UNDO,
        );
        assert!(is_memory(&of("session")), "{getter}");
        assert!(!is_memory(&of("local")), "{getter}");
    }
    assert!(!is_memory(&of("session")));
}

/// An application's storage that answers later. `calls` are the writes that it carried out.
fn slow() -> JsValue {
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
    let store = open("own", &host, 5_000);
    assert!(!is_memory(&store));
    assert!(write(&store, "a", Some("1")) && write(&store, "b", Some("2")));
    assert!(write(&store, "a", None) && write(&store, "a", Some("3")));
    assert_eq!(read(&store, "a").as_deref(), Some("3"), "seen at once");
    assert_eq!(script_with(&host, "return it.calls.length"), 0);
    assert!(truth(sync(&store, "write", "a")).await);
    assert_eq!(script_with(&host, "return it.calls.join()"), "a=1,b=2,-a,a=3");
    assert!(truth(sync(&store, "write", "a")).await);
    assert_eq!(script_with(&host, "return it.calls.length"), 4, "once each");
}

#[wasm_bindgen_test]
async fn own_storage_is_read_again_when_asked_to() {
    let host = slow();
    let store = open("own", &host, 5_000);
    script_with(&host, "it.kept.set('a', 'from another tab')");
    assert_eq!(read(&store, "a"), None);
    assert!(truth(sync(&store, "read", "a")).await);
    assert_eq!(read(&store, "a").as_deref(), Some("from another tab"));
    for other in [
        "it.kept.delete('a')",
        "it.kept.set('a', 42)",
        "it.kept.set('a', { toString: () => 'x' })",
    ] {
        script_with(&host, "it.kept.set('a', 'text')");
        assert!(truth(sync(&store, "read", "a")).await);
        assert_eq!(read(&store, "a").as_deref(), Some("text"));
        script_with(&host, other);
        assert!(truth(sync(&store, "read", "a")).await);
        assert_eq!(read(&store, "a"), None, "{other}");
    }
}

#[wasm_bindgen_test]
async fn own_storage_may_be_synchronous() {
    let store = open("own", &script("return { storage: sessionStorage }"), 5_000);
    assert!(write(&store, "own", Some("1")));
    assert!(truth(sync(&store, "write", "own")).await);
    assert_eq!(text("return sessionStorage.getItem('own')"), "1");
    assert!(write(&store, "own", None));
    assert!(truth(sync(&store, "write", "own")).await);
    assert!(script("return sessionStorage.getItem('own')").is_null());
}

#[wasm_bindgen_test]
async fn own_storage_that_throws_or_rejects_has_not_written() {
    for answer in ["throw new Error('no')", "return Promise.reject(new Error('no'))"] {
        let host = script(&format!(
            "const no = () => {{ {answer} }}; return {{ storage: {{ getItem: no, setItem: no, removeItem: no }} }}"
        ));
        let store = open("own", &host, 5_000);
        assert!(
            write(&store, "a", Some("1")),
            "the face is synchronous, and knows later"
        );
        assert!(!truth(sync(&store, "write", "a")).await, "{answer}");
        assert!(!truth(sync(&store, "read", "a")).await, "{answer}");
        assert_eq!(
            read(&store, "a").as_deref(),
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
    let store = open("own", &host, 100);
    assert!(write(&store, "a", Some("1")));
    for action in ["write", "read"] {
        let start = milliseconds();
        assert!(!truth(sync(&store, action, "a")).await);
        let waited = milliseconds() - start;
        assert!((90.0..5_000.0).contains(&waited), "{waited}");
        // What could not be written in time is not tried again.
        write(&store, "b", Some("2"));
    }
}

#[wasm_bindgen_test]
async fn the_others_need_no_asking() {
    for kind in ["session", "local", "memory"] {
        assert!(truth(sync(&of(kind), "write", "a")).await);
        assert!(truth(sync(&of(kind), "read", "a")).await);
    }
}

#[wasm_bindgen_test]
async fn a_database_keeps_text_when_asked_to() {
    let store = open("indexeddb", &JsValue::UNDEFINED, 5_000);
    assert!(!is_memory(&store));
    assert!(write(&store, "kept", Some("é😀\n\"")) && write(&store, "gone", Some("1")));
    assert!(write(&store, "gone", None));
    assert!(truth(sync(&store, "write", "kept")).await);
    // Another client on this page, or another page.
    let other = open("indexeddb", &JsValue::UNDEFINED, 5_000);
    for (key, text) in [("kept", Some("é😀\n\"")), ("gone", None)] {
        assert_eq!(read(&other, key), None, "not yet read");
        assert!(truth(sync(&other, "read", key)).await);
        assert_eq!(read(&other, key).as_deref(), text);
    }
    assert!(write(&store, "kept", None));
    assert!(truth(sync(&store, "write", "kept")).await);
    assert!(truth(sync(&other, "read", "kept")).await);
    assert_eq!(read(&other, "kept"), None);
}

#[wasm_bindgen_test]
async fn c200_a_database_that_is_deleted_is_opened_again() {
    let store = open("indexeddb", &JsValue::UNDEFINED, 5_000);
    assert!(write(&store, "deleted", Some("1")));
    assert!(truth(sync(&store, "write", "deleted")).await);
    let deleted = script(
        "return new Promise((done) => {
           const deleting = indexedDB.deleteDatabase('scopewise');
           deleting.onsuccess = () => done('y');
           deleting.onblocked = () => done(undefined);
         })",
    );
    assert!(truth(deleted).await, "whoever deletes it does not wait for this page");
    assert!(truth(sync(&store, "read", "deleted")).await);
    assert_eq!(read(&store, "deleted"), None);
    assert!(write(&store, "deleted", Some("2")));
    assert!(truth(sync(&store, "write", "deleted")).await);
    assert!(write(&store, "deleted", None));
    assert!(truth(sync(&store, "write", "deleted")).await);
}

#[wasm_bindgen_test]
async fn c200_a_database_that_cannot_be_opened_takes_nothing_and_holds_nobody_up() {
    const UNDO: &str = "IDBFactory.prototype.open = globalThis.openDatabase";
    for open_database in [
        "throw new DOMException('no', 'SecurityError')",
        "const request = { error: new Error('no') }; setTimeout(() => request.onerror()); return request",
        "const request = { error: null }; setTimeout(() => request.onblocked()); return request",
        "return {}",
    ] {
        let _changed = Changed::new(
            &format!(
                "globalThis.openDatabase = IDBFactory.prototype.open;
                 IDBFactory.prototype.open = function () {{ {open_database} }}"
            ),
            UNDO,
        );
        let store = open("indexeddb", &JsValue::UNDEFINED, 100);
        assert!(write(&store, "a", Some("1")), "the face knows later");
        let start = milliseconds();
        assert!(!truth(sync(&store, "write", "a")).await, "{open_database}");
        assert!(!truth(sync(&store, "read", "a")).await, "{open_database}");
        assert!(milliseconds() - start < 5_000.0);
    }
}

/// localStorage with a revision of each text, as other tabs write it.
fn local() -> JsValue {
    open("local", &JsValue::UNDEFINED, 1_000)
}

#[wasm_bindgen_test]
async fn local_storage_that_tabs_share_waits_for_what_was_written_last() {
    let store = local();
    assert_keeps_records(&store, "shared:", record, name);
    assert!(write(&store, "last", Some(&record("one"))));
    assert!(truth(sync(&store, "write", "last")).await);
    assert!(truth(sync(&store, "read", "last")).await, "it is there");
    // As if another tab had written, and this one could not see it yet.
    script(
        "navigator.locks.request(`last#${Date.now() + 60000}`, { mode: 'shared' }, () => new Promise((done) => (globalThis.letGo = done)))",
    );
    let start = milliseconds();
    assert!(!truth(sync(&store, "read", "last")).await, "not in time");
    assert!((900.0..10_000.0).contains(&(milliseconds() - start)));
    put("last", "two", milliseconds() + 90_000.0);
    assert!(truth(sync(&store, "read", "last")).await);
    assert_eq!(read(&store, "last").as_deref().map(name).as_deref(), Some("two"));
    // What is gone is not waited for.
    assert!(write(&store, "last", None));
    assert!(truth(sync(&store, "read", "last")).await);
    assert_eq!(read(&store, "last"), None);
    script("globalThis.letGo()");
}

#[wasm_bindgen_test]
async fn a_shared_text_gets_a_higher_revision_each_time() {
    let store = local();
    // Also after a clock that was ahead.
    put("number", "old", milliseconds() + 600_000.0);
    let mut latest = revision("number");
    for text in ["a", "b", "c"] {
        assert!(write(&store, "number", Some(&record(text))));
        assert!(revision("number") > latest);
        latest = revision("number");
        assert!(truth(sync(&store, "write", "number")).await);
        assert_eq!(read(&store, "number").as_deref().map(name).as_deref(), Some(text));
    }
    assert!(write(&store, "number", None));
}
