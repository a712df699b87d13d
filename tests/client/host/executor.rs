//! A single-threaded executor whose tasks are polled one by one, in an order that the test chooses.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Tells pages apart: each document that was loaded, not each tab.
pub(crate) type PageId = usize;

type Work = Pin<Box<dyn Future<Output = ()>>>;

struct Task {
    id: usize,
    owner: PageId,
    /// Nothing while it is polled.
    work: Option<Work>,
    wake: Arc<WakeFlag>,
}

struct WakeFlag(AtomicBool);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Tasks of all pages.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: RefCell<Vec<Task>>,
    /// The browser lets these pages do nothing for now.
    frozen: RefCell<BTreeSet<PageId>>,
    count: Cell<usize>,
}

impl Executor {
    /// Begins something at once, as a call of a script does.
    pub(crate) fn begin(&self, owner: PageId, work: Work) {
        self.spawn(owner, work);
        let last = self.tasks.borrow().last().map(|task| task.id);
        self.poll_task(last.unwrap());
    }

    pub(crate) fn spawn(&self, owner: PageId, work: Work) {
        self.count.set(self.count.get() + 1);
        self.tasks.borrow_mut().push(Task {
            id: self.count.get(),
            owner,
            work: Some(work),
            wake: Arc::new(WakeFlag(AtomicBool::new(true))),
        });
    }

    /// The numbers of the tasks that can go on, in the order in which they began.
    pub(crate) fn ready(&self) -> Vec<usize> {
        let frozen = self.frozen.borrow();
        let is_ready = |task: &&Task| task.is_ready(&frozen);
        let tasks = self.tasks.borrow();
        tasks.iter().filter(is_ready).map(|task| task.id).collect()
    }

    /// Lets one of the ready tasks go on.
    pub(crate) fn poll(&self, index: usize) {
        let id = {
            let (tasks, frozen) = (self.tasks.borrow(), self.frozen.borrow());
            let mut ready = tasks.iter().filter(|task| task.is_ready(&frozen));
            ready.nth(index).unwrap().id
        };
        self.poll_task(id);
    }

    fn poll_task(&self, id: usize) {
        let (mut work, wake) = {
            let mut tasks = self.tasks.borrow_mut();
            let task = tasks.iter_mut().find(|task| task.id == id).unwrap();
            task.wake.0.store(false, Ordering::Relaxed);
            (task.work.take().unwrap(), task.wake.clone())
        };
        let waker = Waker::from(wake);
        let state = work.as_mut().poll(&mut Context::from_waker(&waker));
        let mut tasks = self.tasks.borrow_mut();
        let place = tasks.iter().position(|task| task.id == id);
        match (state, place) {
            (Poll::Pending, Some(place)) => tasks[place].work = Some(work),
            (Poll::Ready(()), Some(place)) => {
                let task = tasks.remove(place);
                drop(tasks);
                drop((task, work));
            }
            (_, None) => {
                drop(tasks);
                drop(work);
            }
        }
    }

    /// Freezes a page, or lets it go on.
    pub(crate) fn freeze(&self, page: PageId, is_frozen: bool) {
        let mut frozen = self.frozen.borrow_mut();
        if is_frozen {
            frozen.insert(page);
        } else {
            frozen.remove(&page);
        }
    }

    /// Drops all that a page has under way.
    pub(crate) fn end(&self, owner: PageId) {
        let mut ended = Vec::new();
        self.tasks.borrow_mut().retain_mut(|task| {
            if task.owner == owner {
                ended.push(task.work.take());
            }
            task.owner != owner
        });
        // What is dropped may look at the executor.
        drop(ended);
    }
}

impl Task {
    fn is_ready(&self, frozen: &BTreeSet<PageId>) -> bool {
        self.work.is_some() && self.wake.0.load(Ordering::Relaxed) && !frozen.contains(&self.owner)
    }
}

/// A point at which any other task may go on before this one.
pub(crate) async fn turn() {
    let mut is_first = true;
    std::future::poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}
