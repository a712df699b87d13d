//! Locks: one holder at a time, and no wait without an end.

use super::page::{Changed, milliseconds, pending_for, script, settled};
use scopewise::browser::lock::{Held, acquire};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const LONG: u32 = 10_000;

async fn hold(name: &str, timeout: u32) -> Option<Held> {
    taken(name, acquire(name, timeout)).await
}

async fn taken(name: &str, waiting: JsValue) -> Option<Held> {
    Held::new(name.into(), settled(waiting).await)
}

#[wasm_bindgen_test]
async fn the_second_waits_for_the_first() {
    let first = hold("second", LONG).await.expect("a free lock");
    let waiting = acquire("second", LONG);
    assert!(pending_for(&waiting, 100).await);
    drop(first);
    assert!(taken("second", waiting).await.is_some());
}

#[wasm_bindgen_test]
async fn all_get_their_turn_one_after_the_other() {
    let mut waiting = vec![acquire("turn", LONG), acquire("turn", LONG), acquire("turn", LONG)];
    while !waiting.is_empty() {
        let held = taken("turn", waiting.remove(0)).await.expect("a turn");
        for next in &waiting {
            assert!(pending_for(next, 30).await);
        }
        drop(held);
    }
}

#[wasm_bindgen_test]
async fn a_wait_ends_with_nothing_when_it_takes_too_long() {
    let first = hold("late", LONG).await.expect("a free lock");
    let start = milliseconds();
    assert!(hold("late", 100).await.is_none());
    let waited = milliseconds() - start;
    assert!((90.0..5_000.0).contains(&waited), "{waited}");
    // Who gave up stands in nobody's way.
    drop(first);
    assert!(hold("late", 1_000).await.is_some());
}

#[wasm_bindgen_test]
async fn with_no_time_to_wait_a_lock_is_taken_where_no_other_page_has_it() {
    let first = hold("now", 0).await.expect("a free lock");
    // This page has it already.
    let again = hold("now", 0).await.expect("a lock of this page");
    std::mem::forget(again);
    drop(first);
    // As if another page had it.
    script(
        "return new Promise((done) => navigator.locks.request('now', () => new Promise((letGo) => { globalThis.letGo = letGo; done() })))",
    );
    let waiting = settled(acquire("now", LONG));
    assert!(hold("now", 0).await.is_none());
    script("globalThis.letGo()");
    assert!(Held::new("now".into(), waiting.await).is_some());
}

#[wasm_bindgen_test]
async fn another_name_is_another_lock() {
    let _first = hold("one", LONG).await.expect("a free lock");
    assert!(hold("two", 1_000).await.is_some());
}

#[wasm_bindgen_test]
async fn without_web_locks_the_page_has_its_own() {
    let _changed = Changed::new(
        "Object.defineProperty(navigator, 'locks', { configurable: true, value: undefined })",
        "delete navigator.locks",
    );
    let first = hold("page", LONG).await.expect("a free lock");
    let waiting = acquire("page", LONG);
    let other = hold("other page", LONG).await;
    assert!(other.is_some());
    assert!(pending_for(&waiting, 100).await);
    drop(first);
    let second = taken("page", waiting).await.expect("its turn");
    drop(second);
    assert!(hold("page", LONG).await.is_some());
}
