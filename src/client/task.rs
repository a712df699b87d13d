//! Runs the driver's futures. Each task waits for one promise at a time; the page's `watch` function resumes it through
//! the export `wake`, and so sees every trap.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;

use crate::browser::callback;

type Task = Pin<Box<dyn Future<Output = ()>>>;
/// What a promise came to: a text, or nothing where it failed.
pub type Settlement = Option<String>;

thread_local! {
    // A page has one thread, which never ends: nothing is there to drop.
    static TASKS: ManuallyDrop<RefCell<Vec<Option<Task>>>> = const { ManuallyDrop::new(RefCell::new(Vec::new())) };
    /// What the task was waiting for that is being polled,
    static SETTLEMENT: ManuallyDrop<Cell<Settlement>> = const { ManuallyDrop::new(Cell::new(None)) };
    /// and its number.
    static CURRENT: Cell<usize> = const { Cell::new(0) };
}

/// Starts a task; it runs up to its first promise at once.
pub fn spawn(task: Task) {
    let mut id = 0;
    with_tasks(&mut |tasks| {
        id = tasks.iter().position(Option::is_none).unwrap_or(tasks.len());
        if id == tasks.len() {
            tasks.push(None);
        }
    });
    resume(id, task);
}

/// Goes on with a task.
pub fn wake(id: usize, settlement: Settlement) {
    let mut task = None;
    with_tasks(&mut |tasks| task = tasks.get_mut(id).and_then(Option::take));
    if let Some(task) = task {
        SETTLEMENT.with(|cell| cell.set(settlement));
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

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Settlement> {
        match self.0.take() {
            None => Poll::Ready(SETTLEMENT.with(|cell| cell.take())),
            Some(promise) => {
                callback::wait(&promise, CURRENT.get() as u32);
                Poll::Pending
            }
        }
    }
}

fn resume(id: usize, mut task: Task) {
    CURRENT.set(id);
    // Nobody is woken but through `wake`.
    if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        let mut task = Some(task);
        with_tasks(&mut |tasks| {
            if let Some(slot) = tasks.get_mut(id) {
                *slot = task.take();
            }
        });
    }
}

fn with_tasks(work: &mut dyn FnMut(&mut Vec<Option<Task>>)) {
    TASKS.with(|tasks| work(&mut tasks.borrow_mut()));
}
