//! What users of such clients run into every day: with servers that refuse, clocks that run out, and pages that ask again.

use scopewise::client::{InteractionMode, SignInOptions, SignOutOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::host::{Page as _, StorageKind};
use serde_json::json;

use crate::app::{App, code, options, returned_without_metadata, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{CALLBACK, Decision, answer};

#[test]
fn whether_somebody_is_signed_in_can_be_asked_by_leaving_the_page_for_a_moment() {
    for kind in [StorageKind::Session, StorageKind::Local] {
        let browser = Browser::new(1);
        browser.server.borrow_mut().user = None;
        let app = App::in_tab(&browser, kind);
        let ask = |app: &App| {
            let options = AuthorizeOptions::default()
                .with_prompt("none")
                .with_return_to("/list#7");
            drop(app.client.sign_in(SignInOptions::default().with_authorize(options)));
            app.follow()
        };
        let app = ask(&app);
        let error = app.handled().unwrap_err();
        assert_eq!(
            (error.code(), &*error.request().unwrap().return_to),
            ("login_required", "/list#7")
        );
        assert_eq!(app.page.url(), CALLBACK);
        browser.server.borrow_mut().user = Some("ada");
        let app = ask(&app);
        assert_eq!(app.handled().unwrap().unwrap().return_to, "/list#7");
        assert!(app.has("read"));
    }
}

#[test]
fn tokens_that_last_ever_shorter_as_the_servers_session_ends_are_no_storm() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().lifetime = 60;
    let app = App::signed_in(&browser, StorageKind::Session);
    for left in (1..60).rev() {
        browser.server.borrow_mut().lifetime = left;
        browser.clock.advance(1_000.0);
        let token = app.token().wait(&browser).unwrap();
        let now = browser.seconds();
        assert!(
            browser.server.borrow().scopes_of(token.secret(), now).is_some(),
            "{left}"
        );
    }
    assert!(browser.network.grants("refresh_token") <= 10);
    browser.server.borrow_mut().revoke_all();
    browser.clock.advance(2_000.0);
    assert_eq!(code(app.token().wait(&browser)), "invalid_grant");
    assert!(app.session().is_none());
}

#[test]
fn a_user_whom_the_server_locked_out_keeps_the_token_to_its_end_and_no_longer() {
    for (status, error) in [(403, "unauthorized"), (403, "mfa_required"), (401, "invalid_client")] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.clock.advance(3_580_000.0);
        for _ in 0..3 {
            let refusal = answer(
                status,
                json!({ "error": error, "error_description": "user is blocked", "mfa_token": "x" }),
            );
            browser.network.next(Fate::Scripted(Box::new(|_| refusal)));
            assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-0");
        }
        assert_eq!(browser.network.grants("refresh_token"), 1, "{error}");
        browser.network.fates.take();
        let (changes, _subscription) = app.count_changes();
        browser.clock.advance(21_000.0);
        browser.run();
        assert_eq!(
            (changes.get(), app.has("read"), app.client.is_expired()),
            (1, false, true)
        );
        assert_eq!(code(app.token().wait(&browser)), error);
        // Who has signed in once more, and proved what was wanted, goes on.
        app.popup().unwrap();
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-1");
        browser.clock.advance(3_600_000.0);
        assert_eq!(app.token().wait(&browser).unwrap().secret(), "access-2");
    }
}

#[test]
fn signing_out_where_nobody_is_signed_in_any_more_leaves_no_page() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().revoke_all();
    assert_eq!(code(app.forced_token().wait(&browser)), "invalid_grant");
    let options = SignOutOptions::default().with_return_to("/bye");
    app.start(|client| async move { client.sign_out(options).await })
        .wait(&browser)
        .unwrap();
    assert_eq!(app.page.destination(), None);
}

#[test]
fn a_page_whose_client_is_made_anew_while_an_answer_is_handled_gets_the_outcome() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let app = returned_without_metadata(&browser);
        let first = app.handle();
        for _ in 0..browser.below(12) {
            browser.step();
        }
        app.client.close();
        let again = App::open(app.page.clone(), StorageKind::Session, options());
        let second = again.handle();
        browser.run();
        let results = [first.take().unwrap(), second.take().unwrap()];
        let third = again.handled();
        assert!(again.session().is_some(), "{seed} {results:?} {third:?}");
        assert_eq!(browser.network.grants("authorization_code"), 1);
        browser.close();
    }
}

#[test]
fn silent_questions_at_once_are_each_answered() {
    for seed in 0..50 {
        let browser = Browser::new(seed);
        let app = App::in_tab(&browser, StorageKind::Session);
        let ask = || {
            Call::start(
                &app.page,
                app.client.sign_in(SignInOptions::new(InteractionMode::Silent)),
            )
        };
        let calls = [ask(), ask(), ask()];
        browser.run();
        let results = calls.map(|call| call.take().unwrap().map(|outcome| outcome.granted));
        assert!(
            results.iter().all(|granted| *granted == Ok(set("openid read"))),
            "{seed} {results:?}"
        );
        browser.close();
    }
}

#[test]
fn who_says_no_and_is_asked_again_at_once_is_answered_each_time() {
    let browser = Browser::new(1);
    let mut app = App::in_tab(&browser, StorageKind::Session);
    for _ in 0..20 {
        browser.server.borrow_mut().decide(Decision::Deny);
        drop(app.client.sign_in(SignInOptions::default()));
        app = app.follow();
        assert_eq!(code(app.handled()), "access_denied");
    }
    drop(app.client.sign_in(SignInOptions::default()));
    assert!(app.follow().handled().unwrap().is_some());
}
