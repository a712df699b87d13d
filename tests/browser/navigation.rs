//! The address bar, and ways out of the page.

use super::page::{Changed, pending_for, script, text};
use scopewise::browser::{Browser, JsAbortSignal};
use scopewise::core::url;
use scopewise::host::{AbortSignal, Page};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

/// An application's page; the tests' own is back afterwards.
fn app() -> Changed {
    Changed::new(
        "globalThis.before = location.href; history.replaceState({ of: 'the application' }, '', '/app/page?old#old')",
        "history.replaceState(null, '', globalThis.before)",
    )
}

fn href() -> String {
    Browser::default().url()
}

fn resolve(url: &str) -> Option<String> {
    Browser::default().resolve(url)
}

fn origin() -> String {
    url::origin(&href()).to_owned()
}

#[wasm_bindgen_test]
fn the_page_knows_where_it_is() {
    assert_eq!(href(), text("return location.href"));
    assert_eq!(origin(), text("return location.origin"));
}

#[wasm_bindgen_test]
fn urls_are_made_absolute_and_normalised() {
    let _app = app();
    let own = |path: &str| Some(format!("{}{path}", origin()));
    assert_eq!(resolve("/cb"), own("/cb"));
    assert_eq!(resolve("next?a=b#c"), own("/app/next?a=b#c"));
    assert_eq!(resolve("../x/./y"), own("/x/y"));
    assert_eq!(resolve(""), own("/app/page?old"));
    assert_eq!(
        resolve("HTTPS://ID.Example:443/%7Ea b").as_deref(),
        Some("https://id.example/%7Ea%20b")
    );
    let protocol = text("return location.protocol");
    assert_eq!(
        resolve("//other.example/x"),
        Some(format!("{protocol}//other.example/x"))
    );
    for text in ["http://[", "https://", "https://id.example:port/"] {
        assert_eq!(resolve(text), None, "{text}");
    }
}

#[wasm_bindgen_test]
fn another_url_in_the_address_bar_leaves_history_as_it_is() {
    let _app = app();
    let entries = script("return history.length");
    Browser::default().replace_url("/cleaned?kept=1#part");
    assert_eq!(href(), format!("{}/cleaned?kept=1#part", origin()));
    assert_eq!(text("return history.state.of"), "the application");
    assert_eq!(script("return history.length"), entries);
}

#[wasm_bindgen_test]
fn a_url_that_the_browser_refuses_changes_nothing() {
    let _app = app();
    let before = href();
    Browser::default().replace_url("https://other.example/");
    Browser::default().replace_url("http://[");
    assert_eq!(href(), before);
    assert_eq!(text("return history.state.of"), "the application");
}

/// Leaving for real would end the tests; those with whole applications do.
#[wasm_bindgen_test]
fn where_the_browser_does_not_go_the_page_stays() {
    let before = href();
    assert!(!Browser::default().leave("http://["));
    assert_eq!(href(), before);
}

#[wasm_bindgen_test]
fn the_page_is_online_and_in_no_frame() {
    let browser = Browser::default();
    assert!(!browser.is_offline() && !browser.is_framed());
    let _changed = Changed::new(
        "Object.defineProperty(navigator, 'onLine', { configurable: true, value: false })",
        "delete navigator.onLine",
    );
    assert!(browser.is_offline());
}

fn signal(body: &str) -> JsAbortSignal {
    JsAbortSignal::new(script(body).unchecked_into())
}

#[wasm_bindgen_test]
async fn an_abort_signal_is_heard() {
    assert!(!signal("return new AbortController().signal").is_aborted());
    assert!(signal("return AbortSignal.abort()").is_aborted());
    let aborted = signal("return AbortSignal.abort('why')");
    aborted.aborted().await;
    assert_eq!(aborted.reason(), "why");
    let later =
        signal("const it = new AbortController(); globalThis.abortLater = () => it.abort('later'); return it.signal");
    let mut waiting = Box::pin(later.aborted());
    assert!(pending_for(&mut waiting, 50).await);
    script("globalThis.abortLater()");
    waiting.await;
    assert_eq!(later.reason(), "later");
}

#[wasm_bindgen_test]
fn the_language_is_the_pages_or_else_the_users() {
    let host = Browser::default();
    let window = web_sys::window().unwrap();
    let root = window.document().unwrap().document_element().unwrap();
    let before = root.get_attribute("lang");
    root.set_attribute("lang", "de-AT").unwrap();
    assert_eq!(host.language().as_deref(), Some("de-AT"));
    root.set_attribute("lang", "").unwrap();
    assert_eq!(host.language(), window.navigator().language());
    root.remove_attribute("lang").unwrap();
    assert!(host.language().is_some_and(|language| !language.is_empty()));
    if let Some(before) = before {
        root.set_attribute("lang", &before).unwrap();
    }
}
