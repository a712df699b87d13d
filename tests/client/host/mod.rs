//! A browser made for tests: it implements all traits of the host, keeps no time but its own, and does one thing after
//! another in an order that a seed decides.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of this")]

pub(crate) mod api;
mod channel;
mod clock;
pub(crate) mod crypto;
mod executor;
mod faults;
mod locks;
mod network;
mod page;
mod schedule;
mod storage;
mod windows;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;

use channel::Member;
pub(crate) use clock::VirtualClock;
use executor::{Executor, PageId};
pub(crate) use faults::{Fault, HostCall};
use locks::LockTable;
pub(crate) use network::{Fate, Network, SentToken};
pub(crate) use page::{FakePage, Tab};
pub(crate) use schedule::{Preemption, Schedule};
use storage::{Copies, Texts};
pub(crate) use windows::{FakeAbort, abort_later};

use crate::random::Random;
use crate::server::AuthorizationServer;

/// A moment in 2023, milliseconds since the epoch.
pub(crate) const NOW: f64 = 1_700_000_000_000.0;
/// More steps than any test takes that ends.
const MAX_STEPS: usize = 200_000;

/// What all tabs share.
pub(crate) struct Browser {
    pub(crate) clock: Rc<VirtualClock>,
    pub(crate) random: RefCell<Random>,
    pub(crate) locks: Rc<LockTable>,
    pub(crate) local: Texts,
    pub(crate) indexed_db: Texts,
    pub(crate) copies: Copies,
    /// The keys that tokens are bound to, by name.
    pub(crate) signing_keys: RefCell<BTreeMap<String, String>>,
    pub(crate) network: Network,
    pub(crate) server: RefCell<AuthorizationServer>,
    /// Every write of every page: key and text.
    pub(crate) writes: RefCell<Vec<(String, Option<String>)>>,
    /// Who goes on when, if that is not left to the seed.
    pub(crate) schedule: RefCell<Option<Rc<Schedule>>>,
    executor: Executor,
    members: RefCell<Vec<Rc<Member>>>,
    pages: RefCell<Vec<Rc<FakePage>>>,
    count: Cell<usize>,
}

impl Browser {
    pub(crate) fn new(seed: u64) -> Rc<Browser> {
        Rc::new(Browser {
            clock: VirtualClock::new(NOW),
            // A generator of this kind stays at 0 for ever.
            random: RefCell::new(Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)),
            locks: Rc::default(),
            local: Texts::default(),
            indexed_db: Texts::default(),
            copies: Copies::default(),
            signing_keys: RefCell::default(),
            network: Network::default(),
            server: RefCell::default(),
            writes: RefCell::default(),
            schedule: RefCell::default(),
            executor: Executor::default(),
            members: RefCell::default(),
            pages: RefCell::default(),
            count: Cell::new(0),
        })
    }

    /// Seconds since the epoch.
    pub(crate) fn seconds(&self) -> i64 {
        (self.clock.now() / 1000.0) as i64
    }

    /// A number below the bound, from the seed.
    pub(crate) fn below(&self, bound: usize) -> usize {
        self.random.borrow_mut().below(bound)
    }

    /// Lets one task of any page go on to its next await. False where nobody can go on before time does.
    pub(crate) fn step(&self) -> bool {
        let ready = self.executor.ready();
        if !ready.is_empty() {
            let schedule = self.schedule.borrow().clone();
            let place = schedule.map_or_else(|| self.below(ready.len()), |schedule| schedule.choose(&ready));
            self.executor.poll(place);
        }
        !ready.is_empty()
    }

    /// Runs until nobody has anything to do, and nobody waits for a moment.
    pub(crate) fn run(&self) {
        for _ in 0..MAX_STEPS {
            if !self.step() && !self.clock.advance_to_timer() {
                return;
            }
        }
        panic!("the browser does not come to rest");
    }

    /// The same, but no time passes.
    pub(crate) fn run_now(&self) {
        let is_at_rest = (0..MAX_STEPS).any(|_| !self.step());
        assert!(is_at_rest, "the browser does not come to rest");
    }

    /// Runs until a condition holds; false where it never does.
    pub(crate) fn run_until(&self, condition: impl Fn() -> bool) -> bool {
        for _ in 0..MAX_STEPS {
            if condition() {
                return true;
            }
            if !self.step() && !self.clock.advance_to_timer() {
                return condition();
            }
        }
        false
    }

    /// Loads a document in a new tab.
    pub(crate) fn open_tab(self: &Rc<Self>, url: &str) -> Rc<FakePage> {
        self.load(Rc::default(), url)
    }

    /// Loads a document in a tab, whose former one is gone.
    pub(crate) fn load(self: &Rc<Self>, tab: Rc<Tab>, url: &str) -> Rc<FakePage> {
        let former: Vec<_> = self.pages.borrow().clone();
        for page in former.iter().filter(|page| Rc::ptr_eq(&page.tab, &tab)) {
            page.end();
        }
        // No two documents are loaded in the same moment.
        self.clock.advance(1.0);
        let page = FakePage::new(self.clone(), self.next_id(), tab, url);
        self.pages.borrow_mut().push(page.clone());
        page
    }

    /// Ends all pages: they and the browser hold each other.
    pub(crate) fn close(&self) {
        let pages = self.pages.take();
        pages.iter().for_each(|page| page.end());
    }

    pub(crate) fn next_id(&self) -> PageId {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }
}

/// The result of a call that a page makes, once it is there.
pub(crate) struct Call<T>(Rc<RefCell<Option<T>>>);

impl<T: 'static> Call<T> {
    /// Starts a call.
    pub(crate) fn start(page: &FakePage, work: impl Future<Output = T> + 'static) -> Call<T> {
        let result = Rc::new(RefCell::new(None));
        let slot = result.clone();
        let task = async move {
            let value = work.await;
            slot.replace(Some(value));
        };
        page.browser.executor.begin(page.id, Box::pin(task));
        Call(result)
    }

    /// Whether it has ended.
    pub(crate) fn is_done(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// What it came to; nothing where it has not ended.
    pub(crate) fn take(&self) -> Option<T> {
        self.0.take()
    }

    /// Runs the browser until it has ended.
    pub(crate) fn wait(self, browser: &Browser) -> T {
        browser.run_until(|| self.is_done());
        self.take().unwrap_or_else(|| panic!("the call does not end"))
    }
}
