//! Signatures of ID tokens, where they are checked: whose keys count, and how often a client looks for them.

use std::rc::Rc;
use std::task::{Context, Waker};

use scopewise::client::Client;
use scopewise::core::config::ClientOptions;
use scopewise::core::error::{Error, Result};
use scopewise::core::http::Response;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, code, known_options, options};
use crate::host::{Browser, Call, Fate};
use crate::server::{AuthorizationServer, ORIGIN, answer};

const JWKS: &str = "/jwks";

/// A client that checks signatures.
fn checking(browser: &Rc<Browser>) -> App {
    let options = known_options().with_verify_signature();
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, options)
}

fn signed_in(browser: &Rc<Browser>) -> App {
    let app = checking(browser);
    app.popup().unwrap();
    app
}

fn renewed(app: &App) -> Result<String> {
    let token = app.forced_token().wait(app.browser())?;
    Ok(token.secret().to_owned())
}

fn prepared(app: &App) -> Result<()> {
    app.start(|client| async move { client.prepare().await })
        .wait(app.browser())
}

#[track_caller]
fn assert_fails<T: std::fmt::Debug>(result: Result<T>, reason: &str) {
    let error: Error = result.unwrap_err();
    assert_eq!((error.code(), error.reason()), ("id_token_invalid", Some(reason)));
    assert!(!error.is_retryable());
}

#[test]
fn nobody_looks_at_signatures_unless_told_to() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().keys.mangles = true;
    App::signed_in(&browser, StorageKind::Session);
    assert_eq!(browser.network.count(JWKS), 0);
}

#[test]
fn the_keys_are_fetched_once_and_before_anything_that_is_good_for_one_use() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    app.upgrade("write").unwrap();
    let requests = browser.network.requests.borrow();
    let paths: Vec<_> = requests
        .iter()
        .map(|(url, _)| url.replace("https://id.example", ""))
        .collect();
    assert_eq!(paths, [JWKS, "/token", "/token"]);
}

#[test]
fn c109_a_mangled_signature_signs_nobody_in() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().keys.mangles = true;
    let app = checking(&browser);
    assert_fails(app.popup(), "signature");
    assert!(app.session().is_none());
    assert_eq!(browser.network.count(JWKS), 1, "the key is known by its name");
    // The next sign-in is another one.
    browser.server.borrow_mut().keys.mangles = false;
    app.popup().unwrap();
}

#[test]
fn c109_a_mangled_signature_of_an_upgrade_keeps_the_session() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    let before = app.session();
    browser.server.borrow_mut().keys.mangles = true;
    assert_fails(app.upgrade("write"), "signature");
    assert_eq!(app.session(), before);
    assert!(!app.has("write"));
}

#[test]
fn c109_a_mangled_signature_of_a_refresh_keeps_the_session() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    let (claims, token) = (app.client.id_token().unwrap(), app.stored_token());
    browser.server.borrow_mut().renews_id_tokens = true;
    browser.server.borrow_mut().keys.mangles = true;
    assert_fails(app.forced_token().wait(&browser), "signature");
    assert_eq!(
        (app.client.id_token().unwrap(), app.stored_token()),
        (claims, token),
        "nothing of the answer is stored"
    );
}

#[test]
fn c109_a_refreshed_id_token_that_is_sound_is_taken() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    browser.server.borrow_mut().renews_id_tokens = true;
    let before = app.client.id_token().unwrap();
    browser.clock.advance(1000.0);
    renewed(&app).unwrap();
    assert_ne!(app.client.id_token().unwrap(), before);
}

#[test]
fn the_code_of_a_refused_token_is_used() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().keys.mangles = true;
    let app = checking(&browser);
    drop(app.client.sign_in(Default::default()));
    let back = app.follow();
    let url = back.page.address.borrow().clone();
    assert_fails(back.handled(), "signature");
    assert_eq!(code(back.reload(&url).handled()), "callback_consumed");
    assert_eq!(browser.network.count("/token"), 1);
}

#[test]
fn c114_a_new_key_is_looked_for_once() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    browser.server.borrow_mut().keys.rotate("two");
    app.upgrade("write").unwrap();
    assert!(app.has("write"));
    app.upgrade("admin").unwrap();
    assert_eq!(browser.network.count(JWKS), 2);
}

#[test]
fn c114_a_new_key_without_a_name_is_looked_for_too() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().keys.are_named = false;
    let app = signed_in(&browser);
    browser.server.borrow_mut().keys.rotate("two");
    app.upgrade("write").unwrap();
    assert_eq!(browser.network.count(JWKS), 2);
    browser.server.borrow_mut().keys.mangles = true;
    assert_fails(app.upgrade("admin"), "signature");
}

#[test]
fn c113_a_thousand_names_of_keys_are_one_request() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    for index in 0..1000 {
        browser.server.borrow_mut().keys.signing = format!("unknown-{index}").leak();
        assert_fails(app.upgrade("write"), "key");
    }
    assert_eq!(browser.network.count(JWKS), 2);
}

#[test]
fn c112_unknown_keys_are_looked_for_once_a_minute() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    browser.server.borrow_mut().keys.signing = "unknown";
    for _ in 0..5 {
        assert_fails(app.upgrade("write"), "key");
    }
    assert_eq!(browser.network.count(JWKS), 2);
    browser.clock.advance(59_000.0);
    assert_fails(app.upgrade("write"), "key");
    assert_eq!(browser.network.count(JWKS), 2);
    browser.clock.advance(1_000.0);
    assert_fails(app.upgrade("write"), "key");
    assert_eq!(browser.network.count(JWKS), 3);
    assert!(!app.has("write"));
    browser.server.borrow_mut().keys.published.push("unknown");
    browser.clock.advance(60_000.0);
    app.upgrade("write").unwrap();
}

#[test]
fn c105_metadata_and_keys_that_have_changed() {
    let browser = Browser::new(1);
    let discovering = options().with_verify_signature();
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, discovering);
    app.popup().unwrap();
    let known = || browser.network.count("/.well-known/openid-configuration");
    assert_eq!((known(), browser.network.count(JWKS)), (1, 1));
    // A page that is loaded asks anew, and goes by what it is told.
    let mut document = AuthorizationServer::metadata();
    document["jwks_uri"] = json!("https://id.example/moved");
    let app = app.reload(ORIGIN);
    let response: Response = answer(200, document);
    browser.network.next(Fate::Scripted(Box::new(|_| response)));
    browser.network.next(Fate::Status(404));
    let error = prepared(&app).unwrap_err();
    assert_eq!(error.code(), "http");
    assert_eq!((known(), browser.network.count("/moved")), (2, 1));
    // Within a page another key is looked for once a token has it.
    let app = app.reload(ORIGIN);
    prepared(&app).unwrap();
    browser.server.borrow_mut().keys.rotate("two");
    app.upgrade("write").unwrap();
    assert_eq!((known(), browser.network.count(JWKS)), (3, 3));
}

#[test]
fn c116_without_a_name_there_must_be_one_key() {
    let browser = Browser::new(1);
    browser.server.borrow_mut().keys.are_named = false;
    browser.server.borrow_mut().keys.published.push("two");
    let app = checking(&browser);
    assert_fails(app.popup(), "key");
    assert_eq!(browser.network.count(JWKS), 1);
}

#[test]
fn new_keys_that_are_not_to_be_had_leave_the_old_ones() {
    let browser = Browser::new(1);
    let app = signed_in(&browser);
    browser.server.borrow_mut().keys.signing = "unknown";
    browser.network.next(Fate::Answer);
    browser.network.next(Fate::Status(500));
    assert_fails(app.upgrade("write"), "key");
    browser.server.borrow_mut().keys.signing = "one";
    app.upgrade("write").unwrap();
}

#[test]
fn keys_that_are_not_to_be_had_cost_no_code() {
    let no_keys = || Fate::Scripted(Box::new(|_| answer(200, json!({ "keys": {} }))));
    for (fate, expected) in [
        (Fate::LostAnswer, "network"),
        (Fate::NotSent, "network"),
        (Fate::Timeout, "timeout"),
        (Fate::Status(404), "http"),
        (Fate::Status(200), "metadata_invalid"),
        (no_keys(), "metadata_invalid"),
    ] {
        let browser = Browser::new(1);
        let app = checking(&browser);
        drop(app.client.sign_in(Default::default()));
        let back = app.follow();
        let url = back.page.address.borrow().clone();
        browser.network.next(fate);
        let error = back.handled().unwrap_err();
        assert_eq!(error.code(), expected);
        assert!(error.message().contains("jwks_uri"), "{error}");
        assert_eq!(browser.network.count("/token"), 0);
        assert!(
            back.reload(&url).handled().is_ok(),
            "the same answer may be handled again"
        );
    }
}

#[test]
fn keys_that_are_not_to_be_had_cost_no_refresh_token() {
    let browser = Browser::new(1);
    let app = signed_in(&browser).reload(ORIGIN);
    browser.clock.advance(3_600_000.0);
    browser.network.next(Fate::LostRequest);
    let error = app.token().wait(&browser).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("network", true));
    assert!(error.message().contains("jwks_uri"), "{error}");
    assert!(browser.network.refreshes.borrow().is_empty());
    // It is not asked for again at once, as after any failure of a refresh.
    assert_eq!(code(app.token().wait(&browser)), "network");
    assert_eq!(browser.network.count(JWKS), 2);
    browser.clock.advance(60_000.0);
    app.token().wait(&browser).unwrap();
}

#[test]
fn calls_at_once_share_the_request_for_the_keys() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    let calls = [(); 3].map(|()| app.start(|client| async move { client.prepare().await }));
    for call in calls {
        call.wait(&browser).unwrap();
    }
    assert_eq!(browser.network.count(JWKS), 1);
}

fn opened(browser: &Rc<Browser>, is_insecure: bool, options: ClientOptions) -> Result<Client> {
    let page = browser.open_tab(ORIGIN);
    page.is_insecure.set(is_insecure);
    Call::start(&page, Client::open(options, StorageKind::Session, page.clone())).wait(browser)
}

#[test]
fn c146_without_a_secure_context_there_is_no_client() {
    let browser = Browser::new(1);
    let error = opened(&browser, true, known_options().with_verify_signature()).unwrap_err();
    assert_eq!(error.code(), "invalid_options");
    assert!(error.message().contains("secure context"));
    assert!(opened(&browser, true, known_options()).is_ok());
    assert!(opened(&browser, false, known_options().with_verify_signature()).is_ok());
}

#[test]
fn metadata_must_say_where_the_keys_are() {
    let browser = Browser::new(1);
    let mut document = AuthorizationServer::metadata();
    document["jwks_uri"] = json!(null);
    let value: Value = serde_json::from_value(document.clone()).unwrap();
    let known = scopewise::core::server::ServerMetadata::parse(&value).unwrap();
    let given = options().with_metadata(known).with_verify_signature();
    assert_eq!(code(opened(&browser, false, given.clone())), "metadata_invalid");
    let discovering = options().with_verify_signature();
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, discovering);
    let response: Response = answer(200, document);
    browser.network.next(Fate::Scripted(Box::new(|_| response)));
    let error = prepared(&app).unwrap_err();
    assert_eq!(error.code(), "metadata_invalid");
    assert!(error.message().contains("jwks_uri"), "{error}");
    prepared(&app).unwrap();
    app.popup().unwrap();
}

#[test]
fn who_waits_for_keys_that_somebody_else_does_not_want_any_more_gets_them() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    let client = app.client.clone();
    let mut first = Box::pin(async move { client.prepare().await });
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    let second = app.start(|client| async move { client.prepare().await });
    drop(first);
    assert!(second.wait(&browser).is_ok());
    assert_eq!(browser.network.count(JWKS), 1);
}
