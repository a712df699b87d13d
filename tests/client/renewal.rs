//! Renewing a token: what a call does that comes to another's refresh, or to one that cannot be.

use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, TokenOptions};
use scopewise::host::{ApiRequest, StorageKind};
use serde_json::json;

use crate::app::{App, code, options};
use crate::host::api::FakeCall;
use crate::host::{Browser, Fate};
use crate::server::{ORIGIN, answer};

/// Until a token that lasts an hour has run out.
const HOUR: f64 = 3_601_000.0;

fn refreshed(browser: &Browser) -> usize {
    browser.network.grants("refresh_token")
}

/// How often metadata was asked for.
fn discoveries(browser: &Browser) -> usize {
    let requests = browser.network.requests.borrow();
    requests.iter().filter(|(url, _)| url.contains("/.well-known/")).count()
}

/// A page that has a session, and no metadata yet.
fn reopened(browser: &Rc<Browser>, kind: StorageKind) -> App {
    let before = App::open(browser.open_tab(ORIGIN), kind, options());
    before.popup().unwrap();
    before.reload(ORIGIN)
}

#[test]
fn an_api_that_does_not_take_the_token_is_no_reason_to_send_a_refresh_token_that_was_refused() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.network.next(Fate::Scripted(Box::new(|_| {
        answer(401, json!({ "error": "invalid_client" }))
    })));
    assert_eq!(code(app.forced_token().wait(&browser)), "invalid_client");
    browser.server.borrow_mut().forget_access_tokens();
    let call = FakeCall::new(&app.page, "https://app.example/api", "read");
    let sent = {
        let call = call.clone();
        app.start(|client| async move {
            let call: &dyn ApiRequest = &*call;
            client.fetch(call, &FetchOptions::default()).await
        })
    };
    match sent.wait(&browser) {
        Ok(response) => assert_eq!(response.status, 401),
        Err(FetchError::Client(error)) => panic!("{error}"),
        Err(FetchError::NotAnswered) => panic!("not answered"),
    }
    assert_eq!((refreshed(&browser), call.count.get()), (1, 1));
}

#[test]
fn whoever_insists_on_another_token_is_not_content_with_a_refresh_that_brought_none() {
    for seed in 0..30 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        // It does not last as long as one call wants, and is good enough where there is no other.
        browser.clock.advance(2_500_000.0);
        browser.network.next(Fate::NotSent);
        let lasting = TokenOptions::default().with_min_validity(1_700);
        let content = app.start(|client| async move { client.get_access_token(lasting).await });
        let insisting = app.forced_token();
        browser.run();
        assert_eq!(content.take().unwrap().unwrap().secret(), "access-0", "{seed}");
        match insisting.take().unwrap() {
            Ok(token) => assert_eq!(token.secret(), "access-1", "{seed}"),
            Err(error) => assert!(error.is_retryable(), "{seed}: {error}"),
        }
        browser.close();
    }
}

#[test]
fn metadata_that_is_out_of_reach_puts_off_the_next_try() {
    let browser = Browser::new(1);
    let app = reopened(&browser, StorageKind::Session);
    browser.clock.advance(HOUR);
    let before = discoveries(&browser);
    browser.network.next(Fate::Status(503));
    assert_eq!(code(app.token().wait(&browser)), "http");
    let asked = discoveries(&browser);
    assert_eq!(asked - before, 1);
    assert_eq!(code(app.token().wait(&browser)), "http");
    assert_eq!(discoveries(&browser), asked, "it is too early to try again");
    browser.clock.advance(3_000.0);
    app.token().wait(&browser).unwrap();
}

#[test]
fn metadata_that_is_unsound_puts_off_nothing() {
    let browser = Browser::new(1);
    let app = reopened(&browser, StorageKind::Session);
    browser.clock.advance(HOUR);
    let unsound = || Fate::Scripted(Box::new(|_| answer(200, json!({ "issuer": "https://evil.example" }))));
    browser.network.next(unsound());
    assert_eq!(code(app.token().wait(&browser)), "metadata_invalid");
    // The server was mended.
    app.token().wait(&browser).unwrap();
}

#[test]
fn a_token_that_nobody_may_renew_puts_off_nothing() {
    let browser = Browser::new(1);
    let app = reopened(&browser, StorageKind::Local);
    app.page.is_without_locks.set(true);
    browser.clock.advance(HOUR);
    for _ in 0..2 {
        let before = discoveries(&browser);
        browser.network.next(Fate::Status(503));
        code(app.token().wait(&browser));
        assert_eq!(discoveries(&browser) - before, 1);
    }
    assert_eq!(refreshed(&browser), 0);
}

#[test]
fn a_page_in_a_frame_asks_nobody_silently_in_place_of_a_refresh() {
    for (is_framed, asks) in [(true, false), (false, true)] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        app.page.is_framed.set(is_framed);
        browser.clock.advance(HOUR);
        browser.network.next(Fate::LostAnswer);
        assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
        let result = app.token().wait(&browser);
        assert_eq!(result.is_ok(), asks);
        assert_eq!(app.page.frame_question.take().is_some(), asks);
    }
}
