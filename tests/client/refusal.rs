//! Refreshes that the server refuses, or that fail, and the end of a grant.

use std::collections::BTreeSet;

use scopewise::client::{InteractionMode, SignInOptions, TokenOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::http::Response;
use scopewise::core::provider::ProviderProfile;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, code, known_options, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{ORIGIN, answer, param};

/// Until a token that lasts an hour has run out.
const HOUR: f64 = 3_601_000.0;

fn refreshed(browser: &Browser) -> usize {
    browser.network.grants("refresh_token")
}

/// The token endpoint answers the next request so.
fn answers(browser: &Browser, status: u16, json: Option<serde_json::Value>) {
    let response = Response::new(status, json.map(|json| serde_json::from_value(json).unwrap()));
    browser.network.next(Fate::Scripted(Box::new(move |_| response)));
}

#[test]
fn an_answer_that_is_no_definite_refusal_may_have_used_the_refresh_token() {
    for status in [0, 200, 302, 500, 502, 504] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(HOUR);
        answers(&browser, status, None);
        let error = app.token().wait(&browser).unwrap_err();
        assert!(!error.is_retryable(), "{status}");
        // The server is asked silently instead.
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1");
        assert_eq!(refreshed(&browser), 1, "{status}");
        assert_eq!(browser.server.borrow().reuses, 0);
    }
}

#[test]
fn a_server_that_says_not_now_gets_the_refresh_token_again_later() {
    for status in [408, 425, 429, 503] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(HOUR);
        answers(&browser, status, None);
        assert!(app.token().wait(&browser).unwrap_err().is_retryable(), "{status}");
        assert!(app.has("read"), "{status}");
        browser.clock.advance(3_000.0);
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1", "{status}");
        assert_eq!(refreshed(&browser), 2);
    }
}

#[test]
fn a_refresh_that_is_refused_for_good_is_not_asked_for_again() {
    for (status, json, expected) in [
        (401, Some(json!({ "message": "no" })), "http"),
        (400, None, "http"),
        (404, None, "http"),
        (401, Some(json!({ "error": "invalid_client" })), "invalid_client"),
        (
            400,
            Some(json!({ "error": "interaction_required" })),
            "interaction_required",
        ),
        (200, Some(json!({ "error": "bad_refresh_token" })), "bad_refresh_token"),
    ] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let (changes, _subscription) = app.count_changes();
        browser.clock.advance(3_580_000.0);
        answers(&browser, status, json.clone());
        // The token lasts a little.
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-0");
        assert!(app.has("read"));
        browser.clock.advance(21_000.0);
        for _ in 0..3 {
            let error = app.token().wait(&browser).unwrap_err();
            assert_eq!((error.code(), error.is_retryable()), (expected, false), "{status}");
        }
        browser.resume(&app.page);
        browser.run();
        assert_eq!(refreshed(&browser), 1, "{status}");
        assert!(app.session().is_some() && !app.has("read"));
        assert!(changes.get() > 0);
        // Whoever insists, or loads the page again, asks again.
        assert_eq!(app.forced_token().wait(&browser).unwrap().secret(), "access-1");
        assert!(app.has("read"));
        browser.clock.advance(HOUR);
        answers(&browser, status, json);
        assert_eq!(code(app.token().wait(&browser)), expected);
        assert!(app.reload(ORIGIN).token().wait(&browser).is_ok());
    }
}

#[test]
fn what_a_tab_knows_of_a_refusal_lasts_while_others_write_and_until_one_succeeds() {
    for kind in [StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        browser.server.borrow_mut().rotates = false;
        let app = App::signed_in(&browser, kind);
        let other = App::in_tab(&browser, kind);
        browser.clock.advance(HOUR);
        answers(&browser, 401, None);
        assert_eq!(code(app.token().wait(&browser)), "http");
        browser.run();
        assert!(!app.has("read") && other.has("read"));
        // A request that does not leave is noted twice.
        browser.network.next(Fate::NotSent);
        assert_eq!(code(other.token().wait(&browser)), "network");
        browser.run();
        assert_eq!(code(app.token().wait(&browser)), "http");
        browser.clock.advance(60_000.0);
        assert_eq!(other.token().wait(&browser).unwrap().secret(), "access-1");
        browser.run();
        assert!(app.has("read"));
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1");
        // The refresh token is the same, and was not refused any more: it is sent when the next one is needed.
        browser.clock.advance(HOUR);
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-2");
    }
}

#[test]
fn what_a_server_calls_invalid_grant_ends_the_session() {
    let browser = Browser::new(1);
    let options = known_options().with_provider(ProviderProfile::known("github").unwrap());
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    answers(&browser, 200, Some(json!({ "error": "bad_refresh_token" })));
    assert_eq!(code(app.forced_token().wait(&browser)), "invalid_grant");
    assert!(app.session().is_none());
}

#[test]
fn c069_a_server_that_fails_leaves_the_session_and_is_asked_again_a_little_later() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(HOUR);
    browser.network.next(Fate::Status(503));
    let error = app.token().wait(&browser).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("http", true));
    for _ in 0..5 {
        assert_eq!(code(app.token().wait(&browser)), "http");
    }
    assert_eq!(refreshed(&browser), 1);
    browser.clock.advance(3_000.0);
    assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1");
}

#[test]
fn the_end_of_the_default_grant_is_a_change_that_is_told_once() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().issues_refresh_tokens = false;
    browser.server.borrow_mut().lifetime = 12;
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.run();
    let (changes, _subscription) = app.count_changes();
    let end = app.session().unwrap().grants()[0].expires_at().unwrap() as f64 * 1_000.0;
    assert_eq!(browser.clock.alarms(), 1, "one timer for each client");
    assert_eq!(browser.clock.next_alarm(), Some(end));
    browser.clock.advance(end - 1.0 - browser.clock.now());
    browser.run();
    assert_eq!((app.client.is_expired(), changes.get()), (false, 0));
    browser.clock.advance(1.0);
    browser.run();
    assert!(app.client.is_expired() && !app.has("read") && app.session().is_some());
    assert_eq!((changes.get(), browser.clock.alarms()), (1, 0));
    for _ in 0..3 {
        browser.clock.advance(60_000.0);
        browser.resume(&app.page);
        browser.run();
    }
    assert_eq!(changes.get(), 1);
    // A page that finds it so is told nothing, and a sign-in is the next change.
    let app = app.reload(ORIGIN);
    assert!(app.client.is_expired());
    let (changes, _subscription) = app.count_changes();
    browser.clock.advance(60_000.0);
    browser.run();
    assert_eq!(changes.get(), 0);
    app.popup().unwrap();
    assert_eq!((app.client.is_expired(), changes.get()), (false, 1));
    app.client.close();
    assert_eq!(browser.clock.alarms(), 0);
}

#[test]
fn a_grant_that_can_be_renewed_does_not_end_until_its_renewal_is_refused() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.run();
    assert_eq!(browser.clock.alarms(), 0);
    browser.clock.advance(3_580_000.0);
    answers(&browser, 401, None);
    assert!(app.token().wait(&browser).is_ok());
    let (changes, _subscription) = app.count_changes();
    assert!(!app.client.is_expired());
    browser.clock.advance(30_000.0);
    browser.run();
    assert_eq!((app.client.is_expired(), changes.get()), (true, 1));
    // A device that slept: the timer is late, and the page is looked at before.
    let app = app.reload(ORIGIN);
    browser.server.borrow_mut().issues_refresh_tokens = false;
    app.popup().unwrap();
    let (changes, _subscription) = app.count_changes();
    app.page.freeze(true);
    browser.clock.advance(HOUR);
    browser.resume(&app.page);
    app.page.freeze(false);
    browser.run();
    assert_eq!((app.client.is_expired(), changes.get()), (true, 1));
}

#[test]
fn tries_are_put_off_a_little_longer_each_time_until_one_succeeds() {
    for seed in 0..10 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(HOUR);
        for failures in 0..8_usize {
            answers(&browser, 503, None);
            assert!(app.token().wait(&browser).unwrap_err().is_retryable());
            assert_eq!(refreshed(&browser), failures + 1);
            let seconds = f64::from(1 << failures.min(6));
            browser.clock.advance((seconds / 2.0).floor() * 1_000.0);
            assert!(app.token().wait(&browser).unwrap_err().is_retryable());
            assert_eq!(refreshed(&browser), failures + 1, "too early");
            browser.clock.advance((seconds / 2.0).ceil() * 1_000.0 + 1_000.0);
        }
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1");
        // It begins anew.
        browser.clock.advance(HOUR);
        answers(&browser, 503, None);
        assert!(app.token().wait(&browser).unwrap_err().is_retryable());
        browser.clock.advance(2_000.0);
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-2");
    }
}

/// Seconds from one failure, after some others, to the next try.
fn seconds_to_the_next_try(seed: u64, failures: usize) -> i32 {
    let browser = Browser::new(seed);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(HOUR);
    for _ in 0..failures {
        browser.clock.advance(65_000.0);
        answers(&browser, 503, None);
        assert!(app.token().wait(&browser).unwrap_err().is_retryable());
    }
    let is_next = |_: &i32| {
        browser.clock.advance(1_000.0);
        app.token().wait(&browser).is_ok()
    };
    (1..100).find(is_next).unwrap()
}

#[test]
fn not_all_pages_try_again_at_the_same_moment() {
    assert_eq!(seconds_to_the_next_try(1, 1), 1, "at first it is a second for all");
    let tries: BTreeSet<i32> = (0..10).map(|seed| seconds_to_the_next_try(seed, 7)).collect();
    assert!(tries.len() > 5, "{tries:?}");
    assert!(tries.iter().all(|seconds| (33..=64).contains(seconds)), "{tries:?}");
}

#[test]
fn a_sign_in_puts_an_end_to_the_wait_for_the_next_try() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    answers(&browser, 503, None);
    assert_eq!(code(app.forced_token().wait(&browser)), "http");
    assert_eq!(code(app.forced_token().wait(&browser)), "http");
    assert_eq!(refreshed(&browser), 1, "it is too early");
    app.popup().unwrap();
    assert_eq!(app.forced_token().wait(&browser).unwrap().secret(), "access-2");
}

#[test]
fn a_page_that_is_looked_at_again_tries_at_once_where_the_network_was_at_fault() {
    for (fate, token) in [(Fate::NotSent, "access-1"), (Fate::Status(503), "access-0")] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(HOUR);
        browser.network.next(fate);
        assert!(app.token().wait(&browser).unwrap_err().is_retryable());
        browser.resume(&app.page);
        browser.run();
        assert_eq!(app.stored_token().as_deref(), Some(token));
    }
}

#[test]
fn a_page_that_is_looked_at_again_renews_a_token_that_is_about_to_end_and_no_other() {
    for (seconds, tries) in [(0.0, 0), (3_560.0, 0), (3_575.0, 1), (3_601.0, 1)] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(seconds * 1_000.0);
        browser.resume(&app.page);
        browser.run();
        assert_eq!(refreshed(&browser), tries, "{seconds}");
    }
    // There is nothing to do where nobody is signed in.
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    browser.resume(&app.page);
    browser.run();
    assert_eq!(refreshed(&browser), 0);
}

#[test]
fn what_is_refused_for_one_api_is_renewed_for_the_other() {
    for error in ["invalid_target", "invalid_scope", "unauthorized_client"] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let files = Target::new(None, vec!["https://files.example/".to_owned()]).unwrap();
        let authorize = AuthorizeOptions::default().with_target(files.clone());
        let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
        let upgrade = app.client.upgrade(set("upload"), options);
        Call::start(&app.page, upgrade).wait(&browser).unwrap();
        browser.clock.advance(3_700_000.0);
        let refusal = answer(400, json!({ "error": error }));
        browser.network.next(Fate::Scripted(Box::new(move |request| {
            let form = request.form.as_deref().unwrap();
            assert_eq!(param(form, "resource").as_deref(), Some("https://files.example/"));
            refusal
        })));
        let of_files = || {
            let options = TokenOptions::default().with_target(files.clone());
            let call = app.start(|client| async move { client.get_access_token(options).await });
            code(call.wait(&browser))
        };
        assert_eq!((of_files(), of_files()), (error.to_owned(), error.to_owned()));
        assert!(app.token().wait(&browser).is_ok());
        assert_eq!(browser.network.grants("refresh_token"), 2, "none is sent in vain");
        let has_upload = app.client.has_scope(&set("upload"), Some(&files));
        assert!(app.has("read") && !has_upload.unwrap());
    }
}
