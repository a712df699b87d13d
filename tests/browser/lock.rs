//! Locks: one holder at a time, and no wait without an end.

use super::page::{Changed, browser, milliseconds, pause, pending_for, script, settled, start};
use scopewise::host::{LockGuard, Locks, Pending};
use wasm_bindgen_test::wasm_bindgen_test;

const LONG: u32 = 10_000;

fn acquire(name: &str, timeout: u32) -> Pending<'_, Option<LockGuard>> {
    browser().acquire(name, timeout)
}

#[wasm_bindgen_test]
async fn the_second_waits_for_the_first() {
    let first = acquire("second", LONG).await.expect("a free lock");
    let mut waiting = acquire("second", LONG);
    assert!(pending_for(&mut waiting, 100).await);
    drop(first);
    assert!(waiting.await.is_some());
}

#[wasm_bindgen_test]
async fn all_get_their_turn_one_after_the_other() {
    let mut waiting = vec![acquire("turn", LONG), acquire("turn", LONG), acquire("turn", LONG)];
    for next in &mut waiting {
        start(next);
    }
    while !waiting.is_empty() {
        let held = waiting.remove(0).await.expect("a turn");
        for next in &mut waiting {
            assert!(pending_for(next, 30).await);
        }
        drop(held);
    }
}

#[wasm_bindgen_test]
async fn a_wait_ends_with_nothing_when_it_takes_too_long() {
    let first = acquire("late", LONG).await.expect("a free lock");
    let start = milliseconds();
    assert!(acquire("late", 100).await.is_none());
    let waited = milliseconds() - start;
    assert!((90.0..5_000.0).contains(&waited), "{waited}");
    // Who gave up stands in nobody's way.
    drop(first);
    assert!(acquire("late", 1_000).await.is_some());
}

#[wasm_bindgen_test]
async fn another_name_is_another_lock() {
    let _first = acquire("one", LONG).await.expect("a free lock");
    assert!(acquire("two", 1_000).await.is_some());
}

#[wasm_bindgen_test]
async fn who_does_not_wait_any_more_stands_in_nobodys_way() {
    let first = acquire("gone", LONG).await.expect("a free lock");
    let mut waiting = acquire("gone", LONG);
    assert!(pending_for(&mut waiting, 50).await);
    drop(waiting);
    drop(first);
    assert!(acquire("gone", 1_000).await.is_some());
    // Also where the lock comes just then.
    let mut waiting = acquire("gone", LONG);
    start(&mut waiting);
    drop(waiting);
    assert!(acquire("gone", 1_000).await.is_some());
    pause(50).await;
    assert_eq!(held("gone").await.as_deref(), Some(""));
}

/// The name of a lock if it is held.
async fn held(name: &str) -> Option<String> {
    settled(script(&format!(
        "return navigator.locks.query().then(({{ held }}) => held.filter(({{ name }}) => name === '{name}').map(({{ name }}) => name).join())"
    )))
    .await
}

#[wasm_bindgen_test]
async fn a_lock_is_held_over_tabs_until_its_guard_is_dropped() {
    assert!(browser().are_shared());
    let lock = acquire("guard", LONG).await.expect("a free lock");
    assert_eq!(held("guard").await.as_deref(), Some("guard"));
    drop(lock);
    assert!(acquire("guard", 1_000).await.is_some());
    pause(50).await;
    assert_eq!(held("guard").await.as_deref(), Some(""));
}

#[wasm_bindgen_test]
async fn where_web_locks_are_refused_the_page_has_its_own() {
    let _changed = Changed::new(
        "navigator.locks.request = () => Promise.reject(new DOMException('no', 'SecurityError'))",
        "delete navigator.locks.request",
    );
    let first = acquire("refused", LONG).await.expect("a free lock");
    assert!(acquire("refused", 100).await.is_none());
    drop(first);
    assert!(acquire("refused", 1_000).await.is_some());
}

#[wasm_bindgen_test]
async fn without_web_locks_the_page_has_its_own() {
    let _changed = Changed::new(
        "Object.defineProperty(navigator, 'locks', { configurable: true, value: undefined })",
        "delete navigator.locks",
    );
    assert!(!browser().are_shared());
    let first = acquire("page", LONG).await.expect("a free lock");
    let mut waiting = acquire("page", LONG);
    let other = acquire("other page", LONG).await;
    assert!(other.is_some());
    assert!(pending_for(&mut waiting, 100).await);
    drop(first);
    let second = waiting.await.expect("its turn");
    // Who gives up stands in nobody's way, in line or at its head.
    let mut third = acquire("page", LONG);
    let mut fourth = acquire("page", LONG);
    assert!(pending_for(&mut third, 30).await && pending_for(&mut fourth, 30).await);
    assert!(acquire("page", 50).await.is_none());
    drop(third);
    assert!(pending_for(&mut fourth, 30).await);
    drop(second);
    drop(fourth.await.expect("its turn"));
    assert!(acquire("page", LONG).await.is_some());
}
