//! Runs the driver's futures. Each task waits for one promise at a time; the page's `watch` function resumes it through
//! the export `wake`, and so sees every trap.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;

use crate::browser::callback::invoke;

type Task = Pin<Box<dyn Future<Output = ()>>>;
type Settlement = Result<JsValue, JsValue>;

thread_local! {
    static TASKS: RefCell<Vec<Option<Task>>> = const { RefCell::new(Vec::new()) };
    static WATCH: RefCell<Option<JsValue>> = const { RefCell::new(None) };
    /// The task that is being polled.
    static CURRENT: Cell<usize> = const { Cell::new(0) };
    /// What it was waiting for.
    static SETTLEMENT: Cell<Option<Settlement>> = const { Cell::new(None) };
}

/// Takes the function that calls `wake` with a task's number once a promise has settled.
pub fn setup(watch: JsValue) {
    WATCH.set(Some(watch));
}

/// Starts a task; it runs up to its first promise at once.
pub fn spawn(task: Task) {
    let id = TASKS.with_borrow_mut(|tasks| {
        let free = tasks.iter().position(Option::is_none);
        free.unwrap_or_else(|| {
            tasks.push(None);
            tasks.len() - 1
        })
    });
    resume(id, task);
}

/// Goes on with a task.
pub fn wake(id: usize, settlement: Settlement) {
    let task = TASKS.with_borrow_mut(|tasks| tasks.get_mut(id).and_then(Option::take));
    if let Some(task) = task {
        SETTLEMENT.set(Some(settlement));
        resume(id, task);
    }
}

/// Waits for a promise.
pub fn settled(promise: JsValue) -> Settled {
    Settled(Some(promise))
}

/// A promise on its way.
pub struct Settled(Option<JsValue>);

impl Future for Settled {
    type Output = Settlement;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Settlement> {
        match self.0.take() {
            None => SETTLEMENT.take().map_or(Poll::Pending, Poll::Ready),
            Some(promise) => {
                let id = JsValue::from(CURRENT.get() as u32);
                if let Some(watch) = WATCH.with_borrow(Option::clone) {
                    invoke(&watch, &promise, &id);
                }
                Poll::Pending
            }
        }
    }
}

fn resume(id: usize, mut task: Task) {
    CURRENT.set(id);
    // Nobody is woken but through `wake`.
    if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        TASKS.with_borrow_mut(|tasks| {
            if let Some(slot) = tasks.get_mut(id) {
                *slot = Some(task);
            }
        });
    }
}
