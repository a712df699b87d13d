//! Clock and randomness.

use super::page::{Changed, milliseconds, script};
use scopewise::browser::Browser;
use scopewise::core::error::Error;
use scopewise::host::{Clock, Entropy};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_clock_tells_milliseconds_since_the_epoch() {
    let before = milliseconds();
    let now = Browser::default().now();
    let after = milliseconds();
    // Where the clock was put back before, the page goes on by its own, and the two drift apart a little.
    assert!((before..=after + 100.0).contains(&now), "{before} {now} {after}");
}

#[wasm_bindgen_test]
fn a_clock_that_is_put_back_changes_nothing() {
    let before = Browser::default().now();
    let _changed = Changed::new(
        "globalThis.dateNow = Date.now; Date.now = () => globalThis.dateNow() - 3600000",
        "Date.now = globalThis.dateNow",
    );
    let now = Browser::default().now();
    assert!((before..before + 5_000.0).contains(&now), "{before} {now}");
}

#[wasm_bindgen_test]
fn the_page_knows_when_it_was_loaded() {
    let browser = Browser::default();
    assert_eq!(
        Some(browser.loaded_at()),
        script("return performance.timeOrigin").as_f64()
    );
    assert!(browser.loaded_at() < browser.now());
}

#[wasm_bindgen_test]
fn random_bytes_differ_each_time_and_all_of_them_are_filled() {
    let draws: Vec<[u8; 32]> = (0..64).map(|_| Browser::default().random().unwrap()).collect();
    for (at, draw) in draws.iter().enumerate() {
        assert!(!draws[..at].contains(draw), "a draw came twice");
    }
    for at in 0..32 {
        assert!(draws.iter().any(|draw| draw[at] != 0), "byte {at} is never filled");
    }
}

#[wasm_bindgen_test]
fn without_a_generator_there_is_an_error_and_nothing_else() {
    let _changed = Changed::new(
        "crypto.getRandomValues = () => { throw new Error('none') }",
        "delete crypto.getRandomValues",
    );
    assert_eq!(Browser::default().random(), Err(Error::NotInBrowser));
}
