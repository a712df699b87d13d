//! Two to ten tabs that refresh, upgrade, sign in and out, freeze and die, in any order and at any await.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use scopewise::client::{
    FetchError, FetchOptions, InteractionMode, OnMissing, SignInOptions, SignOutOptions, TokenOptions,
};
use scopewise::core::authorize::Outcome;
use scopewise::core::error::{Error, Result};
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, known_options, options, set};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call, FakePage, SentToken};
use crate::server::{Decision, ORIGIN};

/// Seconds that an access token lasts.
const LIFETIME: i64 = 120;

/// What may happen in a story.
#[derive(Clone, Copy, Debug)]
struct Plot {
    kind: StorageKind,
    /// One in so many token requests fails; none with 0.
    fault_rate: usize,
    has_deaths: bool,
    has_sign_outs: bool,
    has_frozen_tabs: bool,
}

impl Plot {
    const CALM: Plot = Plot {
        kind: StorageKind::Local,
        fault_rate: 0,
        has_deaths: false,
        has_sign_outs: false,
        has_frozen_tabs: false,
    };
}

/// A call whose end is waited for.
struct Waiting {
    page: Rc<FakePage>,
    name: &'static str,
    call: Call<Result<String>>,
}

struct Story {
    plot: Plot,
    browser: Rc<Browser>,
    apps: Vec<App>,
    waiting: Vec<Waiting>,
    sign_outs: usize,
    /// What the calls came to.
    results: Vec<(&'static str, String)>,
}

impl Story {
    fn new(plot: Plot, seed: u64) -> Story {
        let browser = Browser::new(seed);
        browser.server.borrow_mut().lifetime = LIFETIME;
        let mut story = Story {
            plot,
            apps: Vec::new(),
            waiting: Vec::new(),
            sign_outs: 0,
            results: Vec::new(),
            browser,
        };
        for _ in 0..2 + story.browser.below(9) {
            let app = story.open_app();
            story.apps.push(app);
        }
        let is_shared = plot.kind != StorageKind::Session;
        let first = if is_shared { 1 } else { story.apps.len() };
        for app in &story.apps[..first] {
            app.popup().unwrap();
        }
        story.browser.run();
        story.browser.network.fault_rate.set(plot.fault_rate);
        story
    }

    fn open_app(&self) -> App {
        // Some clients have to look for their server first.
        let options = if self.browser.below(4) == 0 {
            options()
        } else {
            known_options()
        };
        App::open(self.browser.open_tab(ORIGIN), self.plot.kind, options)
    }

    fn wait_for<T: 'static>(
        &mut self,
        app: &App,
        name: &'static str,
        call: impl Future<Output = Result<T>> + 'static,
        text: fn(T) -> String,
    ) {
        let call = Call::start(&app.page, async move { call.await.map(text) });
        let page = app.page.clone();
        self.waiting.push(Waiting { page, name, call });
    }

    fn steps(&self, most: usize) {
        for _ in 0..self.browser.below(most) {
            self.browser.step();
        }
    }

    fn decide(&self) {
        let decision = match self.browser.below(12) {
            0 => Decision::Deny,
            1 => Decision::Without("write"),
            2 => Decision::Error("server_error"),
            3 => Decision::Close,
            4 => Decision::As("eve"),
            _ => Decision::Grant,
        };
        self.browser.server.borrow_mut().decide(decision);
    }

    /// Something happens.
    fn act(&mut self) {
        let index = self.browser.below(self.apps.len());
        let app = self.apps[index].clone();
        match self.browser.below(20) {
            0..5 => self.ask_for_token(&app, TokenOptions::default()),
            5 | 6 => {
                let force_refresh = true;
                let options = TokenOptions {
                    force_refresh,
                    ..TokenOptions::default()
                };
                self.ask_for_token(&app, options);
            }
            7..10 => self
                .browser
                .clock
                .advance([1_000.0, 95_000.0, 130_000.0][self.browser.below(3)]),
            10 | 11 => self.upgrade(&app),
            12 => self.redirect(index),
            13 => self.fetch(&app),
            14 => self.browser.resume(&app.page),
            15 if self.plot.has_sign_outs => self.sign_out(&app),
            16 if self.plot.has_deaths => self.die(index),
            17 if self.plot.has_frozen_tabs => app.page.freeze(true),
            18 if self.plot.has_frozen_tabs => self.apps.iter().for_each(|app| app.page.freeze(false)),
            19 => {
                let call = app.client.clone();
                let claims = async move { call.user_info().await };
                self.wait_for(&app, "user info", claims, |claims| format!("{claims:?}"));
            }
            _ => {}
        }
    }

    fn ask_for_token(&mut self, app: &App, options: TokenOptions) {
        let name = if options.force_refresh { "forced token" } else { "token" };
        let client = app.client.clone();
        let token = async move { client.get_access_token(options).await };
        self.wait_for(app, name, token, |token| token.secret().to_owned());
    }

    fn upgrade(&mut self, app: &App) {
        self.decide();
        let mode = [InteractionMode::Popup, InteractionMode::Silent][self.browser.below(2)];
        let scope = ["write", "admin", "write admin"][self.browser.below(3)];
        let call = app.client.upgrade(set(scope), SignInOptions::new(mode));
        self.wait_for(app, "upgrade", call, |outcome| outcome.status.as_str().to_owned());
    }

    /// The page is left for the server, and another one has the answer.
    fn redirect(&mut self, index: usize) {
        let app = &self.apps[index];
        // A sign-out that left the page is overtaken.
        drop(app.page.destination());
        drop(app.client.upgrade(set("admin"), SignInOptions::default()));
        if app.page.left_for.borrow().is_some() {
            let decision = [Decision::Grant, Decision::Deny][self.browser.below(2)].clone();
            self.browser.server.borrow_mut().decisions.push_front(decision);
            let app = app.follow();
            let call = app.client.handle_callback(None);
            self.wait_for(&app, "callback", call, |outcome: Option<Outcome>| {
                format!("{outcome:?}")
            });
            self.apps[index] = app;
        }
    }

    fn fetch(&mut self, app: &App) {
        self.decide();
        let request: Rc<FakeCall> = FakeCall::new(&app.page, "https://app.example/api", "write");
        let options = FetchOptions {
            on_missing: OnMissing::Popup,
            ..FetchOptions::default()
        };
        let client = app.client.clone();
        let call = async move {
            let request: &dyn ApiRequest = &*request;
            client.fetch(request, &options).await.map_err(|error| match error {
                FetchError::Client(error) => error,
                FetchError::NotAnswered => Error::Aborted,
            })
        };
        self.wait_for(app, "fetch", call, |response| response.status.to_string());
    }

    fn sign_out(&mut self, app: &App) {
        self.sign_outs += 1;
        let (client, is_local) = (app.client.clone(), self.browser.below(2) == 0);
        let options = SignOutOptions {
            is_local,
            ..SignOutOptions::default()
        };
        self.wait_for(app, "sign-out", async move { client.sign_out(options).await }, |()| {
            String::new()
        });
        self.steps(40);
        if self.browser.below(3) > 0 {
            let call = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
            self.wait_for(app, "sign-in", call, |outcome| outcome.status.as_str().to_owned());
        }
    }

    fn die(&mut self, index: usize) {
        self.apps[index].page.end();
        self.apps[index] = match self.browser.below(2) {
            0 => self.apps[index].reload(ORIGIN),
            _ => self.open_app(),
        };
    }

    /// Everything comes to rest.
    fn end(&mut self) {
        self.apps.iter().for_each(|app| app.page.freeze(false));
        self.browser.network.fault_rate.set(0);
        self.browser.run();
        for waiting in self.waiting.drain(..).filter(|waiting| waiting.page.is_alive()) {
            let result = waiting.call.take();
            let result = result.unwrap_or_else(|| panic!("{} does not end", waiting.name));
            let said = result.map_or_else(|error| error.code().to_owned(), |_| "ok".to_owned());
            self.results.push((waiting.name, said));
        }
    }

    fn check(&self) {
        let server = self.browser.server.borrow();
        assert!(server.violations.is_empty(), "{:?}", server.violations);
        assert_eq!(self.browser.locks.names(), [""; 0], "no lock is left");
        check_refreshes(&self.browser);
        if self.plot.kind == StorageKind::Session {
            return;
        }
        let session = self.apps[0].session();
        for app in &self.apps {
            assert!(app.session() == session, "tabs have the same session");
            assert!(app.client.is_persisted());
        }
        if self.sign_outs == 0 && server.reuses == 0 {
            assert!(session.is_some(), "nobody signed out: {:?}", self.results);
        }
    }

    /// In the middle of everything the user signs out: what was under way comes back to nobody, in any tab.
    fn check_sign_out(&mut self) {
        for _ in 0..self.browser.below(12) {
            let app = self.apps[self.browser.below(self.apps.len())].clone();
            match self.browser.below(3) {
                0 => self.upgrade(&app),
                1 => self.fetch(&app),
                _ => drop(app.forced_token()),
            }
            self.steps(20);
        }
        self.sign_outs += 1;
        let app = &self.apps[self.browser.below(self.apps.len())];
        let signing_out = app.sign_out(self.browser.below(2) == 0);
        self.end();
        assert!(signing_out.take().unwrap().is_ok());
        for app in &self.apps {
            assert!(app.session().is_none(), "signed out is signed out");
        }
        let prefix = self.apps[0].client.config().storage_prefix();
        let key = [&prefix, "session"].concat();
        for texts in [&self.browser.local, &self.browser.indexed_db] {
            assert!(!texts.borrow().contains_key(&key), "nothing is stored");
        }
    }

    /// After all that, every tab has the token that is stored.
    fn check_tokens(&mut self) {
        self.browser.clock.advance(130_000.0);
        let tokens: Vec<_> = self.apps.iter().map(App::token).collect();
        self.browser.run();
        let is_quiet = self.plot.fault_rate == 0 && !self.plot.has_deaths;
        for (app, token) in self.apps.iter().zip(tokens) {
            match token.take().unwrap_or_else(|| panic!("the token does not come")) {
                Ok(token) => {
                    assert_eq!(Some(token.secret()), app.stored_token().as_deref());
                    let server = self.browser.server.borrow();
                    let scopes = server.scopes_of(token.secret(), self.browser.seconds());
                    assert!(scopes.is_some(), "the server takes the token");
                }
                Err(error) => assert!(!is_quiet || app.session().is_none(), "{error}"),
            }
        }
    }
}

/// A refresh token is sent once; once more by a page that was loaded after it was noted as sent, where nobody knows what
/// came of it; and again where the server said that it was not used.
fn check_refreshes(browser: &Browser) {
    let refreshes = browser.network.refreshes.borrow();
    let is_refused = |sent: &SentToken| sent.status.is_some_and(|status| status >= 400);
    for (index, second) in refreshes.iter().enumerate() {
        let before: Vec<_> = refreshes[..index]
            .iter()
            .filter(|first| first.token == second.token)
            .collect();
        let Some(first) = before.last().filter(|first| !is_refused(first)) else {
            continue;
        };
        let unknown = before.iter().filter(|first| !is_refused(first)).count();
        assert_eq!(unknown, 1, "sent three times: {refreshes:#?}");
        let is_later = second.loaded_at > noted_at(browser, first);
        assert!(
            is_later && second.page != first.page,
            "sent twice: {first:?} {second:?}"
        );
    }
}

/// When a refresh token was noted as sent, before it was.
fn noted_at(browser: &Browser, sent: &SentToken) -> f64 {
    let writes = browser.writes.borrow();
    let texts = writes.iter().rev().filter_map(|(_, text)| text.as_deref());
    let notes = texts.filter(|text| text.contains(&sent.token)).flat_map(|text| {
        let record: serde_json::Value = serde_json::from_str(text).unwrap();
        let grants = record["grants"].as_array().cloned().unwrap_or_default();
        let refreshes = grants.into_iter().map(|grant| grant["refresh"].clone());
        refreshes.filter(|refresh| refresh["token"] == *sent.token && refresh["sent"]["at"].is_number())
    });
    let times = notes.map(|refresh| refresh["sent"]["at"].as_f64().unwrap());
    times
        .filter(|at| *at <= sent.sent_at)
        .next()
        .unwrap_or_else(|| panic!("sent without a note: {sent:?}"))
}

fn tell(plot: Plot, seed: u64) -> Vec<(&'static str, String)> {
    let mut story = Story::new(plot, seed);
    for _ in 0..10 + story.browser.below(30) {
        story.act();
        story.steps(25);
    }
    story.end();
    if plot.kind == StorageKind::IndexedDb {
        // A tab that dies between its write and its word leaves the others to look when they are looked at.
        story.apps.iter().for_each(|app| story.browser.resume(&app.page));
        story.browser.run();
    }
    story.check();
    story.check_tokens();
    story.check();
    story.check_sign_out();
    story.check();
    let results = std::mem::take(&mut story.results);
    let browser = story.browser.clone();
    drop(story);
    browser.close();
    results
}

/// Tells the stories of many seeds, and which calls came to something at all.
fn tell_all(plot: Plot, seeds: std::ops::Range<u64>) {
    let mut ends = std::collections::BTreeMap::new();
    for seed in seeds {
        let told = catch_unwind(AssertUnwindSafe(|| tell(plot, seed)));
        let results = told.unwrap_or_else(|panic| {
            eprintln!("seed {seed} of {plot:?}");
            resume_unwind(panic)
        });
        for result in results {
            *ends.entry(result).or_insert(0) += 1;
        }
    }
    for name in ["token", "forced token", "upgrade", "callback", "fetch", "user info"] {
        let count = ends.get(&(name, "ok".to_owned())).copied().unwrap_or(0);
        assert!(count >= 20, "{name} hardly ever comes to anything: {ends:#?}");
    }
}

#[test]
fn tabs_that_share_a_session_share_its_refreshes() {
    tell_all(Plot::CALM, 0..1_000);
}

#[test]
fn tabs_whose_requests_fail() {
    let plot = Plot {
        fault_rate: 3,
        ..Plot::CALM
    };
    tell_all(plot, 10_000..11_000);
}

#[test]
fn tabs_that_die_and_freeze_while_users_sign_out() {
    let plot = Plot {
        fault_rate: 6,
        has_deaths: true,
        has_sign_outs: true,
        has_frozen_tabs: true,
        ..Plot::CALM
    };
    tell_all(plot, 20_000..21_000);
}

#[test]
fn tabs_that_die_over_indexed_db() {
    let plot = Plot {
        kind: StorageKind::IndexedDb,
        fault_rate: 6,
        has_deaths: true,
        has_sign_outs: true,
        ..Plot::CALM
    };
    tell_all(plot, 30_000..33_000);
}

#[test]
fn tabs_with_sessions_of_their_own() {
    let plot = Plot {
        kind: StorageKind::Session,
        fault_rate: 6,
        has_deaths: true,
        has_sign_outs: true,
        has_frozen_tabs: true,
    };
    tell_all(plot, 40_000..41_000);
}
