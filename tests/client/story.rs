//! A story of several tabs: what happens to them, and what comes of their calls.

use std::rc::Rc;

use scopewise::client::{
    FetchError, FetchOptions, InteractionMode, OnMissing, SignInOptions, SignOutOptions, TokenOptions,
};
use scopewise::core::authorize::Outcome;
use scopewise::core::error::{Error, Result};
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, known_options, options, set};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call, FakePage};
use crate::server::{Decision, ORIGIN};

/// Seconds that an access token lasts.
const LIFETIME: i64 = 120;

/// What may happen in a story.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) kind: StorageKind,
    /// One in so many token requests fails; none with 0.
    pub(super) fault_rate: usize,
    pub(super) has_deaths: bool,
    pub(super) has_sign_outs: bool,
    pub(super) has_frozen_tabs: bool,
    /// Tokens are bound to a key.
    pub(super) is_bound: bool,
}

impl Plot {
    pub(super) const CALM: Plot = Plot {
        kind: StorageKind::Local,
        fault_rate: 0,
        has_deaths: false,
        has_sign_outs: false,
        has_frozen_tabs: false,
        is_bound: false,
    };
}

/// A call whose end is waited for.
struct Waiting {
    page: Rc<FakePage>,
    name: &'static str,
    call: Call<Result<String>>,
}

pub(super) struct Story {
    pub(super) plot: Plot,
    pub(super) browser: Rc<Browser>,
    pub(super) apps: Vec<App>,
    waiting: Vec<Waiting>,
    pub(super) sign_outs: usize,
    /// What the calls came to.
    pub(super) results: Vec<(&'static str, String)>,
}

impl Story {
    pub(super) fn new(plot: Plot, seed: u64) -> Story {
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
        let options = if self.plot.is_bound {
            options.with_dpop()
        } else {
            options
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

    pub(super) fn steps(&self, most: usize) {
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
    pub(super) fn act(&mut self) {
        let index = self.browser.below(self.apps.len());
        let app = self.apps[index].clone();
        match self.browser.below(20) {
            0..5 => self.ask_for_token(&app, TokenOptions::default()),
            5 | 6 => {
                self.ask_for_token(&app, TokenOptions::default().with_force_refresh());
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
            16 if self.plot.has_deaths && self.browser.below(3) == 0 => self.duplicate(index),
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

    pub(super) fn upgrade(&mut self, app: &App) {
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

    pub(super) fn fetch(&mut self, app: &App) {
        self.decide();
        let request: Rc<FakeCall> = FakeCall::new(&app.page, "https://app.example/api", "write");
        let options = FetchOptions::default().with_on_missing(OnMissing::Popup);
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
        let mut options = SignOutOptions::default();
        options.is_local = is_local;
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

    /// The user duplicates a tab, and closes another one.
    fn duplicate(&mut self, index: usize) {
        let original = &self.apps[(index + 1) % self.apps.len()];
        let page = self.browser.load(original.page.tab.copy(), ORIGIN);
        let copy = App::open(page, self.plot.kind, known_options());
        self.apps[index].page.end();
        self.apps[index] = copy;
    }

    /// Everything comes to rest.
    pub(super) fn end(&mut self) {
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
}
