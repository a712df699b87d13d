//! `fetch` with APIs that want a stronger or fresher authentication (RFC 9470).

use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, OnMissing, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::scope::ScopeSet;
use scopewise::host::{ApiRequest, ApiResponse, StorageKind};

use crate::app::App;
use crate::fetch::said;
use crate::host::api::{FakeCall, Respond};
use crate::host::{Browser, Call, Fate};
use crate::server::query;

type Fetched = Result<ApiResponse, FetchError>;

fn fetch(app: &App, request: &Rc<FakeCall>) -> Call<Fetched> {
    fetch_with(app, request, OnMissing::Popup)
}

fn fetch_with(app: &App, request: &Rc<FakeCall>, on_missing: OnMissing) -> Call<Fetched> {
    let (request, options) = (request.clone(), FetchOptions::default().with_on_missing(on_missing));
    app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        client.fetch(request, &options).await
    })
}

/// What a call of such an API comes to, and how often it was sent.
fn fetched(app: &App, respond: Respond) -> (String, usize) {
    let request = FakeCall::new(&app.page, "https://app.example/api", "");
    request.respond.set(Some(respond));
    let said = said(fetch(app, &request).wait(app.browser()));
    (said, request.count.get())
}

fn wants_gold(_: Option<&ScopeSet>) -> (u16, Option<&'static str>, bool) {
    let challenge = "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\"";
    (401, Some(challenge), true)
}

/// The user comes back with this.
fn authenticates(browser: &Rc<Browser>, name: &'static str, value: serde_json::Value) {
    browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| claims[name] = value));
}

#[test]
fn c189_one_demand_is_enough_to_ask() {
    let wants_fresh: Respond = |_| {
        let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"60\"";
        (401, Some(challenge), true)
    };
    for (respond, param, expected) in [
        (wants_gold as Respond, "acr_values", "gold"),
        (wants_fresh, "max_age", "60"),
    ] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let now = browser.seconds();
        match param {
            "acr_values" => authenticates(&browser, "acr", "gold".into()),
            _ => authenticates(&browser, "auth_time", now.into()),
        }
        // The user was asked, and the API asks again.
        assert_eq!(fetched(&app, respond), ("upgrade_loop".to_owned(), 2));
        let asked = browser.server.borrow().asked.clone();
        assert_eq!(query(&asked, param).as_deref(), Some(expected));
    }
}

#[test]
fn an_api_that_does_not_say_what_it_wants_leads_to_no_question() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let popups = app.page.closed_popups.get();
    let respond: Respond = |_| (401, Some("Bearer error=\"insufficient_user_authentication\""), true);
    let expected = ("insufficient_user_authentication".to_owned(), 1);
    assert_eq!(fetched(&app, respond), expected);
    assert_eq!(app.page.closed_popups.get(), popups);
}

#[test]
fn a_call_that_waited_for_anothers_scopes_asks_for_what_it_wants_itself() {
    let wants_gold_and_scope: Respond = |_| {
        let challenge = "Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\", scope=\"write\"";
        (401, Some(challenge), true)
    };
    for respond in [wants_gold as Respond, wants_gold_and_scope] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let for_scope = FakeCall::new(&app.page, "https://app.example/api", "write");
        let for_acr = FakeCall::new(&app.page, "https://app.example/api", "");
        for_acr.respond.set(Some(respond));
        let popups = app.page.closed_popups.get();
        browser.network.next(Fate::Slow(5_000));
        let first = fetch(&app, &for_scope);
        assert!(browser.run_until(|| browser.network.grants("authorization_code") == 2));
        let second = fetch(&app, &for_acr);
        browser.run_until(|| first.is_done());
        authenticates(&browser, "acr", "gold".into());
        assert_eq!(said(first.wait(&browser)), "200");
        // The user was asked, and the API asks again.
        let came_to = said(second.wait(&browser));
        assert_eq!((came_to.as_str(), for_acr.count.get()), ("upgrade_loop", 2));
        assert_eq!(app.page.closed_popups.get() - popups, 2);
        let asked = browser.server.borrow().asked.clone();
        assert_eq!(query(&asked, "acr_values").as_deref(), Some("gold"));
    }
}

#[test]
fn calls_that_waited_for_the_same_step_up_are_sent_once_more_and_ask_for_nothing() {
    let wants_claims: Respond = |_| {
        // {"a":1}
        let challenge = "Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ\"";
        (401, Some(challenge), true)
    };
    for respond in [wants_gold as Respond, wants_claims] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        let calls = [(); 3].map(|()| FakeCall::new(&app.page, "https://app.example/api", ""));
        calls.iter().for_each(|call| call.respond.set(Some(respond)));
        let popups = app.page.closed_popups.get();
        authenticates(&browser, "acr", "gold".into());
        let sent = calls.each_ref().map(|call| fetch(&app, call));
        browser.run();
        for (call, sent) in calls.iter().zip(sent) {
            assert_eq!(
                (said(sent.take().unwrap()).as_str(), call.count.get()),
                ("upgrade_loop", 2)
            );
        }
        assert_eq!(app.page.closed_popups.get() - popups, 1);
    }
}

#[test]
fn a_step_up_that_the_user_did_not_make_is_no_answer_to_who_wants_scopes() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let for_acr = FakeCall::new(&app.page, "https://app.example/api", "");
    for_acr.respond.set(Some(wants_gold));
    authenticates(&browser, "acr", "silver".into());
    browser.network.next(Fate::Slow(5_000));
    let first = fetch(&app, &for_acr);
    assert!(browser.run_until(|| browser.network.grants("authorization_code") == 2));
    let second = fetch(&app, &FakeCall::new(&app.page, "https://app.example/api", "write"));
    browser.run();
    assert_eq!(said(first.take().unwrap()), "insufficient_user_authentication");
    assert_eq!(said(second.take().unwrap()), "200");
}

#[test]
fn a_token_that_was_replaced_meanwhile_is_tried_and_is_no_answer_to_a_demand() {
    let mut tried = 0;
    for seed in 0..40 {
        let browser = Browser::new(seed);
        let app = App::signed_in(&browser, StorageKind::Session);
        let call = FakeCall::new(&app.page, "https://app.example/api", "");
        call.respond.set(Some(wants_gold));
        let refreshing = app.forced_token();
        assert!(browser.run_until(|| browser.network.grants("refresh_token") == 1));
        let sent = fetch_with(&app, &call, OnMissing::Throw);
        browser.run();
        assert!(refreshing.take().unwrap().is_ok());
        // Nobody was asked for it, so asking is not to no end.
        assert_eq!(said(sent.take().unwrap()), "insufficient_user_authentication", "{seed}");
        tried += call.count.get() - 1;
        browser.close();
    }
    assert!(tried > 0);
}

/// What a step-up comes to whose user signs in so many seconds after the page was left, and takes 20 seconds more.
fn stepped_up(kind: StepUp, signs_in_after: i64) -> String {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let authorize = AuthorizeOptions::default().with_max_age(5);
    let options = SignInOptions::default().with_authorize(authorize);
    drop(match kind {
        StepUp::SignIn => app.client.sign_in(options),
        StepUp::Upgrade => app.client.upgrade(ScopeSet::default(), options),
    });
    let signed_in_at = browser.seconds() + signs_in_after;
    authenticates(&browser, "auth_time", signed_in_at.into());
    browser.clock.advance(20_000.0);
    let app = app.follow();
    app.handled()
        .map_or_else(|error| error.code().to_owned(), |_| "granted".to_owned())
}

#[derive(Clone, Copy)]
enum StepUp {
    SignIn,
    Upgrade,
}

#[test]
fn who_signed_in_since_the_request_is_fresh_enough_however_long_the_rest_took() {
    for (kind, stale) in [
        (StepUp::SignIn, "id_token_invalid"),
        (StepUp::Upgrade, "insufficient_user_authentication"),
    ] {
        // What it allows are five seconds before the token, which are over.
        for (signs_in_after, expected) in [(10, "granted"), (0, "granted"), (-1, stale)] {
            assert_eq!(stepped_up(kind, signs_in_after), expected, "{signs_in_after}");
        }
    }
}
