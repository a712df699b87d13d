//! A clock that stands still until nobody has anything else to do.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The time, and who waits for it.
pub(crate) struct VirtualClock {
    now: Cell<f64>,
    count: Cell<usize>,
    timers: RefCell<Vec<Timer>>,
    alarms: RefCell<Vec<Ringing>>,
}

/// An alarm that is set.
#[derive(Clone)]
struct Ringing {
    id: usize,
    due: f64,
    callback: Rc<dyn Fn()>,
}

struct Timer {
    id: usize,
    due: f64,
    waker: Option<Waker>,
}

impl VirtualClock {
    pub(crate) fn new(now: f64) -> Rc<VirtualClock> {
        Rc::new(VirtualClock {
            now: Cell::new(now),
            count: Cell::new(0),
            timers: RefCell::default(),
            alarms: RefCell::default(),
        })
    }

    /// Milliseconds since the epoch.
    pub(crate) fn now(&self) -> f64 {
        self.now.get()
    }

    /// Lets time pass, or puts the clock back.
    pub(crate) fn advance(&self, milliseconds: f64) {
        self.now.set(self.now.get() + milliseconds);
        self.wake();
    }

    /// Lets time pass while the device is asleep: alarms do not count that, and ring so much later.
    pub(crate) fn doze(&self, milliseconds: f64) {
        for alarm in self.alarms.borrow_mut().iter_mut() {
            alarm.due += milliseconds;
        }
        self.advance(milliseconds);
    }

    /// Goes on to the next moment that somebody waits for; false where there is none.
    pub(crate) fn advance_to_timer(&self) -> bool {
        let next = self.timers.borrow().iter().map(|timer| timer.due).reduce(f64::min);
        if let Some(due) = next {
            self.now.set(due.max(self.now.get()));
            self.wake();
        }
        next.is_some()
    }

    /// Resolves after so many milliseconds.
    pub(crate) fn sleep(self: &Rc<Self>, milliseconds: u32) -> Sleep {
        self.count.set(self.count.get() + 1);
        self.timers.borrow_mut().push(Timer {
            id: self.count.get(),
            due: self.now() + f64::from(milliseconds),
            waker: None,
        });
        Sleep {
            clock: self.clone(),
            id: self.count.get(),
        }
    }

    /// Calls back after so many milliseconds. Nobody waits for that: time does not go on for its sake.
    pub(crate) fn alarm(self: &Rc<Self>, milliseconds: u32, callback: Rc<dyn Fn()>) -> Alarm {
        self.count.set(self.count.get() + 1);
        self.alarms.borrow_mut().push(Ringing {
            id: self.count.get(),
            due: self.now() + f64::from(milliseconds),
            callback,
        });
        Alarm {
            clock: self.clone(),
            id: self.count.get(),
        }
    }

    /// How many alarms are set.
    pub(crate) fn alarms(&self) -> usize {
        self.alarms.borrow().len()
    }

    /// When the next alarm is due, milliseconds since the epoch.
    pub(crate) fn next_alarm(&self) -> Option<f64> {
        self.alarms.borrow().iter().map(|alarm| alarm.due).reduce(f64::min)
    }

    fn wake(&self) {
        let is_due = |alarm: &Ringing| alarm.due <= self.now();
        let (ringing, later) = self.alarms.take().into_iter().partition(is_due);
        self.alarms.replace(later);
        let ringing: Vec<Ringing> = ringing;
        ringing.iter().for_each(|alarm| (alarm.callback)());
        let mut due = Vec::new();
        for timer in self.timers.borrow_mut().iter_mut() {
            if timer.due <= self.now() {
                due.extend(timer.waker.take());
            }
        }
        due.into_iter().for_each(Waker::wake);
    }
}

/// A callback that is still to come.
pub(crate) struct Alarm {
    clock: Rc<VirtualClock>,
    id: usize,
}

impl scopewise::host::Timer for Alarm {}

impl Drop for Alarm {
    fn drop(&mut self) {
        // A callback may own what looks at the alarms when it is dropped.
        let (dropped, others): (Vec<Ringing>, _) = self
            .clock
            .alarms
            .take()
            .into_iter()
            .partition(|alarm| alarm.id == self.id);
        self.clock.alarms.replace(others);
        drop(dropped);
    }
}

/// Waits for a moment.
pub(crate) struct Sleep {
    clock: Rc<VirtualClock>,
    id: usize,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let now = self.clock.now();
        let mut timers = self.clock.timers.borrow_mut();
        match timers.iter_mut().find(|timer| timer.id == self.id) {
            Some(timer) if timer.due > now => {
                timer.waker = Some(context.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().retain(|timer| timer.id != self.id);
    }
}
