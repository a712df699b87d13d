//! The same answer, handled more than once: at once, after a reload, in another tab, after a failure.

use scopewise::client::{Client, SignInOptions};
use scopewise::host::{Page as _, StorageKind};

use crate::app::{App, code, known_options, options, returned, returned_without_metadata, with_state};
use crate::host::{Browser, Call, Fate};
use crate::server::{CALLBACK, Decision};

#[test]
fn calls_that_come_while_the_pages_answer_is_handled_get_the_same_outcome() {
    for seed in 0..30 {
        let browser = Browser::new(seed);
        let app = returned(&browser, StorageKind::Session);
        let other = App::open(app.page.clone(), StorageKind::Session, known_options());
        let calls = [app.handle(), app.handle(), other.handle()];
        browser.run();
        for call in calls {
            let outcome = call.take().unwrap().unwrap().unwrap();
            assert_eq!(outcome.app_state.as_deref(), Some("{\"page\":7}"), "{seed}");
        }
        assert!(other.session().is_some());
        assert_eq!(browser.network.grants("authorization_code"), 1);
        // It is over: the page's URL is any other.
        assert_eq!(app.handled().unwrap(), None);
        assert_eq!(other.handled().unwrap(), None);
        browser.close();
    }
}

#[test]
fn calls_that_come_while_a_failure_is_told_hear_the_same() {
    for expected in ["access_denied", "transaction_expired", "http"] {
        let browser = Browser::new(1);
        let app = App::in_tab(&browser, StorageKind::Session);
        drop(app.client.sign_in(SignInOptions::default()));
        match expected {
            "access_denied" => browser.server.borrow_mut().decide(Decision::Deny),
            "transaction_expired" => browser.clock.advance(3_601_000.0),
            _ => browser.network.next(Fate::Status(500)),
        }
        let app = app.follow();
        let calls = [(); 3].map(|()| app.client.handle_callback(None));
        let calls = calls.map(|call| Call::start(&app.page, call));
        browser.run();
        for call in calls {
            assert_eq!(code(call.take().unwrap()), expected);
        }
        assert_eq!(app.handled().unwrap(), None);
    }
}

#[test]
fn c005_the_same_callback_handled_again_comes_to_the_same() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    let url = app.page.url();
    let first = app.handled().unwrap().unwrap();
    let again = app.reload(&url);
    assert_eq!(again.handled().unwrap().unwrap(), first);
    again.sign_out(true).wait(&browser).unwrap();
    assert_eq!(code(again.reload(&url).handled()), "callback_consumed");
    assert_eq!(browser.network.grants("authorization_code"), 1);
}

#[test]
fn c006_the_same_callback_handled_at_once_is_one_exchange() {
    for seed in 0..200 {
        let browser = Browser::new(seed);
        let app = returned(&browser, StorageKind::Session);
        let url = app.page.url();
        let other = App::open(app.page.clone(), app.kind, known_options());
        let handle = |client: &Client| Call::start(&app.page, client.handle_callback(Some(&url)));
        let calls = [&app, &app, &other, &other].map(|app| handle(&app.client));
        browser.run();
        let outcomes = calls.map(|call| call.take().unwrap().unwrap().unwrap());
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
        assert!(app.session().is_some() && app.session() == other.session());
        assert_eq!(browser.network.grants("authorization_code"), 1);
        assert!(browser.server.borrow().violations.is_empty());
        browser.close();
    }
}

#[test]
fn c009_a_code_that_was_on_its_way_when_the_page_went_is_not_sent_again() {
    for seed in 0..100 {
        let browser = Browser::new(seed);
        let app = returned(&browser, StorageKind::Session);
        let url = app.page.url();
        browser.network.next(Fate::Timeout);
        let call = app.handle();
        for _ in 0..browser.below(20) {
            browser.step();
        }
        assert!(!call.is_done());
        let was_sent = browser.network.grants("authorization_code");
        let again = app.reload(&url);
        let result = again.handled();
        if was_sent == 1 {
            assert_eq!(code(result), "token_response_lost");
        }
        assert!(browser.network.grants("authorization_code") <= 1);
        assert!(browser.server.borrow().violations.is_empty());
        browser.close();
    }
}

#[test]
fn c012_where_tabs_share_their_requests_an_answer_in_another_tab_uses_its_code_once() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Local);
    drop(app.client.sign_in(with_state("7")));
    let request = app.page.destination().unwrap();
    let url = browser.server.borrow_mut().authorize(&request, browser.seconds()).url();
    let other = App::open(browser.open_tab(&url), StorageKind::Local, known_options());
    let outcome = other.handled().unwrap();
    assert!(outcome.is_some());
    assert_eq!(app.reload(&url).handled().unwrap(), outcome);
    assert_eq!(browser.network.grants("authorization_code"), 1);
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn a_code_that_did_not_leave_may_be_sent_again() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    let url = app.page.url();
    browser.network.next(Fate::NotSent);
    let error = app.handled().unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("network", true));
    assert!(app.reload(&url).handled().unwrap().is_some());
}

#[test]
fn an_answer_that_could_not_be_handled_yet_is_still_the_pages() {
    for is_like in [false, true] {
        let browser = Browser::new(1);
        let app = returned_without_metadata(&browser);
        let retry = match is_like {
            true => App::open(app.page.clone(), StorageKind::Session, options()),
            false => app.clone(),
        };
        for _ in 0..2 {
            browser.network.next(Fate::LostRequest);
            browser.network.next(Fate::LostRequest);
            let error = app.handled().unwrap_err();
            assert_eq!((error.code(), error.is_retryable()), ("network", true));
        }
        assert_eq!(app.page.url(), CALLBACK);
        let calls = [retry.handle(), retry.handle()];
        browser.run();
        for call in calls {
            let outcome = call.take().unwrap().unwrap().unwrap();
            assert_eq!(outcome.app_state.as_deref(), Some("7"));
        }
        assert_eq!(browser.network.grants("authorization_code"), 1);
        // It is over: the page's URL is any other.
        assert_eq!(app.handled().unwrap(), None);
        assert_eq!(retry.handled().unwrap(), None);
    }
}

#[test]
fn a_lost_answer_is_said_and_the_code_not_sent_again() {
    for fate in [Fate::LostAnswer, Fate::LostRequest, Fate::Timeout, Fate::Status(503)] {
        let browser = Browser::new(1);
        let app = returned(&browser, StorageKind::Session);
        let url = app.page.url();
        let expected = match fate {
            Fate::Timeout => "timeout",
            Fate::Status(_) => "http",
            _ => "token_response_lost",
        };
        browser.network.next(fate);
        let error = app.handled().unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), (expected, false));
        assert_eq!(code(app.reload(&url).handled()), "callback_consumed");
        assert_eq!(browser.network.grants("authorization_code"), 1);
    }
}

#[test]
fn once_an_answer_is_handled_the_pages_url_is_any_other() {
    let browser = Browser::new(1);
    let app = returned(&browser, StorageKind::Session);
    assert!(app.handled().unwrap().is_some());
    assert_eq!(app.handled().unwrap(), None);
    // It may be worth another request, and is an answer all the same.
    browser
        .server
        .borrow_mut()
        .decide(Decision::Error("temporarily_unavailable"));
    let app = returned(&browser, StorageKind::Session);
    let error = app.handled().unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("temporarily_unavailable", true));
    assert_eq!(app.handled().unwrap(), None);
}
