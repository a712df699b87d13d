//! What the client makes of answers that other servers give.

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::config::ClientOptions;
use scopewise::core::error::Result;
use scopewise::core::http::Response;
use scopewise::core::provider::ProviderProfile;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, SCOPE, code, known_options, options, set};
use crate::host::{Browser, Fate};
use crate::server::{AuthorizationServer, CALLBACK, CLIENT, Decision, ORIGIN, answer};

/// This answer to the next request.
fn script(browser: &Browser, response: Response) {
    browser.network.next(Fate::Scripted(Box::new(|_| response)));
}

/// An answer that is no JSON.
fn page(status: u16) -> Response {
    Response::new(status, None)
}

/// What looking for the server's metadata comes to.
fn prepare(app: &App) -> Result<()> {
    let call = app.start(|client| async move { client.prepare().await });
    call.wait(app.browser())
}

fn user_info(app: &App) -> Result<Value> {
    let call = app.start(|client| async move { client.user_info().await });
    call.wait(app.browser())
}

#[test]
fn user_info_that_is_no_object_with_a_user_says_so() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    for response in [page(200), answer(200, json!({ "email": "ada@id.example" }))] {
        script(&browser, response);
        assert_eq!(code(user_info(&app)), "user_info_invalid");
    }
    assert!(user_info(&app).is_ok());
}

#[test]
fn user_info_without_openid_says_what_is_missing() {
    let browser = Browser::new(1);
    let options = known_options().with_scope(set("read"));
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    for status in [401, 403] {
        script(&browser, page(status));
        let refused = user_info(&app).unwrap_err();
        assert_eq!(refused.code(), "missing_scope");
        assert_eq!(refused.missing(), Some(["openid".to_owned()].as_slice()));
    }
}

/// A client that does not know its server.
fn discovering(browser: &Rc<Browser>) -> App {
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, options())
}

/// The places that were asked for the metadata, in order.
fn asked(browser: &Browser) -> Vec<String> {
    let requests = browser.network.requests.borrow();
    requests
        .iter()
        .map(|(url, _)| url.replace("https://id.example/.well-known/", ""))
        .collect()
}

#[test]
fn metadata_is_found_in_the_second_place_whatever_the_first_says() {
    let without_issuer = || {
        answer(
            200,
            json!({ "issuer": null, "token_endpoint": "https://id.example/token" }),
        )
    };
    let elsewhere: [fn() -> Fate; 9] = [
        || Fate::Status(400),
        || Fate::Status(401),
        || Fate::Status(404),
        || Fate::Status(0),
        || Fate::Status(204),
        || Fate::LostAnswer,
        || Fate::Scripted(Box::new(|_| page(200))),
        || Fate::Scripted(Box::new(|_| answer(400, json!({ "error": "invalid_request" })))),
        || Fate::Scripted(Box::new(|_| answer(200, json!({})))),
    ];
    for fate in elsewhere {
        let browser = Browser::new(1);
        let app = discovering(&browser);
        browser.network.next(fate());
        script(&browser, answer(200, AuthorizationServer::metadata()));
        prepare(&app).unwrap();
        assert_eq!(asked(&browser), ["openid-configuration", "oauth-authorization-server"]);
    }
    let browser = Browser::new(1);
    let app = discovering(&browser);
    script(&browser, without_issuer());
    script(&browser, answer(200, AuthorizationServer::metadata()));
    prepare(&app).unwrap();
}

#[test]
fn metadata_that_is_nowhere_is_what_the_first_place_says() {
    for (first, second, expected) in [
        (Fate::Status(401), Fate::LostAnswer, ("http", Some(401))),
        (Fate::LostAnswer, Fate::Status(404), ("network", None)),
        (
            Fate::Scripted(Box::new(|_| page(200))),
            Fate::Status(404),
            ("metadata_invalid", None),
        ),
    ] {
        let browser = Browser::new(1);
        let app = discovering(&browser);
        browser.network.next(first);
        browser.network.next(second);
        let failure = prepare(&app).unwrap_err();
        assert_eq!((failure.code(), failure.status()), expected);
        assert_eq!(asked(&browser).len(), 2);
        // Nothing of it is kept.
        prepare(&app).unwrap();
    }
}

#[test]
fn some_answers_end_the_search() {
    let mut other = AuthorizationServer::metadata();
    other["issuer"] = json!("https://other.example");
    let mut unsound = AuthorizationServer::metadata();
    unsound["token_endpoint"] = json!(7);
    let ends: [(Fate, &str); 6] = [
        (Fate::Scripted(Box::new(|_| answer(200, other))), "metadata_invalid"),
        (Fate::Scripted(Box::new(|_| answer(200, unsound))), "metadata_invalid"),
        (Fate::Status(500), "http"),
        (Fate::Status(503), "http"),
        (Fate::Timeout, "timeout"),
        (Fate::NotSent, "network"),
    ];
    for (fate, expected) in ends {
        let browser = Browser::new(1);
        let app = discovering(&browser);
        browser.network.next(fate);
        assert_eq!(code(prepare(&app)), expected);
        assert!(asked(&browser).len() <= 1);
    }
}

/// What a sign-in is told that the server refuses because of its scopes.
fn refused_scope(browser: &Rc<Browser>, options: ClientOptions) -> String {
    let app = App::open(
        browser.open_tab(ORIGIN),
        StorageKind::Session,
        options.with_scope(set("openid read misspelled")),
    );
    let _leaving = app.start(|client| client.sign_in(SignInOptions::default()));
    browser.run();
    browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
    app.follow().handled().unwrap_err().message()
}

#[test]
fn scopes_that_the_server_does_not_list_are_named() {
    let browser = Browser::new(1);
    let mut document = AuthorizationServer::metadata();
    document["scopes_supported"] = json!(["openid", "read"]);
    // The page that the user comes back to does not know the server yet.
    for _ in 0..2 {
        script(&browser, answer(200, document.clone()));
    }
    let message = refused_scope(&browser, options());
    assert!(
        message.contains("The authorization endpoint") && message.contains("does not list `misspelled`."),
        "{message}"
    );
    // Where nothing is listed, or nothing can be known, it says what was asked for.
    let browser = Browser::new(1);
    let message = refused_scope(&browser, known_options());
    assert!(
        message.contains("asked for `openid`, `read`, `misspelled`."),
        "{message}"
    );
}

#[test]
fn an_error_that_is_about_no_scope_is_told_without_asking_the_server_anything() {
    let browser = Browser::new(1);
    let app = discovering(&browser);
    let _leaving = app.start(|client| client.sign_in(SignInOptions::default()));
    browser.run();
    let app = app.follow();
    let before = asked(&browser).len();
    browser.clock.advance(3_601_000.0);
    assert_eq!(code(app.handled()), "transaction_expired");
    assert_eq!(asked(&browser).len(), before);
}

#[test]
fn a_silent_request_that_nobody_answers_speaks_of_the_frame() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    browser.server.borrow_mut().decide(Decision::Wait);
    let silent = SignInOptions::new(InteractionMode::Silent);
    let failure = app.start(|client| client.sign_in(silent)).wait(&browser).unwrap_err();
    assert_eq!((failure.code(), failure.is_retryable()), ("timeout", true));
    assert!(failure.message().contains("frame"), "{failure}");
}

#[test]
fn a_closed_client_says_so() {
    let browser = Browser::new(1);
    let app = App::in_tab(&browser, StorageKind::Session);
    app.client.close();
    let refused = app.client.has_scope(&set("read"), None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "invalid_options: This client was closed: create another one."
    );
}

#[test]
fn where_the_metadata_is_any_tenants_a_sign_out_looks_beside_it_for_the_revocation_endpoint() {
    let issuer = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let tenant = "11111111-2222-3333-4444-555555555555";
    let browser = Browser::new(1);
    let mut document = AuthorizationServer::metadata();
    document["issuer"] = issuer("{tenantid}").into();
    document["revocation_endpoint"] = json!(null);
    document["authorization_response_iss_parameter_supported"] = json!(false);
    script(&browser, answer(200, document));
    let options = ClientOptions::new(CLIENT, issuer("common"))
        .with_redirect_uri(CALLBACK)
        .with_scope(set(SCOPE))
        .with_provider(ProviderProfile::known("entra").unwrap());
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    prepare(&app).unwrap();
    let request = app.client.authorize_url(&AuthorizeOptions::default()).unwrap();
    let answer = browser.server.borrow_mut().authorize(&request.url, browser.seconds());
    // Such a service does not name itself in its answers.
    let url = answer.url().replace("iss=", "session_state=");
    let of_tenant = move |claims: &mut serde_json::Value| {
        claims["iss"] = issuer(tenant).into();
        claims["tid"] = tenant.into();
    };
    browser.server.borrow_mut().change_claims = Some(Box::new(of_tenant));
    let handling = app.start(|client| async move { client.handle_callback(Some(&url)).await });
    handling.wait(&browser).unwrap();
    app.sign_out(false).wait(&browser).unwrap();
    let last = browser.network.requests.borrow().last().unwrap().0.clone();
    let place = "https://login.microsoftonline.com/.well-known/oauth-authorization-server/common/v2.0";
    assert_eq!(last, place);
}
