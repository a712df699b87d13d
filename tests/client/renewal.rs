//! Renewing a token: what a call does that comes to another's refresh, or to one that cannot be.

use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, InteractionMode, SignInOptions, TokenOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::error::Result;
use scopewise::core::secret::AccessToken;
use scopewise::core::session::RefreshState;
use scopewise::core::target::Target;
use scopewise::host::{ApiRequest, StorageKind};
use serde_json::json;

use crate::app::{App, code, options, set};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call, Fate};
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

#[test]
fn calls_at_once_take_one_turn_together() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Local);
    browser.run();
    for is_forced in [false, true] {
        browser.clock.advance(HOUR);
        let before = browser.locks.requests();
        let calls: Vec<_> = (0..10)
            .map(|_| if is_forced { app.forced_token() } else { app.token() })
            .collect();
        browser.run();
        assert!(calls.iter().all(|call| call.take().unwrap().is_ok()));
        // Its turn, and the record before the request and after it.
        assert_eq!(browser.locks.requests() - before, 3, "{is_forced}");
    }
}

/// Somebody with tokens for two APIs that have run out, and the second API.
fn with_two_apis(browser: &Rc<Browser>) -> (App, Target) {
    let app = App::signed_in(browser, StorageKind::Session);
    let api = Target::new(Some("two".to_owned()), Vec::new()).unwrap();
    let options =
        SignInOptions::new(InteractionMode::Popup).with_authorize(AuthorizeOptions::default().with_target(api.clone()));
    let call = app.client.upgrade(set("write"), options);
    Call::start(&app.page, call).wait(browser).unwrap();
    browser.clock.advance(HOUR);
    (app, api)
}

fn token_for(app: &App, api: &Target) -> Call<Result<AccessToken>> {
    let options = TokenOptions::default().with_target(api.clone());
    app.start(|client| async move { client.get_access_token(options).await })
}

#[test]
fn calls_at_once_for_two_apis_get_a_token_each() {
    let browser = Browser::new(1);
    let (app, api) = with_two_apis(&browser);
    let before = browser.locks.requests();
    let of_api = || token_for(&app, &api);
    let (first, second) = ([app.token(), app.token()], [of_api(), of_api()]);
    browser.run();
    let [first, second] = [first, second].map(|calls| calls.map(|call| call.take().unwrap().unwrap()));
    assert!(first[0] == first[1] && second[0] == second[1] && first[0] != second[0]);
    assert_eq!((refreshed(&browser), browser.locks.requests() - before), (2, 6));
}

#[test]
fn a_silent_question_for_one_api_that_came_to_nothing_puts_off_no_other() {
    let browser = Browser::new(1);
    let (app, api) = with_two_apis(&browser);
    let of_api = || token_for(&app, &api);
    browser.network.next(Fate::LostAnswer);
    assert_eq!(code(of_api().wait(&browser)), "token_response_lost");
    browser.server.borrow_mut().user = None;
    for _ in 0..2 {
        assert_eq!(code(of_api().wait(&browser)), "login_required");
    }
    assert!(app.token().wait(&browser).is_ok());
}

#[test]
fn a_page_with_a_refusal_looks_for_what_another_tab_has_since() {
    for kind in [StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.clock.advance(HOUR);
        browser.network.next(Fate::Status(401));
        assert_eq!(code(app.token().wait(&browser)), "http");
        app.page.is_away.set(true);
        let token = other.forced_token().wait(&browser).unwrap();
        assert_ne!(app.stored_token().as_deref(), Some(token.secret()));
        assert_eq!(app.token().wait(&browser).unwrap(), token, "{kind:?}");
    }
}

#[test]
fn a_page_that_is_to_wait_before_it_tries_again_takes_what_another_tab_is_getting() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Local);
    let other = App::in_tab(&browser, StorageKind::Local);
    browser.clock.advance(HOUR);
    browser.network.next(Fate::Status(503));
    assert_eq!(code(app.token().wait(&browser)), "http");
    browser.network.next(Fate::Slow(300));
    let getting = other.token();
    browser.run_until(|| refreshed(&browser) == 2);
    assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1");
    assert_eq!(getting.wait(&browser).unwrap().secret(), "access-1");
}

#[test]
fn where_one_tab_asked_silently_in_vain_the_others_wait_a_minute() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Local);
    let other = App::in_tab(&browser, StorageKind::Local);
    browser.clock.advance(HOUR);
    browser.network.next(Fate::LostAnswer);
    assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
    browser.server.borrow_mut().user = None;
    assert_eq!(code(app.token().wait(&browser)), "login_required");
    assert!(app.page.frame_question.take().is_some());
    browser.clock.advance(50_000.0);
    assert_eq!(code(other.token().wait(&browser)), "token_response_lost");
    assert!(other.page.frame_question.take().is_none(), "it was asked a moment ago");
    browser.clock.advance(10_000.0);
    assert_eq!(code(other.token().wait(&browser)), "login_required");
    assert!(other.page.frame_question.take().is_some());
}

#[test]
fn nobody_waits_for_a_token_to_be_given_up() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.network.next(Fate::Slow(500));
    let refreshing = app.forced_token();
    browser.run_until(|| refreshed(&browser) == 1);
    app.sign_out(true).wait(&browser).unwrap();
    browser.network.next(Fate::Slow(5_000));
    browser.run_until(|| browser.network.count("/revoke") == 1);
    browser.run_now();
    assert!(!refreshing.is_done() && browser.locks.names().is_empty());
    assert_eq!(code(refreshing.wait(&browser)), "not_signed_in");
}

#[test]
fn a_tab_that_hears_of_a_sign_out_before_its_refresh_token_leaves_sends_it_not() {
    let mut unsent = 0;
    for seed in 0..40 {
        let browser = Browser::new(seed);
        let [app, other] = [StorageKind::Session; 2].map(|kind| App::signed_in(&browser, kind));
        browser.run();
        let refreshing = app.forced_token();
        let is_noted = || app.session().unwrap().grants()[0].refresh().unwrap().state() != RefreshState::Ready;
        assert!(browser.run_until(is_noted));
        // It is frozen with the lock of the record, for which nobody waits for ever.
        app.page.freeze(true);
        other.sign_out(true).wait(&browser).unwrap();
        app.page.freeze(false);
        assert_eq!(code(refreshing.wait(&browser)), "not_signed_in");
        unsent += usize::from(refreshed(&browser) == 0);
        browser.close();
    }
    assert!(unsent > 0, "some hear of it in time");
}

#[test]
fn a_token_that_lasts_a_little_is_better_than_none_where_another_tabs_turn_does_not_end() {
    for count in [1, 3] {
        let browser = Browser::new(1);
        let (app, other) = (
            App::signed_in(&browser, StorageKind::Local),
            App::in_tab(&browser, StorageKind::Local),
        );
        browser.clock.advance(2_500_000.0);
        let _frozen = other.forced_token();
        assert!(browser.run_until(|| refreshed(&browser) == 1));
        other.page.freeze(true);
        let lasting = || {
            let options = TokenOptions::default().with_min_validity(1_700);
            app.start(|client| async move { client.get_access_token(options).await })
        };
        let calls: Vec<_> = (0..count).map(|_| lasting()).collect();
        browser.run();
        for call in calls {
            assert_eq!(call.take().unwrap().unwrap().secret(), "access-0", "{count}");
        }
        // Whoever wants another one hears that there is none.
        assert_eq!(code(app.forced_token().wait(&browser)), "timeout");
        assert_eq!(refreshed(&browser), 1);
        browser.close();
    }
}

#[test]
fn a_page_whose_storage_is_behind_sends_nothing_and_gives_what_it_has() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Local);
    browser.run();
    app.page.is_behind.set(true);
    browser.clock.advance(2_500_000.0);
    let lasting = TokenOptions::default().with_min_validity(1_700);
    let lasting = app.start(|client| async move { client.get_access_token(lasting).await });
    assert_eq!(lasting.wait(&browser).unwrap().secret(), "access-0");
    let error = app.forced_token().wait(&browser).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("timeout", true));
    assert_eq!(refreshed(&browser), 0);
    app.page.is_behind.set(false);
    assert_eq!(app.forced_token().wait(&browser).unwrap().secret(), "access-1");
}
