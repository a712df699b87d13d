//! Popups and frames: when they end, with windows that do as they are told.

use super::page::{Changed, milliseconds, pending_for, script, script_with, settled, text};
use scopewise::browser::window::{ask, hand_over, is_blocked, is_framed};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const URL: &str = "https://id.example/authorize";

/// A popup in the hands of the test: it shows the server's page at once, and counts how often it is closed.
fn popup() -> JsValue {
    script(
        "const popup = { closed: false, closes: 0, close() { this.closes += 1; }, location: {
            get href() { return popup.url ?? 'about:blank'; }, replace(url) { popup.url = url; } } };
        return { popup };",
    )
}

fn has_focus(it: bool) -> Changed {
    Changed::new(
        if it {
            "document.hasFocus = () => true"
        } else {
            "document.hasFocus = () => false"
        },
        "delete document.hasFocus",
    )
}

fn url_of(page: &JsValue) -> Option<String> {
    script_with(page, "return it.popup.url").as_string()
}

fn closes(page: &JsValue) -> Option<f64> {
    script_with(page, "return it.popup.closes").as_f64()
}

#[wasm_bindgen_test]
fn a_popup_that_the_browser_refused_is_known_at_once() {
    assert!(is_blocked(&script("return { popup: null }")));
    for page in ["{}", "{ popup: undefined }", "{ popup: false }", "{ popup: {} }"] {
        assert!(!is_blocked(&script(&format!("return {page}"))));
    }
    assert!(!is_framed());
}

#[wasm_bindgen_test]
async fn without_the_popup_that_was_wanted_nothing_is_framed() {
    let answer = ask(&script("return { popup: false }"), URL, "none", 1_000);
    assert_eq!(settled(answer).await.as_deref(), Some("B"));
    assert_eq!(text("return String(document.querySelectorAll('iframe').length)"), "0");
}

#[wasm_bindgen_test]
async fn a_signal_that_was_aborted_goes_nowhere() {
    let page = popup();
    script_with(&page, "it.signal = AbortSignal.abort()");
    assert_eq!(settled(ask(&page, URL, "aborted", 1_000)).await.as_deref(), Some("A"));
    assert_eq!((url_of(&page), closes(&page)), (None, Some(1.0)));
}

#[wasm_bindgen_test]
async fn a_popup_that_was_closed_before_goes_nowhere() {
    let page = popup();
    script_with(&page, "it.popup.closed = true");
    assert_eq!(settled(ask(&page, URL, "before", 1_000)).await.as_deref(), Some("C"));
    assert_eq!(url_of(&page), None);
}

#[wasm_bindgen_test]
async fn a_popup_is_closed_once_its_user_is_back() {
    let away = has_focus(false);
    let page = popup();
    let answer = ask(&page, URL, "back", 1_000);
    assert_eq!(url_of(&page).as_deref(), Some(URL));
    // A popup has all the time it needs.
    assert!(pending_for(&answer, 1_200).await);
    script_with(&page, "it.popup.closed = true");
    assert!(pending_for(&answer, 1_700).await);
    drop(away);
    let _back = has_focus(true);
    let start = milliseconds();
    assert_eq!(settled(answer).await.as_deref(), Some("C"));
    let waited = milliseconds() - start;
    assert!((900.0..5_000.0).contains(&waited), "{waited}");
}

#[wasm_bindgen_test]
async fn one_that_was_never_seen_at_work_may_be_open_all_the_same() {
    let _back = has_focus(true);
    let page = popup();
    let answer = ask(&page, URL, "severed", 1_000);
    script_with(&page, "it.popup.closed = true");
    assert!(pending_for(&answer, 2_500).await);
    script("new BroadcastChannel('scopewise:severed').postMessage('https://app.example/cb?code=1')");
    assert_eq!(settled(answer).await.as_deref(), Some("https://app.example/cb?code=1"));
}

#[wasm_bindgen_test]
async fn who_answers_is_told_that_it_was_heard() {
    let page = popup();
    let answer = ask(&page, URL, "heard", 1_000);
    let told = script(
        "return new Promise((told) => {
            const channel = new BroadcastChannel('scopewise:heard');
            channel.onmessage = ({ data }) => told('heard' + data);
            channel.postMessage('');
            channel.postMessage(5);
            channel.postMessage('https://app.example/cb');
        })",
    );
    assert_eq!(settled(answer).await.as_deref(), Some("https://app.example/cb"));
    assert_eq!(settled(told).await.as_deref(), Some("heard"));
    assert_eq!(closes(&page), Some(1.0));
}

#[wasm_bindgen_test]
async fn a_frame_is_there_until_its_time_is_up() {
    let answer = ask(&script("return {}"), "about:blank", "frame", 300);
    let frames = "return [...document.querySelectorAll('iframe')].map(({ hidden }) => hidden).join()";
    assert_eq!(text(frames), "true");
    assert_eq!(settled(answer).await.as_deref(), Some("T"));
    assert_eq!(text(frames), "");
}

#[wasm_bindgen_test]
async fn a_page_that_may_not_have_channels_cannot_ask() {
    let _changed = Changed::new(
        "globalThis.channels = BroadcastChannel; globalThis.BroadcastChannel = class { constructor() { throw new DOMException('no') } }",
        "globalThis.BroadcastChannel = globalThis.channels",
    );
    assert_eq!(settled(ask(&script("return {}"), URL, "no", 300)).await, None);
    assert_eq!(settled(hand_over(URL, "no")).await, None);
}

#[wasm_bindgen_test]
async fn a_response_that_nobody_waits_for_comes_back() {
    let start = milliseconds();
    let waiting = hand_over(URL, "nobody");
    // Nobody has heard it: neither another word on the channel nor another request's page.
    script(
        "new BroadcastChannel('scopewise:nobody').postMessage('x'); window.postMessage('scopewise:other', location.origin)",
    );
    assert!(pending_for(&waiting, 500).await);
    assert_eq!(settled(waiting).await, None);
    let waited = milliseconds() - start;
    assert!((900.0..5_000.0).contains(&waited), "{waited}");
}
