//! Popups and frames: when they end, with windows that do as they are told.

use std::rc::Rc;

use super::page::{Changed, browser, member, milliseconds, pending_for, script, script_with, settled, start, text};
use scopewise::browser::{JsAbortSignal, PopupWindow};
use scopewise::host::{AbortSignal, NoResponse, Page, Pending, Popup, WindowRequest, Windows};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const URL: &str = "https://id.example/authorize";

type Answer<'a> = Pending<'a, Result<String, NoResponse>>;

/// A popup in the hands of the test: it shows the server's page at once, and counts how often it is closed.
fn popup() -> JsValue {
    script(
        "const popup = { closed: false, closes: 0, close() { this.closes += 1; }, location: {
            get href() { return popup.url ?? 'about:blank'; }, replace(url) { popup.url = url; } } };
        return { popup };",
    )
}

fn request<'a>(url: &'a str, state: &'a str, abort: Option<&'a dyn AbortSignal>) -> WindowRequest<'a> {
    WindowRequest { url, state, abort }
}

fn ask_with<'a>(page: &JsValue, state: &'a str, abort: Option<&'a dyn AbortSignal>) -> Answer<'a> {
    let popup = Rc::new(PopupWindow::new(member(page, "popup").unchecked_into()));
    popup.navigate(URL);
    browser().ask_popup(popup, request(URL, state, abort))
}

fn ask<'a>(page: &JsValue, state: &'a str) -> Answer<'a> {
    ask_with(page, state, None)
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

/// A popup that is no window of the platform's.
struct Foreign;

impl Popup for Foreign {
    fn navigate(&self, _: &str) {}

    fn close(&self) {}

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[wasm_bindgen_test]
async fn another_hosts_popup_cannot_be_asked() {
    assert!(!browser().is_framed());
    let answer = browser().ask_popup(Rc::new(Foreign), request(URL, "none", None));
    assert_eq!(answer.await, Err(NoResponse::Unavailable));
    assert_eq!(text("return String(document.querySelectorAll('iframe').length)"), "0");
}

#[wasm_bindgen_test]
fn a_popup_that_the_browser_refuses_is_known_at_once() {
    let _changed = Changed::new(
        "globalThis.opened = []; globalThis.openWindow = open; open = (...given) => { globalThis.opened.push(given); return null }",
        "open = globalThis.openWindow",
    );
    assert!(browser().open_popup().is_none());
    assert!(browser().open_popup().is_none());
    assert_eq!(
        text(
            "return globalThis.opened.map(([url, name, features]) => `${url} ${name.split(':')[0]} ${features}`).join('\\n')"
        ),
        ["about:blank scopewise popup,width=500,height=700"; 2].join("\n")
    );
    assert_eq!(
        script("return new Set(globalThis.opened.map(([, name]) => name)).size"),
        2,
        "no two have the same name"
    );
}

#[wasm_bindgen_test]
fn a_popup_is_opened_and_closed() {
    let _changed = Changed::new(
        "globalThis.openWindow = open; open = () => (globalThis.popup = { closes: 0, close() { this.closes += 1 } })",
        "open = globalThis.openWindow",
    );
    browser().open_popup().expect("a popup").close();
    assert_eq!(script("return globalThis.popup.closes"), 1);
    script("open = () => ({ closed: true })");
    assert!(browser().open_popup().is_none(), "a blocker has closed it");
}

#[wasm_bindgen_test]
async fn a_signal_that_was_aborted_closes_the_popup_at_once() {
    let page = popup();
    let signal = JsAbortSignal::new(script("return AbortSignal.abort()").unchecked_into());
    assert_eq!(
        ask_with(&page, "aborted", Some(&signal)).await,
        Err(NoResponse::Aborted)
    );
    assert_eq!(closes(&page), Some(1.0));
}

#[wasm_bindgen_test]
async fn a_popup_that_was_closed_before_goes_nowhere() {
    let page = popup();
    script_with(&page, "it.popup.closed = true");
    assert_eq!(ask(&page, "before").await, Err(NoResponse::Closed));
    assert_eq!(url_of(&page), None);
}

#[wasm_bindgen_test]
async fn a_popup_is_closed_once_its_user_is_back() {
    let away = has_focus(false);
    let page = popup();
    let mut answer = ask(&page, "back");
    assert_eq!(url_of(&page).as_deref(), Some(URL));
    // A popup has all the time it needs.
    assert!(pending_for(&mut answer, 1_200).await);
    script_with(&page, "it.popup.closed = true");
    assert!(pending_for(&mut answer, 1_700).await);
    drop(away);
    let _back = has_focus(true);
    let began = milliseconds();
    assert_eq!(answer.await, Err(NoResponse::Closed));
    let waited = milliseconds() - began;
    assert!((900.0..5_000.0).contains(&waited), "{waited}");
}

#[wasm_bindgen_test]
async fn one_that_was_never_seen_at_work_may_be_open_all_the_same() {
    let _back = has_focus(true);
    let page = popup();
    let mut answer = ask(&page, "severed");
    script_with(&page, "it.popup.closed = true");
    assert!(pending_for(&mut answer, 2_500).await);
    script("new BroadcastChannel('scopewise:severed').postMessage('https://app.example/cb?code=1')");
    assert_eq!(answer.await.as_deref(), Ok("https://app.example/cb?code=1"));
}

#[wasm_bindgen_test]
async fn who_answers_is_told_that_it_was_heard() {
    let page = popup();
    let answer = ask(&page, "heard");
    let told = script(
        "return new Promise((told) => {
            const channel = new BroadcastChannel('scopewise:heard');
            channel.onmessage = ({ data }) => told('heard' + data);
            channel.postMessage('');
            channel.postMessage(5);
            channel.postMessage('https://app.example/cb');
        })",
    );
    assert_eq!(answer.await.as_deref(), Ok("https://app.example/cb"));
    assert_eq!(settled(told).await.as_deref(), Some("heard"));
    assert_eq!(closes(&page), Some(1.0));
}

#[wasm_bindgen_test]
async fn a_caller_who_gives_up_closes_the_popup() {
    let page = popup();
    let controller = script("return new AbortController()");
    let signal = JsAbortSignal::new(member(&controller, "signal").unchecked_into());
    let mut answer = ask_with(&page, "later", Some(&signal));
    assert!(pending_for(&mut answer, 50).await);
    script_with(&controller, "it.abort()");
    assert_eq!(answer.await, Err(NoResponse::Aborted));
    assert_eq!(closes(&page), Some(1.0));
}

#[wasm_bindgen_test]
async fn who_answers_by_message_is_of_this_origin_and_knows_the_state() {
    let page = popup();
    let mut answer = ask(&page, "posted");
    start(&mut answer);
    script(
        "const post = (data, origin) => dispatchEvent(new MessageEvent('message', { data, origin }));
         post({ 'scopewise:posted': 'https://evil.example/' }, 'https://evil.example');
         post({ 'scopewise:another': 'https://evil.example/' }, location.origin);
         for (const data of [null, 'scopewise:posted', { 'scopewise:posted': '' }, { 'scopewise:posted': 'x'.repeat(1 << 17) }]) post(data, location.origin)",
    );
    assert!(pending_for(&mut answer, 50).await);
    script(
        "dispatchEvent(new MessageEvent('message', { data: { 'scopewise:posted': 'https://app.example/cb' }, origin: location.origin }))",
    );
    assert_eq!(answer.await.as_deref(), Ok("https://app.example/cb"));
}

#[wasm_bindgen_test]
async fn a_frame_is_there_until_its_time_is_up() {
    let answer = browser().ask_frame(request("about:blank", "frame", None), 300);
    let frames = "return [...document.querySelectorAll('iframe')].map(({ hidden }) => hidden).join()";
    assert_eq!(text(frames), "true");
    assert_eq!(answer.await, Err(NoResponse::Timeout));
    assert_eq!(text(frames), "");
}

#[wasm_bindgen_test]
async fn a_frame_brings_the_answer() {
    let mut answer = browser().ask_frame(request("about:blank", "brought", None), 5_000);
    start(&mut answer);
    script("new BroadcastChannel('scopewise:brought').postMessage('https://app.example/cb')");
    assert_eq!(answer.await.as_deref(), Ok("https://app.example/cb"));
    assert_eq!(text("return String(document.querySelectorAll('iframe').length)"), "0");
}

#[wasm_bindgen_test]
async fn a_page_that_may_not_have_channels_cannot_ask() {
    let _changed = Changed::new(
        "globalThis.channels = BroadcastChannel; globalThis.BroadcastChannel = class { constructor() { throw new DOMException('no') } }",
        "globalThis.BroadcastChannel = globalThis.channels",
    );
    let answer = browser().ask_frame(request(URL, "no", None), 300);
    assert_eq!(answer.await, Err(NoResponse::Unavailable));
    let page = popup();
    assert_eq!(ask(&page, "no").await, Err(NoResponse::Unavailable));
    assert_eq!(closes(&page), Some(1.0));
    browser().hand_over(URL, "no").await;
}

#[wasm_bindgen_test]
async fn a_response_that_nobody_waits_for_comes_back_at_once() {
    // As long as it would wait for somebody. What other tests have left looks again in shorter times.
    let timers = Changed::new(
        "globalThis.timers = 0; globalThis.timeout = setTimeout; setTimeout = (...given) => { globalThis.timers += given[1] === 1000; return timeout(...given) }",
        "setTimeout = globalThis.timeout",
    );
    browser().hand_over(URL, "nobody").await;
    assert_eq!(script("return globalThis.timers"), 0);
    drop(timers);
}

#[wasm_bindgen_test]
async fn where_somebody_may_wait_they_are_given_time() {
    let without_locks = Changed::new(
        "Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })",
        "delete navigator.locks",
    );
    let mut unknown = browser().hand_over(URL, "unknown");
    start(&mut unknown);
    drop(without_locks);
    // Nobody has heard it: neither another word on the channel nor another request's page.
    script(
        "new BroadcastChannel('scopewise:unknown').postMessage('x'); window.postMessage('scopewise:other', location.origin)",
    );
    assert!(pending_for(&mut unknown, 500).await);
    unknown.await;
}

#[wasm_bindgen_test]
async fn where_somebody_waits_the_window_is_of_no_use_any_more_also_if_they_are_too_busy_to_say_so() {
    let waiting = settled(script(
        "return new Promise((held) => navigator.locks.request('scopewise:waiting', () => { held('held'); return new Promise(() => {}) }))",
    ));
    assert_eq!(waiting.await.as_deref(), Some("held"));
    let page = Changed::new(
        "globalThis.closes = 0; window.close = () => void (globalThis.closes += 1); document.body.replaceChildren = () => {}",
        "delete window.close; delete document.body.replaceChildren",
    );
    let mut waiting = browser().hand_over(URL, "waiting");
    start(&mut waiting);
    assert!(pending_for(&mut waiting, 2_000).await);
    assert_eq!(script("return globalThis.closes"), 1);
    drop(page);
}
