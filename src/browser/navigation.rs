//! Where the page is, and where it goes.

use wasm_bindgen::JsValue;

/// The page's URL.
pub fn href() -> String {
    location(|location| location.href())
}

/// The page's origin.
pub fn origin() -> String {
    location(|location| location.origin())
}

/// An absolute, normalised URL; nothing where the text is none.
pub fn resolve(url: &str) -> Option<String> {
    web_sys::Url::new_with_base(url, &href()).ok().map(|url| url.href())
}

/// Puts another URL into the address bar. No new history entry, and the page's own history state stays.
pub fn replace(url: &str) {
    let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else {
        return;
    };
    let state = history.state().unwrap_or(JsValue::NULL);
    // Refused only by browsers that limit how often a page may do so; the response is used up all the same.
    let _ = history.replace_state_with_url(&state, "", Some(url));
}

/// Leaves the page. False where the browser refuses.
pub fn leave(url: &str) -> bool {
    web_sys::window().is_some_and(|window| window.location().assign(url).is_ok())
}

fn location(read: fn(&web_sys::Location) -> Result<String, JsValue>) -> String {
    web_sys::window()
        .and_then(|window| read(&window.location()).ok())
        .unwrap_or_default()
}
