//! Two to ten tabs that refresh, upgrade, sign in and out, freeze and die, in any order and at any await.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use scopewise::host::StorageKind;

use crate::app::App;
use crate::host::{Browser, SentToken};
use crate::story::{Plot, Story};

impl Story {
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
pub(super) fn check_refreshes(browser: &Browser) {
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
    let mut times = notes.map(|refresh| refresh["sent"]["at"].as_f64().unwrap());
    times
        .find(|at| *at <= sent.sent_at)
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
fn tell_all(plot: Plot, seeds: Range<u64>) {
    let mut ends = BTreeMap::new();
    for seed in seeds {
        let told = catch_unwind(AssertUnwindSafe(|| tell(plot, seed)));
        let results = told.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            panic!("seed {seed} of {plot:?}: {}", text.unwrap_or("a panic"))
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
        has_frozen_tabs: true,
        ..Plot::CALM
    };
    tell_all(plot, 30_000..31_000);
}

#[test]
fn tabs_with_sessions_of_their_own() {
    let plot = Plot {
        kind: StorageKind::Session,
        fault_rate: 6,
        has_deaths: true,
        has_sign_outs: true,
        has_frozen_tabs: true,
        ..Plot::CALM
    };
    tell_all(plot, 40_000..41_000);
}

#[test]
fn tabs_whose_tokens_are_bound_to_a_key() {
    let plot = Plot {
        fault_rate: 6,
        has_deaths: true,
        has_sign_outs: true,
        has_frozen_tabs: true,
        is_bound: true,
        ..Plot::CALM
    };
    tell_all(plot, 50_000..51_000);
}
