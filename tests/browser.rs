//! The platform's capabilities in a real browser: `cargo xtask test --only browser`.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "browser/api_request.rs"]
mod api_request;
#[path = "browser/clock.rs"]
mod clock;
#[path = "browser/fetch.rs"]
mod fetch;
#[path = "browser/json.rs"]
mod json;
#[path = "browser/lock.rs"]
mod lock;
#[path = "browser/navigation.rs"]
mod navigation;
#[path = "browser/own_storage.rs"]
mod own_storage;
#[path = "browser/page.rs"]
mod page;
#[path = "browser/revised.rs"]
mod revised;
#[path = "browser/signing_key.rs"]
mod signing_key;
#[path = "browser/storage.rs"]
mod storage;
#[path = "browser/tab_channel.rs"]
mod tab_channel;
#[path = "browser/window.rs"]
mod window;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
