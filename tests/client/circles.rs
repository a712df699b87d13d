//! Pages that are left for an upgrade over and over: with `onMissing: 'redirect'` nobody need click for that.

use std::rc::Rc;

use scopewise::client::{FetchOptions, OnMissing, SignInOptions};
use scopewise::core::config::ClientOptions;
use scopewise::host::{ApiRequest, StorageKind};

use crate::app::{App, known_options, set};
use crate::fetch::said;
use crate::host::Browser;
use crate::host::api::{FakeCall, Respond};
use crate::server::{Decision, ORIGIN};

/// What a call comes to that is sent without leaving the page, or "left".
fn call(app: &App, on_missing: OnMissing, scope: &str, respond: Option<Respond>) -> String {
    let request = FakeCall::new(&app.page, "https://app.example/api", "write");
    request.respond.set(respond);
    let options = FetchOptions::default()
        .with_on_missing(on_missing)
        .with_scope(set(scope));
    let call = app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &options).await
    });
    if on_missing == OnMissing::Popup {
        return said(call.wait(app.browser()));
    }
    app.browser().run_now();
    call.take().map_or("left".to_owned(), said)
}

/// A call that leaves the page, the way back, and what that came to.
fn left_and_back(browser: &Rc<Browser>, scope: &str, respond: Option<Respond>) -> (App, String) {
    left_and_back_with(browser, known_options(), scope, respond)
}

fn left_and_back_with(
    browser: &Rc<Browser>,
    options: ClientOptions,
    scope: &str,
    respond: Option<Respond>,
) -> (App, String) {
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    browser.run();
    assert_eq!(call(&app, OnMissing::Redirect, scope, respond), "left");
    let app = app.follow();
    let outcome = app.handled().map(|outcome| outcome.unwrap().status.as_str().to_owned());
    (app, outcome.unwrap_or_else(|error| error.code().to_owned()))
}

fn wants_gold(_: Option<&scopewise::core::scope::ScopeSet>) -> (u16, Option<&'static str>, bool) {
    let challenge = "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\"";
    (401, Some(challenge), true)
}

#[test]
fn c176_a_scope_that_the_server_refuses_with_an_error_is_not_asked_for_again_at_once() {
    for (scope, expected) in [("", "insufficient_scope"), ("write", "missing_scope")] {
        let browser = Browser::new(1);
        browser.server.borrow_mut().decide(Decision::Grant);
        browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
        let (app, outcome) = left_and_back(&browser, scope, None);
        assert_eq!(outcome, "invalid_scope");
        assert_eq!(call(&app, OnMissing::Redirect, scope, None), expected);
        let again = app.reload("https://app.example/notes");
        assert_eq!(call(&again, OnMissing::Redirect, scope, None), expected);
        // Another scope is another matter, and whoever calls upgrade wants to be sent.
        assert_eq!(call(&again, OnMissing::Redirect, "admin", None), "left");
        drop(again.client.upgrade(set("write"), SignInOptions::default()));
        assert!(again.page.destination().is_some());
        browser.clock.advance(60_000.0);
        let later = again.reload("https://app.example/notes");
        assert_eq!(call(&later, OnMissing::Redirect, scope, None), "left");
    }
}

#[test]
fn c176_what_the_client_asks_of_every_request_makes_no_circle() {
    for (name, value) in [("max_age", "3600"), ("acr_values", "silver"), ("claims", "{}")] {
        let browser = Browser::new(1);
        let now = browser.seconds();
        browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| claims["auth_time"] = now.into()));
        browser.server.borrow_mut().decide(Decision::Grant);
        browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
        let further = [(name.to_owned(), value.to_owned())].into_iter().collect();
        let options = known_options().with_authorization_params(further);
        let (app, outcome) = left_and_back_with(&browser, options, "", None);
        assert_eq!(outcome, "invalid_scope");
        assert_eq!(
            call(&app, OnMissing::Redirect, "", None),
            "insufficient_scope",
            "{name}"
        );
    }
}

#[test]
fn c176_a_step_up_that_the_server_does_not_bring_is_not_asked_for_again_at_once() {
    let decisions = [
        (Decision::Grant, "insufficient_user_authentication"),
        (Decision::Deny, "denied"),
        (
            Decision::Error("unmet_authentication_requirements"),
            "unmet_authentication_requirements",
        ),
    ];
    for (decision, expected) in decisions {
        let browser = Browser::new(1);
        browser.server.borrow_mut().decide(Decision::Grant);
        browser.server.borrow_mut().decide(decision);
        let (app, outcome) = left_and_back(&browser, "", Some(wants_gold));
        assert_eq!(outcome, expected);
        let refused = "insufficient_user_authentication";
        assert_eq!(call(&app, OnMissing::Redirect, "", Some(wants_gold)), refused);
        let wants_platinum: Respond = |_| {
            let challenge = "Bearer error=\"insufficient_user_authentication\", acr_values=\"platinum\"";
            (401, Some(challenge), true)
        };
        assert_eq!(call(&app, OnMissing::Redirect, "", Some(wants_platinum)), "left");
        browser.clock.advance(60_000.0);
        let later = app.reload("https://app.example/notes");
        assert_eq!(call(&later, OnMissing::Redirect, "", Some(wants_gold)), "left");
    }
}

#[test]
fn c176_claims_that_were_granted_and_do_not_content_the_api_are_a_circle() {
    let wants_claims: Respond = |_| {
        // {"access_token":{"acrs":{"essential":true,"value":"c1"}}}
        let challenge = "Bearer error=\"insufficient_claims\", \
             claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19\"";
        (401, Some(challenge), true)
    };
    let wants_other_claims: Respond = |_| {
        // {"access_token":{}}
        let challenge = "Bearer error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ\"";
        (401, Some(challenge), true)
    };
    let browser = Browser::new(1);
    let (app, outcome) = left_and_back(&browser, "", Some(wants_claims));
    assert_eq!(outcome, "granted");
    for on_missing in [OnMissing::Redirect, OnMissing::Popup, OnMissing::Throw] {
        assert_eq!(call(&app, on_missing, "", Some(wants_claims)), "upgrade_loop");
    }
    assert_eq!(
        browser.network.grants("authorization_code"),
        2,
        "nobody was asked again"
    );
    assert_eq!(call(&app, OnMissing::Redirect, "", Some(wants_other_claims)), "left");
    browser.clock.advance(60_000.0);
    let later = app.reload("https://app.example/notes");
    assert_eq!(call(&later, OnMissing::Redirect, "", Some(wants_claims)), "left");
}

#[test]
fn c176_who_must_have_signed_in_this_very_second_is_sent_once() {
    let wants_now: Respond = |_| {
        let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"0\"";
        (401, Some(challenge), true)
    };
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.run();
    assert_eq!(call(&app, OnMissing::Redirect, "", Some(wants_now)), "left");
    let now = browser.seconds();
    browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| claims["auth_time"] = now.into()));
    let app = app.follow();
    assert_eq!(app.handled().unwrap().unwrap().status.as_str(), "granted");
    browser.clock.advance(2_000.0);
    let refused = "insufficient_user_authentication";
    assert_eq!(call(&app, OnMissing::Redirect, "", Some(wants_now)), refused);
}
