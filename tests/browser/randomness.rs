//! Clock and randomness.

use super::page::{Changed, milliseconds};
use scopewise::browser::{clock, crypto};
use scopewise::core::error::Code;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_clock_tells_seconds_since_the_epoch() {
    let before = (milliseconds() / 1000.0).floor() as i64;
    let now = clock::now();
    let after = (milliseconds() / 1000.0).floor() as i64;
    assert!((before..=after).contains(&now), "{before} {now} {after}");
}

#[wasm_bindgen_test]
fn random_bytes_differ_each_time_and_all_of_them_are_filled() {
    let draws: Vec<[u8; 32]> = (0..64).map(|_| crypto::random().unwrap()).collect();
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
    assert_eq!(crypto::random().unwrap_err().code(), Code::NotInBrowser);
}
