//! `fetch` with APIs that say little of what they want, or say it in ways of their own.

use std::rc::Rc;

use scopewise::client::{FetchError, FetchOptions, InteractionMode, OnMissing, SignInOptions, TokenOptions};
use scopewise::core::apis::ApiOptions;
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::error::Error;
use scopewise::core::target::Target;
use scopewise::host::{ApiRequest, ApiResponse, StorageKind};

use crate::app::{App, known_options, set};
use crate::host::api::{FakeCall, Respond};
use crate::host::{Browser, Call};
use crate::server::{Decision, ORIGIN, query};

type Fetched = Result<ApiResponse, FetchError>;

fn request(app: &App, respond: Respond) -> Rc<FakeCall> {
    let request = FakeCall::new(&app.page, "https://app.example/api", "read");
    request.respond.set(Some(respond));
    request
}

fn fetch(app: &App, request: &Rc<FakeCall>) -> Call<Fetched> {
    let request = request.clone();
    app.start(|client| async move {
        let request: &dyn ApiRequest = &*request;
        let options = FetchOptions::default().with_on_missing(OnMissing::Popup);
        client.fetch(request, &options).await
    })
}

/// The status, or the failure.
fn said(result: Fetched) -> Result<u16, Error> {
    match result {
        Ok(response) => Ok(response.status),
        Err(FetchError::Client(error)) => Err(error),
        Err(FetchError::NotAnswered) => panic!("not answered"),
    }
}

#[test]
fn a_401_without_a_challenge_renews_the_token_once() {
    let silent: [Respond; 3] = [
        |scopes| (if scopes.is_some() { 200 } else { 401 }, None, true),
        |scopes| (if scopes.is_some() { 200 } else { 401 }, None, false),
        |scopes| (if scopes.is_some() { 200 } else { 401 }, Some("Token"), true),
    ];
    for respond in silent {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.server.borrow_mut().forget_access_tokens();
        let request = request(&app, respond);
        assert_eq!(said(fetch(&app, &request).wait(&browser)), Ok(200));
        assert_eq!((request.count.get(), browser.network.grants("refresh_token")), (2, 1));
    }
}

#[test]
fn a_token_whose_end_nobody_told_is_renewed_too() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().tells_lifetime = false;
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.clock.advance(100_000_000.0);
    let request = request(&app, |scopes| (if scopes.is_some() { 200 } else { 401 }, None, true));
    assert_eq!(said(fetch(&app, &request).wait(&browser)), Ok(200));
}

#[test]
fn a_401_that_stays_is_given_back_or_speaks_of_the_token() {
    for refreshes in [true, false] {
        let browser = Browser::new(1);
        browser.server.borrow_mut().issues_refresh_tokens = refreshes;
        let app = App::signed_in(&browser, StorageKind::Session);
        let visible = request(&app, |_| (401, None, true));
        assert_eq!(said(fetch(&app, &visible).wait(&browser)), Ok(401));
        assert_eq!(visible.count.get(), if refreshes { 2 } else { 1 });
        let hidden = request(&app, |_| (401, None, false));
        let error = said(fetch(&app, &hidden).wait(&browser)).unwrap_err();
        assert_eq!(error.code(), "challenge_unreadable");
        assert!(error.message().contains("token"), "{error}");
        assert!(app.session().is_some());
    }
    // An API that says what is wrong, and that it is not the token, costs no refresh.
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let other = request(&app, |_| (401, Some("Bearer error=\"invalid_request\""), true));
    assert_eq!(said(fetch(&app, &other).wait(&browser)), Ok(401));
    assert_eq!((other.count.get(), browser.network.grants("refresh_token")), (1, 0));
}

/// An API that names all scopes that would do, and is content with one.
fn any_of(scopes: Option<&scopewise::core::scope::ScopeSet>) -> (u16, Option<&'static str>, bool) {
    let is_enough = scopes.is_some_and(|scopes| scopes.contains("write") || scopes.contains("admin"));
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"write admin\"";
    if is_enough {
        (200, None, true)
    } else {
        (403, Some(challenge), true)
    }
}

/// An API that wants a scope, and another one of who has it.
fn one_after_the_other(scopes: Option<&scopewise::core::scope::ScopeSet>) -> (u16, Option<&'static str>, bool) {
    let has_first = scopes.is_some_and(|scopes| scopes.contains("write"));
    let challenge = match has_first {
        false => "Bearer error=\"insufficient_scope\", scope=\"write\"",
        true => "Bearer error=\"insufficient_scope\", scope=\"admin\"",
    };
    (403, Some(challenge), true)
}

#[test]
fn a_call_asks_once_whatever_the_api_wants_afterwards() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let popups = app.page.closed_popups.get();
    let request = request(&app, one_after_the_other);
    let error = said(fetch(&app, &request).wait(&browser)).unwrap_err();
    assert_eq!(
        (error.code(), error.missing()),
        ("upgrade_loop", Some(["admin".to_owned()].as_slice()))
    );
    assert_eq!((request.count.get(), app.page.closed_popups.get() - popups), (2, 1));
}

#[test]
fn one_of_several_scopes_may_be_enough() {
    for without in ["write", "admin"] {
        let browser = Browser::new(1);
        let app = App::signed_in(&browser, StorageKind::Session);
        browser.server.borrow_mut().decide(Decision::Without(without));
        let request = request(&app, any_of);
        let calls = [fetch(&app, &request), fetch(&app, &request)];
        for call in calls {
            assert_eq!(said(call.wait(&browser)), Ok(200));
        }
        assert_eq!(app.page.closed_popups.get(), 2, "one to sign in, and one for both");
    }
}

#[test]
fn an_upgrade_that_brought_too_little_is_tried_once_and_said() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    browser.server.borrow_mut().decide(Decision::Without("admin"));
    let both: Respond = |scopes| match scopes {
        Some(scopes) if scopes.contains("write") && scopes.contains("admin") => (200, None, true),
        _ => (
            403,
            Some("Bearer error=\"insufficient_scope\", scope=\"write admin\""),
            true,
        ),
    };
    let request = request(&app, both);
    let error = said(fetch(&app, &request).wait(&browser)).unwrap_err();
    assert_eq!(error.code(), "insufficient_scope");
    assert_eq!(error.missing(), Some(["admin".to_owned()].as_slice()));
    assert_eq!(request.count.get(), 2);
    // Nothing new: nothing is sent again.
    request.count.set(0);
    assert_eq!(
        said(fetch(&app, &request).wait(&browser)).unwrap_err().code(),
        "insufficient_scope"
    );
    assert_eq!(request.count.get(), 1);
}

#[test]
fn a_claims_challenge_is_a_step_up_with_those_claims() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    // {"access_token":{"acrs":{"essential":true,"value":"c1"}}}
    let respond: Respond = |_| {
        let challenge = "Bearer realm=\"\", authorization_uri=\"https://id.example/authorize\", error=\"insufficient_claims\", \
             claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19\"";
        (401, Some(challenge), true)
    };
    let request = request(&app, respond);
    let error = said(fetch(&app, &request).wait(&browser)).unwrap_err();
    // The user was asked, and the API asks again.
    assert_eq!((error.code(), request.count.get()), ("upgrade_loop", 2));
    let asked = browser.server.borrow().asked.clone();
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    assert_eq!(query(&asked, "claims").as_deref(), Some(claims));
    assert_eq!(
        browser.network.grants("refresh_token"),
        0,
        "another token would not help"
    );
}

#[test]
fn how_a_user_signed_in_for_one_api_says_nothing_of_a_token_for_another() {
    const FILES: &str = "https://files.example/";
    let browser = Browser::new(1);
    let files = Target::new(Some("files".to_owned()), Vec::new()).unwrap();
    let api = ApiOptions::new(FILES).with_target(files.clone());
    let app = App::open(
        browser.open_tab(ORIGIN),
        StorageKind::Session,
        known_options().with_api(api),
    );
    app.popup().unwrap();
    let upgrade = |scope: &str, target: Option<&Target>| {
        let now = browser.seconds();
        browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| claims["auth_time"] = now.into()));
        let authorize = match target {
            Some(target) => AuthorizeOptions::default().with_target(target.clone()),
            None => AuthorizeOptions::default(),
        };
        let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
        Call::start(&app.page, app.client.upgrade(set(scope), options))
            .wait(&browser)
            .unwrap();
    };
    let wants_fresh: Respond = |_| {
        let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"";
        (401, Some(challenge), true)
    };
    let call = || {
        let request = FakeCall::new(&app.page, FILES, "");
        request.respond.set(Some(wants_fresh));
        let sent = app.start(|client| async move {
            let request: &dyn ApiRequest = &*request;
            client.fetch(request, &FetchOptions::default()).await
        });
        said(sent.wait(&browser)).unwrap_err().code().to_owned()
    };
    upgrade("upload", Some(&files));
    assert_eq!(call(), "upgrade_loop", "it is as fresh as the API wants it");
    upgrade("write", None);
    assert_eq!(call(), "insufficient_user_authentication", "that was for another token");
    // Nor does it where that token is renewed, with no word on how the user signed in.
    let options = TokenOptions::default().with_target(files).with_force_refresh();
    let renewed = app.start(|client| async move { client.get_access_token(options).await });
    assert!(renewed.wait(&browser).is_ok());
    assert_eq!(call(), "insufficient_user_authentication");
}

#[test]
fn an_api_with_an_audience_of_its_own_and_no_scopes_has_a_token_to_ask_for() {
    const FILES: &str = "https://files.example/";
    let browser = Browser::new(1);
    let files = Target::new(Some("files".to_owned()), Vec::new()).unwrap();
    let api = ApiOptions::new(FILES).with_target(files.clone());
    let options = known_options().with_api(api);
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    let fetch = |on_missing| {
        let request = FakeCall::new(&app.page, FILES, "");
        let options = FetchOptions::default().with_on_missing(on_missing);
        let sent = app.start(|client| async move {
            let request: &dyn ApiRequest = &*request;
            client.fetch(request, &options).await
        });
        said(sent.wait(&browser))
    };
    let error = fetch(OnMissing::Throw).unwrap_err();
    assert_eq!(
        (error.code(), error.missing()),
        ("missing_scope", Some(["openid".to_owned()].as_slice()))
    );
    assert_eq!(fetch(OnMissing::Popup), Ok(200));
    let asked = browser.server.borrow().asked.clone();
    assert_eq!(query(&asked, "audience").as_deref(), Some("files"));
    assert_eq!(query(&asked, "scope").as_deref(), Some("openid"));
    assert_eq!(fetch(OnMissing::Throw), Ok(200));
}

#[test]
fn a_token_for_another_api_can_be_asked_for_without_a_scope() {
    const FILES: &str = "https://files.example/";
    let files = Target::new(None, vec![FILES.to_owned()]).unwrap();
    // Nobody's name, and a name, are known.
    for scope in ["read", "openid read"] {
        let browser = Browser::new(1);
        browser.server.borrow_mut().issues_refresh_tokens = false;
        let options = known_options().with_scope(set(scope));
        let options = options.with_api(ApiOptions::new(FILES).with_target(files.clone()));
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        app.popup().unwrap();
        let request = FakeCall::new(&app.page, FILES, "");
        browser.server.borrow_mut().decide(Decision::Deny);
        let refused = said(fetch(&app, &request).wait(&browser)).unwrap_err();
        assert_eq!((refused.code(), request.count.get()), ("missing_scope", 0), "{scope}");
        // That was about no scope that could be remembered as refused.
        let asked = browser.server.borrow().asked.clone();
        let openid = Some("openid").filter(|_| scope.contains("openid"));
        assert_eq!(query(&asked, "scope").as_deref(), openid);
        assert_eq!(query(&asked, "resource").as_deref(), Some(FILES));

        let authorize = AuthorizeOptions::default().with_target(files.clone());
        let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
        let upgrade = || Call::start(&app.page, app.client.upgrade(set(""), options.clone())).wait(&browser);
        assert_eq!(upgrade().unwrap().status.as_str(), "granted", "{scope}");
        assert_eq!(said(fetch(&app, &request).wait(&browser)), Ok(200));
        // Now there is one, and nothing is asked for until it is over.
        assert_eq!(upgrade().unwrap_err().code(), "invalid_scope_syntax");
        browser.clock.advance(3_601_000.0);
        assert_eq!(upgrade().unwrap().status.as_str(), "granted");
    }
}

#[test]
fn who_lacks_a_token_for_an_api_without_scopes_is_asked_by_the_call() {
    const FILES: &str = "https://files.example/";
    let files = Target::new(None, vec![FILES.to_owned()]).unwrap();
    for scope in ["read", "openid read"] {
        let browser = Browser::new(1);
        let options = known_options().with_scope(set(scope));
        let options = options.with_api(ApiOptions::new(FILES).with_target(files.clone()));
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
        app.popup().unwrap();
        let request = FakeCall::new(&app.page, FILES, "");
        let calls = [(); 3].map(|()| fetch(&app, &request));
        for call in calls {
            assert_eq!(said(call.wait(&browser)), Ok(200), "{scope}");
        }
        assert_eq!(
            (request.count.get(), app.page.closed_popups.get()),
            (3, 2),
            "one to sign in, and one for all"
        );
    }
}

#[test]
fn c168_each_grant_is_renewed_with_the_nonce_and_the_authentication_that_it_began_with() {
    let files = Target::new(None, vec!["https://files.example/".to_owned()]).unwrap();
    let browser = Browser::new(1);
    browser.server.borrow_mut().renews_id_tokens = true;
    let app = App::in_tab(&browser, StorageKind::Session);
    let signs_in_at = |time: i64| {
        browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| claims["auth_time"] = time.into()));
    };
    let nonce = || query(&browser.server.borrow().asked, "nonce").unwrap();
    let times = [browser.seconds() - 60, browser.seconds()];
    signs_in_at(times[0]);
    app.popup().unwrap();
    let first = (nonce(), times[0]);
    signs_in_at(times[1]);
    let authorize = AuthorizeOptions::default().with_target(files.clone());
    let options = SignInOptions::new(InteractionMode::Popup).with_authorize(authorize);
    Call::start(&app.page, app.client.upgrade(set("upload"), options))
        .wait(&browser)
        .unwrap();
    let second = (nonce(), times[1]);
    let renewed = |target: &Target, (nonce, time): &(String, i64)| {
        let (nonce, time) = (nonce.clone(), *time);
        browser.server.borrow_mut().change_claims = Some(Box::new(move |claims| {
            claims["nonce"] = nonce.into();
            claims["auth_time"] = time.into();
        }));
        let options = TokenOptions::default().with_target(target.clone()).with_force_refresh();
        let token = app.start(|client| async move { client.get_access_token(options).await });
        token
            .wait(&browser)
            .map(drop)
            .map_err(|error| error.reason().map(str::to_owned))
    };
    let default = Target::default();
    for _ in 0..2 {
        assert_eq!(renewed(&default, &first), Ok(()));
        assert_eq!(renewed(&files, &second), Ok(()));
    }
    let reason = |reason: &str| Err(Some(reason.to_owned()));
    assert_eq!(renewed(&default, &(second.0, times[0])), reason("nonce"));
    browser.clock.advance(600_000.0);
    assert_eq!(renewed(&files, &(first.0, times[1])), reason("nonce"));
}
