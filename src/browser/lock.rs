//! Mutual exclusion over tabs (Web Locks), or over this page where there are none.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::Browser;
use super::abort_signal::AbortOnDrop;
use super::object::get;
use super::tasks::spawn;
use super::timer::within;
use crate::host::{LockGuard, Locks, Pending};

#[wasm_bindgen(module = "/src/browser/lock.js")]
extern "C" {
    /// Resolves once the lock is held, which it is until the signal says no more.
    fn hold(name: &str, mode: &str, signal: &AbortSignal) -> Promise;
}

// web-sys has it only among its unstable interfaces.
#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}

impl Locks for Browser {
    fn acquire<'a>(&'a self, name: &'a str, timeout: u32) -> Pending<'a, Option<LockGuard>> {
        Box::pin(within(timeout, async move {
            match WebLock::acquire(name).await {
                Some(lock) => LockGuard::new(move || drop(lock)),
                // There are no Web Locks, or a page without an origin may not use them.
                None => {
                    let lock = PageLock::acquire(name).await;
                    LockGuard::new(move || drop(lock))
                }
            }
        }))
    }

    fn are_shared(&self) -> bool {
        manager().is_some()
    }
}

fn manager() -> Option<LockManager> {
    let locks = get(&web_sys::window()?.navigator(), "locks");
    locks.is_object().then(|| locks.unchecked_into())
}

/// A Web Lock that is held or asked for, until this is dropped.
pub(super) struct WebLock {
    _held: AbortOnDrop,
}

impl WebLock {
    /// Waits for a lock that nobody else holds meanwhile; nothing where it is refused. Who stops waiting withdraws the
    /// request, and a lock that comes all the same is given back.
    async fn acquire(name: &str) -> Option<WebLock> {
        let (lock, granted) = WebLock::request(name, "exclusive")?;
        JsFuture::from(granted).await.ok()?;
        Some(lock)
    }

    /// Asks for a shared lock whose name nobody locks for themselves, and does not wait for it. The browser takes what
    /// a page asks for and gives back in that order (Web Locks API, "lock task queue"): who gets a lock that this page
    /// gives back after this call finds this one held.
    pub(super) fn announce(name: &str) -> Option<WebLock> {
        let (lock, granted) = WebLock::request(name, "shared")?;
        // Where it is refused there are no Web Locks, and nobody looks for it.
        spawn(Box::pin(async { drop(JsFuture::from(granted).await) }));
        Some(lock)
    }

    fn request(name: &str, mode: &str) -> Option<(WebLock, Promise)> {
        let held = AbortOnDrop::new()?;
        let granted = hold(name, mode, &held.signal());
        Some((WebLock { _held: held }, granted))
    }

    /// The names of all locks that are held, by whichever tab.
    pub(super) async fn names() -> Vec<String> {
        let Some(Ok(query)) = manager().map(|locks| locks.query()) else {
            return Vec::new();
        };
        let snapshot = JsFuture::from(query).await.unwrap_or_default();
        let name = |lock: JsValue| get(&lock, "name").as_string();
        get(&snapshot, "held")
            .dyn_into::<Array>()
            .map(|held| held.iter().filter_map(name).collect())
            .unwrap_or_default()
    }
}

thread_local! {
    /// Who holds a lock on this page or waits for one, in order.
    static LINE: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
    static TICKETS: Cell<u32> = const { Cell::new(0) };
}

struct Place {
    name: String,
    ticket: u32,
    waker: Option<Waker>,
}

/// A lock among the clients on this page, or a place in line for it. The first of a name holds it.
pub(super) struct PageLock(u32);

fn next_ticket() -> u32 {
    TICKETS.replace(TICKETS.get().wrapping_add(1))
}

impl PageLock {
    /// A name that no other lock has.
    pub(super) fn new_name() -> String {
        next_ticket().to_string()
    }

    pub(super) async fn acquire(name: &str) -> PageLock {
        let lock = PageLock(next_ticket());
        let place = Place {
            name: name.to_owned(),
            ticket: lock.0,
            waker: None,
        };
        LINE.with_borrow_mut(|line| line.push(place));
        poll_fn(|context| lock.poll(name, context.waker())).await;
        lock
    }

    fn poll(&self, name: &str, waker: &Waker) -> Poll<()> {
        LINE.with_borrow_mut(|line| {
            let mut places = line.iter_mut().filter(|place| place.name == name);
            match places.next() {
                Some(holder) if holder.ticket != self.0 => {
                    if let Some(place) = places.find(|place| place.ticket == self.0) {
                        place.waker = Some(waker.clone());
                    }
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            }
        })
    }
}

impl Drop for PageLock {
    fn drop(&mut self) {
        let next = LINE.with_borrow_mut(|line| {
            let left = line.iter().position(|place| place.ticket == self.0)?;
            let left = line.remove(left);
            line.iter_mut().find(|place| place.name == left.name)?.waker.take()
        });
        if let Some(next) = next {
            next.wake();
        }
    }
}
