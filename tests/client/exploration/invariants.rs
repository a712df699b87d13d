//! What holds whatever fails, dies or comes in between.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use scopewise::client::{Client, Subscription};
use scopewise::core::authorize::Transaction;
use scopewise::core::error::Result;
use scopewise::host::{Json as _, Storages as _};

use crate::app::App;
use crate::many_tabs::check_refreshes;

/// Each code of the contract has a row in there.
const CODES: &str = include_str!("../../../docs/errors.md");

/// What an application sees of its session.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub(super) user: Option<String>,
    pub(super) granted: Vec<String>,
    denied: Vec<String>,
    /// When the default grant ends for good.
    usable_until: Option<i64>,
    token: Option<String>,
    pub(super) is_signed_in: bool,
    is_persisted: bool,
    is_expired: bool,
}

impl View {
    pub(super) fn of(client: &Client) -> View {
        let session = client.session();
        let target = &client.config().target;
        let granted = session.as_ref().map(|session| session.granted(target));
        let denied = session.as_ref().map(|session| session.denied(target));
        let grant = session.as_ref().and_then(|session| session.grants().first());
        View {
            user: session
                .as_ref()
                .and_then(|session| session.subject().map(str::to_owned)),
            granted: granted.map(|granted| granted.to_strings()).unwrap_or_default(),
            denied: denied.map(|denied| denied.to_strings()).unwrap_or_default(),
            usable_until: grant.and_then(|grant| grant.usable_until()),
            token: grant.map(|grant| grant.access_token().secret().to_owned()),
            is_signed_in: session.is_some(),
            is_persisted: client.is_persisted(),
            is_expired: client.is_expired(),
        }
    }

    /// The same user, with all that was granted before.
    pub(super) fn keeps(&self, before: &View) -> bool {
        self.is_signed_in == before.is_signed_in
            && self.user == before.user
            && before.granted.iter().all(|scope| self.granted.contains(scope))
    }
}

/// What an application heard of its session.
pub(super) struct Watch {
    client: Client,
    told: Rc<RefCell<Vec<View>>>,
    _subscription: Subscription,
}

impl Watch {
    pub(super) fn begin(client: &Client) -> Watch {
        let told = Rc::new(RefCell::new(vec![View::of(client)]));
        let (list, watched) = (told.clone(), client.clone());
        let listener = move || list.borrow_mut().push(View::of(&watched));
        Watch {
            client: client.clone(),
            told,
            _subscription: client.subscribe(Rc::new(listener)),
        }
    }
}

/// What does not hold, and where.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) place: String,
    found: Vec<String>,
    pub(super) count: usize,
}

impl Findings {
    pub(super) fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push([&self.place, ": ", &what()].concat());
        }
    }

    /// Plays something at a place; a panic is a finding, too.
    pub(super) fn at(&mut self, place: String, play: impl FnOnce(&mut Findings)) {
        self.place = place;
        self.count += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| play(self))) {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            self.check(false, || text.unwrap_or("a panic").to_owned());
        }
    }

    pub(super) fn end(self) {
        let found = self.found;
        assert!(
            found.is_empty(),
            "{} of {}:\n{}",
            found.len(),
            self.count,
            found.join("\n")
        );
    }

    /// An error has a code of the contract.
    pub(super) fn check_code(&mut self, said: &Result<String>) {
        if let Err(error) = said {
            let row = format!("| `{}` |", error.code());
            self.check(CODES.contains(&row), || format!("an unknown code: {error}"));
        }
    }

    /// No lock is left, nothing was sent that may not be, and nothing twice that is good for one use.
    pub(super) fn check_traffic(&mut self, app: &App) {
        let browser = app.browser();
        self.check(browser.locks.names().is_empty(), || {
            format!("locks: {:?}", browser.locks.names())
        });
        let server = browser.server.borrow();
        self.check(server.violations.is_empty(), || format!("{:?}", server.violations));
        drop(server);
        check_refreshes(browser);
    }

    /// A refresh token reaches the server twice so often at the most.
    pub(super) fn check_reuses(&mut self, app: &App, most: usize) {
        let reuses = app.browser().server.borrow().reuses;
        self.check(reuses <= most, || format!("{reuses} refresh tokens were used twice"));
    }

    /// Whoever listens heard of each change.
    pub(super) fn check_heard(&mut self, watch: &Watch) {
        let (now, told) = (View::of(&watch.client), watch.told.borrow());
        self.check(told.last() == Some(&now), || format!("unheard: {now:?} after {told:?}"));
    }

    /// And of nothing else. In another tab the note that a refresh token was sent is a change, too.
    pub(super) fn check_heard_alone(&mut self, watch: &Watch) {
        self.check_heard(watch);
        let told = watch.told.borrow();
        let is_repeated = told.windows(2).any(|pair| pair[0] == pair[1]);
        self.check(!is_repeated, || format!("heard for nothing: {told:?}"));
    }
}

/// The requests that wait for their answers in a tab, wherever they are kept.
pub(super) fn pending(app: &App) -> Vec<String> {
    let mut found = Vec::new();
    let page = &app.page;
    for storage in [page.transaction_storage(app.kind), page.shared_storage(), page.memory()] {
        for key in storage.keys("scopewise:") {
            let value = storage.get(&key).and_then(|text| page.parse(&text));
            let is_waiting = |value| matches!(Transaction::from_value(&value), Some(Transaction::Pending(_)));
            if key.contains(":tx:") && value.is_some_and(is_waiting) {
                found.push(key);
            }
        }
    }
    found
}
