//! Web Storage, this page's memory, and IndexedDB.

use std::rc::Rc;

use super::own_storage::{own, slow};
use super::page::{Changed, browser, milliseconds, script, settled, text};
use scopewise::host::{Storage, StorageKind, Storages};
use wasm_bindgen_test::wasm_bindgen_test;

/// The plain storage of each name.
fn of(kind: &str) -> Rc<dyn Storage> {
    match kind {
        "session" => browser().transaction_storage(StorageKind::Session),
        "local" => browser().transaction_storage(StorageKind::Local),
        _ => browser().memory(),
    }
}

fn database(timeout: u32) -> Rc<dyn Storage> {
    browser().session_storage(StorageKind::IndexedDb, timeout)
}

/// Writes, reads, lists and removes, in any storage.
pub(crate) fn assert_keeps(store: &dyn Storage, prefix: &str, texts: [&str; 3]) {
    let key = |rest: &str| format!("{prefix}{rest}");
    let (a, b) = (&*key("a"), &*key("b"));
    let [first, second, other] = texts;
    assert_eq!(store.get(a), None);
    assert!(store.set(a, Some(first)));
    assert!(store.set(b, Some(other)));
    assert!(store.set(a, Some(second)));
    assert_eq!(store.get(a).as_deref(), Some(second));
    assert_eq!(store.get(b).as_deref(), Some(other));
    let mut keys = store.keys(prefix);
    keys.sort();
    assert_eq!(keys, [a, b]);
    assert!(store.set(a, None));
    assert!(store.set(a, None), "removing twice is fine");
    assert_eq!(store.get(a), None);
    assert_eq!(store.keys(prefix), [b]);
    assert!(store.set(b, None));
    assert_eq!(store.keys(prefix), [""; 0]);
}

const TEXTS: [&str; 3] = ["1", "é😀\n\"", ""];

#[wasm_bindgen_test]
fn web_storage_keeps_text() {
    for kind in ["session", "local"] {
        let store = of(kind);
        assert!(!store.is_memory());
        assert_keeps(&*store, "keeps:", TEXTS);
        store.set("seen", Some(kind));
        assert_eq!(text(&format!("return {kind}Storage.getItem('seen')")), kind);
        store.set("seen", None);
        assert!(script(&format!("return {kind}Storage.getItem('seen')")).is_null());
    }
}

#[wasm_bindgen_test]
fn memory_keeps_text_for_this_page_only() {
    let store = of("memory");
    assert!(store.is_memory());
    assert_keeps(&*store, "keeps:", TEXTS);
    store.set("memory:shared", Some("1"));
    assert_eq!(of("memory").get("memory:shared").as_deref(), Some("1"));
    for kind in ["session", "local"] {
        assert_eq!(of(kind).get("memory:shared"), None);
    }
    store.set("memory:shared", None);
}

#[wasm_bindgen_test]
fn what_is_no_secret_is_where_other_copies_of_the_module_have_it() {
    let entries = "globalThis[Symbol.for('scopewise')]";
    for before in ["undefined", "new Map([['copies:other', '2']])", "'something else'"] {
        let _changed = Changed::new(
            &format!("{entries} = {before}"),
            "delete globalThis[Symbol.for('scopewise')]",
        );
        let store = browser().page_memory();
        assert!(store.is_memory());
        assert_keeps(&*store, "keeps:", TEXTS);
        store.set("copies:own", Some("1"));
        assert_eq!(text(&format!("return {entries}.get('copies:own')")), "1");
        assert_eq!(of("memory").get("copies:own"), None);
        let expected = before.contains("other").then(|| "2".to_owned());
        assert_eq!(browser().page_memory().get("copies:other"), expected);
    }
}

#[wasm_bindgen_test]
fn a_full_store_says_no_and_keeps_what_it_has() {
    let store = of("session");
    assert!(store.set("full", Some("before")));
    assert!(!store.set("full", Some(&"x".repeat(12 << 20))));
    assert_eq!(store.get("full").as_deref(), Some("before"));
    assert!(store.set("full", None));
}

#[wasm_bindgen_test]
fn a_store_that_throws_has_nothing_and_takes_nothing() {
    let store = of("session");
    assert!(store.set("throws", Some("1")));
    {
        let _changed = Changed::new(
            "globalThis.methods = ['getItem', 'setItem', 'removeItem', 'key'].map((name) => [name, Storage.prototype[name]]);
             for (const [name] of globalThis.methods) Storage.prototype[name] = () => { throw new Error('no') }",
            "for (const [name, method] of globalThis.methods) Storage.prototype[name] = method",
        );
        assert_eq!(store.get("throws"), None);
        assert!(!store.set("throws", Some("2")));
        assert!(!store.set("throws", None));
        assert_eq!(store.keys(""), [""; 0]);
    }
    assert_eq!(store.get("throws").as_deref(), Some("1"));
    assert!(store.set("throws", None));
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
        assert!(of("session").is_memory(), "{getter}");
        let session = browser().session_storage(StorageKind::Session, 1_000);
        assert!(session.is_memory() && session.answers_at_once(), "{getter}");
        assert!(!of("local").is_memory(), "{getter}");
    }
    assert!(!of("session").is_memory());
}

#[wasm_bindgen_test]
async fn the_others_need_no_asking() {
    for kind in ["session", "local", "memory"] {
        let store = of(kind);
        assert!(store.answers_at_once());
        assert!(store.load("a", None).await);
        assert!(store.flush("a", None).await);
    }
}

#[wasm_bindgen_test]
async fn a_database_keeps_text_when_asked_to() {
    let store = database(5_000);
    assert!(!store.is_memory());
    assert!(store.set("kept", Some("é😀\n\"")) && store.set("gone", Some("1")));
    assert!(store.set("gone", None));
    assert!(store.flush("kept", None).await);
    // Another client on this page, or another page.
    let other = database(5_000);
    for (key, text) in [("kept", Some("é😀\n\"")), ("gone", None)] {
        assert_eq!(other.get(key), None, "not yet read");
        assert!(other.load(key, None).await);
        assert_eq!(other.get(key).as_deref(), text);
    }
    assert!(store.set("kept", None));
    assert!(store.flush("kept", None).await);
    assert!(other.load("kept", None).await);
    assert_eq!(other.get("kept"), None);
}

#[wasm_bindgen_test]
async fn c200_a_database_that_is_deleted_is_opened_again() {
    let store = database(5_000);
    assert!(store.set("deleted", Some("1")));
    assert!(store.flush("deleted", None).await);
    let deleted = script(
        "return new Promise((done) => {
           const deleting = indexedDB.deleteDatabase('scopewise');
           deleting.onsuccess = () => done('y');
           deleting.onblocked = () => done(undefined);
         })",
    );
    assert!(
        settled(deleted).await.is_some(),
        "whoever deletes it does not wait for this page"
    );
    assert!(store.load("deleted", None).await);
    assert_eq!(store.get("deleted"), None);
    assert!(store.set("deleted", Some("2")));
    assert!(store.flush("deleted", None).await);
    assert!(store.set("deleted", None));
    assert!(store.flush("deleted", None).await);
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
        let store = database(100);
        assert!(store.set("a", Some("1")), "the face knows later");
        let start = milliseconds();
        assert!(!store.flush("a", None).await, "{open_database}");
        assert!(!store.load("a", None).await, "{open_database}");
        assert!(milliseconds() - start < 5_000.0);
    }
}

#[wasm_bindgen_test]
fn each_kind_has_its_place() {
    let of = |kind| browser().session_storage(kind, 1_000);
    for (kind, answers_at_once, is_memory) in [
        (StorageKind::Session, true, false),
        (StorageKind::Local, true, false),
        (StorageKind::Memory, true, true),
        (StorageKind::Worker, false, false),
        (StorageKind::IndexedDb, false, false),
    ] {
        let store = of(kind);
        assert_eq!(
            (store.answers_at_once(), store.is_memory()),
            (answers_at_once, is_memory),
            "{kind:?}"
        );
        store.close();
    }
    let store = own(&slow(), 1_000);
    assert_eq!((store.answers_at_once(), store.is_memory()), (false, false));
    // Transactions are where the page that comes back finds them at once.
    for (kind, place) in [
        (StorageKind::Session, "session"),
        (StorageKind::Local, "local"),
        (StorageKind::Memory, "session"),
        (StorageKind::IndexedDb, "session"),
        (StorageKind::Worker, "session"),
        (StorageKind::Adapter, "session"),
    ] {
        let store = browser().transaction_storage(kind);
        assert!(store.set("transaction", Some("1")));
        assert_eq!(
            text(&format!("return {place}Storage.getItem('transaction')")),
            "1",
            "{kind:?}"
        );
        assert!(store.set("transaction", None));
    }
}
