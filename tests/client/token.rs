//! `get_access_token` and `user_info`.

use scopewise::client::TokenOptions;
use scopewise::core::scope::ScopeSet;
use scopewise::core::target::Target;
use scopewise::host::StorageKind;

use crate::app::{App, code, set};
use crate::host::{Browser, Fate};
use crate::server::{Decision, ORIGIN};

/// Until a token that lasts an hour has run out.
const HOUR: f64 = 3_601_000.0;

fn refreshed(browser: &Browser) -> usize {
    browser.network.grants("refresh_token")
}

/// What stands in storage.
fn record(app: &App) -> String {
    let session = app.session().unwrap();
    serde_json::to_string(&session.to_value()).unwrap()
}

#[test]
fn a_stored_token_takes_no_lock_and_no_request() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.run();
    browser.writes.take();
    let requests = browser.network.requests.borrow().len();
    let call = app.token();
    assert_eq!(call.take().unwrap().unwrap().secret(), "access-0");
    assert!(!browser.step() && browser.locks.names().is_empty());
    assert_eq!(browser.network.requests.borrow().len(), requests);
    assert!(browser.writes.take().is_empty());
}

#[test]
fn what_cannot_be_given_is_said() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    assert_eq!(code(app.token().wait(&browser)), "not_signed_in");
    app.popup().unwrap();
    let wants = |scope: ScopeSet, min_validity: Option<i64>| {
        let mut options = TokenOptions::default().with_scope(scope);
        options.min_validity = min_validity;
        app.start(|client| async move { client.get_access_token(options).await })
            .wait(&browser)
    };
    let error = wants(set("read write"), None).unwrap_err();
    assert_eq!(error.code(), "missing_scope");
    assert_eq!(error.missing().unwrap(), ["write"]);
    let files = Target::new(Some("files".to_owned()), Vec::new()).unwrap();
    let of_another = TokenOptions::default().with_target(files).with_scope(set("read"));
    let error = app
        .start(|client| async move { client.get_access_token(of_another).await })
        .wait(&browser)
        .unwrap_err();
    assert_eq!(
        (error.code(), error.missing().unwrap()),
        ("missing_scope", ["read".to_owned()].as_slice())
    );
    assert_eq!(code(wants(set("read"), Some(-1))), "invalid_options");
    assert!(wants(set("read"), Some(60)).is_ok());
    assert_eq!(refreshed(&browser), 0);
}

#[test]
fn without_a_refresh_token_the_end_is_the_end() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().issues_refresh_tokens = false;
    let app = App::signed_in(&browser, StorageKind::Session);
    assert!(app.token().wait(&browser).is_ok());
    browser.clock.advance(HOUR);
    assert_eq!(code(app.token().wait(&browser)), "login_required");
    assert!(app.session().is_some() && !app.has("read"));
}

#[test]
fn c216_many_calls_at_once_are_one_request_and_all_get_its_token() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(HOUR);
        assert!(app.has("read"));
        let calls: Vec<_> = (0..20).map(|_| app.token()).collect();
        browser.run();
        for call in calls {
            assert_eq!(call.take().unwrap().unwrap().secret(), "access-1");
        }
        let calls: Vec<_> = (0..5).map(|_| app.forced_token()).collect();
        browser.run();
        for call in calls {
            assert_eq!(call.take().unwrap().unwrap().secret(), "access-2");
        }
        assert_eq!(refreshed(&browser), 2);
        browser.close();
    }
}

#[test]
fn c222_a_rotated_refresh_token_is_stored_before_the_caller_has_its_access_token() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        let call = app.forced_token();
        assert!(browser.run_until(|| call.is_done()));
        let writes = browser.writes.take();
        let stored = writes.iter().rev().find(|(key, _)| key.ends_with(":session"));
        let stored = stored.unwrap().1.clone().unwrap();
        assert!(stored.contains("refresh-1") && stored.contains("access-1"));
        assert!(!stored.contains("refresh-0") && !stored.contains("access-0"));
        app.page.end();
        let next = App::in_tab(&browser, kind);
        if kind != StorageKind::Session {
            assert_eq!(next.stored_token().as_deref(), Some("access-1"));
        }
    }
}

#[test]
fn c222_at_a_server_that_does_not_rotate_the_refresh_token_stays() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().rotates = false;
    let app = App::signed_in(&browser, StorageKind::Session);
    for token in ["access-1", "access-2"] {
        assert_eq!(app.forced_token().wait(&browser).unwrap().secret(), token);
    }
    let sent = browser.network.refreshes.borrow();
    assert!(sent.iter().all(|sent| sent.token == "refresh-0"));
}

#[test]
fn c224_the_page_goes_before_the_rotated_token_is_stored_one_try_by_the_next_then_signed_out() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        browser.network.next(Fate::Slow(5_000));
        let _call = app.forced_token();
        assert!(browser.run_until(|| refreshed(&browser) == 1));
        browser.run_now();
        let next = app.reload(ORIGIN);
        assert!(next.session().is_some());
        assert_eq!(code(next.forced_token().wait(&browser)), "invalid_grant");
        assert!(next.session().is_none());
        for _ in 0..3 {
            assert_eq!(code(next.token().wait(&browser)), "not_signed_in");
        }
        assert_eq!(refreshed(&browser), 2);
        assert!(App::in_tab(&browser, kind).session().is_none());
    }
}

#[test]
fn a_retry_that_did_not_use_the_token_leaves_the_first_as_unknown_as_before() {
    for fate in [Fate::NotSent, Fate::Status(503)] {
        let browser = Browser::new(1);
        browser.server.borrow_mut().user = Some("ada");
        let app = App::signed_in(&browser, StorageKind::Local);
        let older = App::in_tab(&browser, StorageKind::Local);
        browser.clock.advance(HOUR);
        browser.network.next(Fate::LostRequest);
        assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
        let later = App::in_tab(&browser, StorageKind::Local);
        browser.network.next(fate);
        assert!(later.token().wait(&browser).is_err());
        browser.server.borrow_mut().user = None;
        browser.run();
        let sent = refreshed(&browser);
        for tab in [&app, &older] {
            assert!(tab.token().wait(&browser).is_err());
        }
        assert_eq!(refreshed(&browser), sent, "they were there when it was sent");
        browser.clock.advance(60_000.0);
        assert!(later.token().wait(&browser).is_ok());
        assert_eq!(refreshed(&browser), sent + 1);
    }
}

#[test]
fn c225_invalid_grant_ends_the_session_and_says_why() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let (changes, _subscription) = app.count_changes();
    browser.server.borrow_mut().revoke_all();
    assert_eq!(code(app.forced_token().wait(&browser)), "invalid_grant");
    assert!(app.session().is_none());
    assert_eq!((changes.get(), refreshed(&browser)), (1, 1));
    assert_eq!(code(app.token().wait(&browser)), "not_signed_in");
}

#[test]
fn a_lost_answer_is_replaced_silently_once_for_all_and_the_token_not_sent_again() {
    for fate in [Fate::LostAnswer, Fate::LostRequest] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(HOUR);
        browser.network.next(fate);
        assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
        let calls: Vec<_> = (0..5).map(|_| app.token()).collect();
        browser.run();
        let tokens: Vec<_> = calls.into_iter().map(|call| call.take().unwrap().unwrap()).collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        assert_eq!(refreshed(&browser), 1);
        assert_eq!(browser.network.grants("authorization_code"), 2);
        assert_eq!(app.session().unwrap().granted(&Default::default()), set("openid read"));
    }
}

#[test]
fn where_nobody_is_there_any_more_the_session_stays_and_the_next_try_waits() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(HOUR);
    browser.network.next(Fate::LostAnswer);
    assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
    browser.server.borrow_mut().user = None;
    assert_eq!(code(app.token().wait(&browser)), "login_required");
    let before = record(&app);
    for _ in 0..3 {
        assert!(app.token().wait(&browser).is_err());
    }
    assert_eq!(record(&app), before);
    assert_eq!(refreshed(&browser), 1);
}

#[test]
fn a_no_to_the_silent_question_brings_no_token_that_has_run_out() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(HOUR);
    browser.network.next(Fate::LostAnswer);
    assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
    browser.server.borrow_mut().decide(Decision::Deny);
    // The first call too: what it asked for is a token, and not what the question came to.
    for _ in 0..3 {
        assert_eq!(code(app.token().wait(&browser)), "login_required");
    }
    assert_eq!(app.stored_token().as_deref(), Some("access-0"));
    assert_eq!(browser.network.grants("authorization_code"), 1);
}

#[test]
fn an_answer_to_the_silent_question_without_the_wanted_scope_brings_no_token() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(HOUR);
    browser.network.next(Fate::LostAnswer);
    assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
    browser.server.borrow_mut().decide(Decision::Without("read"));
    let options = TokenOptions::default().with_scope(set("read"));
    let call = app.start(|client| async move { client.get_access_token(options).await });
    let error = call.wait(&browser).unwrap_err();
    assert_eq!(
        (error.code(), error.missing().unwrap()),
        ("missing_scope", &["read".to_owned()][..])
    );
}

#[test]
fn a_token_that_lasts_a_little_is_better_than_none() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(3_580_000.0);
    browser.network.next(Fate::NotSent);
    assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-0");
    browser.clock.advance(3_000.0);
    assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1");
}

#[test]
fn where_tabs_cannot_wait_for_each_other_nothing_is_sent_that_can_be_sent_once() {
    for (kind, expected) in [(StorageKind::Local, None), (StorageKind::Memory, Some("access-1"))] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, kind);
        app.page.is_without_locks.set(true);
        browser.clock.advance(HOUR);
        let result = app.token().wait(&browser);
        match expected {
            Some(token) => assert_eq!(result.unwrap().secret(), token),
            None => assert_eq!(code(result), "login_required"),
        }
    }
}

#[test]
fn a_tab_that_is_looked_at_again_gets_a_new_token_by_itself() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.resume(&app.page);
    browser.run();
    assert_eq!(refreshed(&browser), 0);
    browser.clock.advance(HOUR);
    browser.resume(&app.page);
    browser.run();
    assert_eq!(refreshed(&browser), 1);
    assert_eq!(app.stored_token().as_deref(), Some("access-1"));
}

#[test]
fn c144_user_info_is_the_sessions_users() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let user_info = || app.start(|client| async move { client.user_info().await });
    assert_eq!(user_info().wait(&browser).unwrap().text("sub"), Some("ada"));
    let other = serde_json::json!({ "sub": "eve" });
    browser
        .network
        .next(Fate::Scripted(Box::new(|_| crate::server::answer(200, other))));
    assert_eq!(code(user_info().wait(&browser)), "subject_mismatch");
    browser.server.borrow_mut().revoke_all();
    assert_eq!(code(user_info().wait(&browser)), "invalid_token");
    assert!(app.session().is_some());
}
