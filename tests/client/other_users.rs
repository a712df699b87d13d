//! Another user signs in while calls are under way: nobody acts with the other one's tokens, or gets the other one's data.

use std::rc::Rc;

use scopewise::client::{FetchOptions, InteractionMode, OnMissing, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, SHARED, code, known_options, set};
use crate::fetch::{Fetched, said};
use crate::host::api::FakeCall;
use crate::host::{Browser, Call, Fate};
use crate::server::{Decision, ORIGIN};

const API: &str = "https://app.example/api";

fn fetch(app: &App, request: &Rc<FakeCall>) -> Call<Fetched> {
    fetch_with(app, request, OnMissing::Throw)
}

fn fetch_with(app: &App, request: &Rc<FakeCall>, on_missing: OnMissing) -> Call<Fetched> {
    let request = request.clone();
    app.start(move |client| async move {
        let request: &dyn ApiRequest = &*request;
        let options = FetchOptions::default().with_on_missing(on_missing);
        client.fetch(request, &options).await
    })
}

/// Eve signs in in a tab where ada was.
fn eve_signs_in(app: &App) {
    app.browser().server.borrow_mut().decide(Decision::As("eve"));
    app.popup().unwrap();
}

#[test]
fn a_call_that_waits_for_a_token_is_not_sent_with_another_users() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        browser.clock.advance(3_601_000.0);
        browser.network.next(Fate::Slow(5_000));
        let calls = [(); 2].map(|()| FakeCall::new(&app.page, API, "read"));
        let sent = calls.each_ref().map(|call| fetch(&app, call));
        let tokens = [(); 2].map(|()| app.token());
        assert!(browser.run_until(|| browser.network.grants("refresh_token") == 1));
        browser.run_now();
        eve_signs_in(&other);
        browser.run();
        assert_eq!(app.session().unwrap().subject(), Some("eve"));
        for (call, sent) in calls.iter().zip(sent) {
            assert_eq!(
                (said(sent.take().unwrap()).as_str(), call.count.get()),
                ("not_signed_in", 0),
                "{kind:?}"
            );
        }
        for token in tokens {
            assert_eq!(code(token.take().unwrap()), "not_signed_in", "{kind:?}");
        }
    }
}

#[test]
fn a_call_that_an_api_refused_is_not_sent_again_with_another_users_token() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        browser.server.borrow_mut().forget_access_tokens();
        browser.network.next(Fate::Slow(5_000));
        let calls = [(); 2].map(|()| FakeCall::new(&app.page, API, "read"));
        let sent = calls.each_ref().map(|call| fetch(&app, call));
        assert!(browser.run_until(|| browser.network.grants("refresh_token") == 1));
        browser.run_now();
        eve_signs_in(&other);
        browser.run();
        for (call, sent) in calls.iter().zip(sent) {
            assert_eq!(
                (said(sent.take().unwrap()).as_str(), call.count.get()),
                ("401", 1),
                "{kind:?}"
            );
        }
    }
}

#[test]
fn what_an_api_says_to_one_user_is_no_matter_of_who_signed_in_before_it_answered() {
    for (needs, expected) in [("read", "401"), ("write", "not_signed_in")] {
        let browser = Browser::new(1);
        let (app, other) = (
            App::signed_in(&browser, StorageKind::Local),
            App::in_tab(&browser, StorageKind::Local),
        );
        browser.run();
        if needs == "read" {
            browser.server.borrow_mut().forget_access_tokens();
        }
        let call = FakeCall::new(&app.page, API, needs);
        call.slowness.set(5_000);
        let sent = fetch_with(&app, &call, OnMissing::Popup);
        assert!(browser.run_until(|| call.count.get() == 1));
        eve_signs_in(&other);
        let popups = app.page.closed_popups.get();
        browser.run();
        assert_eq!(app.session().unwrap().subject(), Some("eve"));
        assert_eq!((said(sent.take().unwrap()).as_str(), call.count.get()), (expected, 1));
        assert_eq!(app.page.closed_popups.get(), popups, "eve is asked for nothing");
    }
}

#[test]
fn a_call_for_more_than_one_user_has_is_not_sent_with_the_token_of_another_who_has_it() {
    let mut refused = 0;
    for seed in 0..100 {
        let browser = Browser::new(seed);
        let kind = StorageKind::Local;
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        browser.run();
        let call = FakeCall::new(&app.page, API, "write");
        browser.server.borrow_mut().decide(Decision::As("eve"));
        let options = SignInOptions::new(InteractionMode::Popup)
            .with_authorize(AuthorizeOptions::default().with_scope(set("openid write")));
        let signing_in = Call::start(&other.page, other.client.sign_in(options));
        for _ in 0..browser.below(40) {
            browser.step();
        }
        let asker = app.session().unwrap().subject().map(str::to_owned);
        let sent = fetch(&app, &call);
        browser.run();
        assert!(signing_in.take().unwrap().is_ok());
        match said(sent.take().unwrap()).as_str() {
            "200" => assert_eq!(asker.as_deref(), Some("eve"), "{seed}"),
            _ => refused += 1,
        }
        assert!(call.count.get() <= 1, "{seed}");
        browser.close();
    }
    assert!(refused > 5, "{refused}");
}

/// Two tabs of an application that asks for no ID token.
fn nameless_tabs(browser: &Rc<Browser>, kind: StorageKind) -> [App; 2] {
    [(); 2].map(|()| {
        let options = known_options().with_scope(set("read"));
        App::open(browser.open_tab(ORIGIN), kind, options)
    })
}

#[test]
fn an_upgrade_that_comes_back_to_another_session_adds_nothing_where_nobody_is_named() {
    for kind in SHARED {
        for answer in [Decision::Grant, Decision::Deny] {
            let browser = Browser::new(1);
            let [app, other] = nameless_tabs(&browser, kind);
            app.popup().unwrap();
            drop(app.client.upgrade(set("write"), SignInOptions::default()));
            browser.run();
            eve_signs_in(&other);
            let before = other.session();
            browser.server.borrow_mut().decide(answer);
            let app = app.follow();
            assert_eq!(code(app.handled()), "transaction_missing", "{kind:?}");
            browser.run();
            assert!(app.session() == before && other.session() == before, "{kind:?}");
        }
    }
}

#[test]
fn claims_are_given_to_the_session_that_asked_where_nobody_is_named() {
    for kind in SHARED {
        let browser = Browser::new(1);
        let [app, other] = nameless_tabs(&browser, kind);
        app.popup().unwrap();
        browser.run();
        app.page.is_away.set(true);
        browser.network.next(Fate::Slow(1_000));
        let call = app.start(|client| async move { client.user_info().await });
        browser.run_until(|| browser.network.count("/userinfo") == 1);
        browser.run_now();
        eve_signs_in(&other);
        let told = call.wait(&browser);
        assert!(app.session().unwrap().subject().is_none());
        assert_eq!(code(told), "subject_mismatch", "{kind:?}");
    }
}

#[test]
fn a_silent_sign_in_takes_no_session_from_who_signed_in_meanwhile() {
    for kind in SHARED {
        for user in ["eve", "ada"] {
            let browser = Browser::new(1);
            let (app, other) = (App::in_tab(&browser, kind), App::in_tab(&browser, kind));
            browser.network.next(Fate::Slow(5_000));
            let signing_in = app.client.sign_in(SignInOptions::new(InteractionMode::Silent));
            let signing_in = Call::start(&app.page, signing_in);
            assert!(browser.run_until(|| browser.network.grants("authorization_code") == 1));
            browser.server.borrow_mut().decide(Decision::As(user));
            other.popup().unwrap();
            browser.run();
            let told = signing_in.take().unwrap();
            assert_eq!(app.session().unwrap().subject(), Some(user), "{kind:?}");
            match user {
                "eve" => assert_eq!(code(told), "subject_mismatch", "{kind:?}"),
                _ => assert!(told.is_ok(), "{kind:?}"),
            }
        }
    }
}
