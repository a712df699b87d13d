//! Mutual exclusion over tabs (Web Locks), or over this page where there are none.

use std::cell::RefCell;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Locks;
    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = locks)]
    static LOCKS: Option<Locks>;
    #[wasm_bindgen(method, catch)]
    fn request(this: &Locks, name: &str, options: &Object, callback: &JsValue) -> Result<Chain, JsValue>;

    type Chain;
    #[wasm_bindgen(method)]
    fn then(this: &Chain, fulfilled: &JsValue, rejected: &JsValue) -> Promise;
}

thread_local! {
    /// The last one in line for each name, on this page.
    static LINES: RefCell<Vec<(String, Promise)>> = const { RefCell::new(Vec::new()) };
}

/// A place in line. Dropping it gives the place up.
pub struct Wait {
    promise: Promise,
    abort: Option<web_sys::AbortController>,
}

/// The lock. Dropping it lets the next one in.
pub struct Held(JsValue);

/// Gets in line for a name.
pub fn wait(name: &str) -> Wait {
    match LOCKS.with(|locks| locks.as_ref().map(|locks| wait_over_tabs(locks, name))) {
        Some(wait) => wait,
        None => Wait {
            promise: wait_on_page(name),
            abort: None,
        },
    }
}

impl Wait {
    /// Settles when it is this one's turn, to what [`Held::new`] takes.
    pub fn promise(&self) -> &Promise {
        &self.promise
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        // Without effect once the lock is held.
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}

impl Held {
    /// Takes what the promise settled to.
    pub fn new(release: JsValue) -> Held {
        Held(release)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = self.0.dyn_ref::<Function>() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

fn wait_over_tabs(locks: &Locks, name: &str) -> Wait {
    let abort = web_sys::AbortController::new().ok();
    let options = Object::new();
    if let Some(abort) = &abort {
        let _ = Reflect::set(&options, &"signal".into(), &abort.signal());
    }
    let promise = Promise::new(&mut |granted, refused| {
        let hold = Closure::once_into_js(move || {
            Promise::new(&mut |release, _| {
                let _ = granted.call1(&JsValue::UNDEFINED, &release);
            })
        });
        match locks.request(name, &options, &hold) {
            Ok(ended) => drop(ended.then(&JsValue::UNDEFINED, &refused)),
            Err(thrown) => drop(refused.call1(&JsValue::UNDEFINED, &thrown)),
        }
    });
    Wait { promise, abort }
}

fn wait_on_page(name: &str) -> Promise {
    let mut release = JsValue::UNDEFINED;
    let mine = Promise::new(&mut |resolve, _| release = resolve.into());
    let before = LINES.with_borrow_mut(|lines| {
        let before = lines
            .iter()
            .position(|(held, _)| held == name)
            .map(|index| lines.remove(index).1);
        lines.push((name.to_owned(), mine));
        before.unwrap_or_else(|| Promise::resolve(&JsValue::UNDEFINED))
    });
    let hand_over = Closure::once_into_js(move || release);
    before.unchecked_into::<Chain>().then(&hand_over, &JsValue::UNDEFINED)
}
