//! Authorization responses that are signed JWTs (JARM), from the request to the session.

use std::rc::Rc;

use scopewise::ResponseMode;
use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::config::ClientOptions;
use scopewise::core::error::{Error, Result};
use scopewise::host::{Page as _, StorageKind};
use serde_json::{Value, json};

use crate::app::{App, code, known_options, options, set};
use crate::host::{Browser, Call, Fate};
use crate::server::{CALLBACK, CLIENT, Decision, ISSUER, ORIGIN, answer, query};

const JWKS: &str = "/jwks";

fn open(browser: &Rc<Browser>, options: ClientOptions) -> App {
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, options)
}

fn signed(mode: InteractionMode) -> SignInOptions {
    let authorize = AuthorizeOptions::default()
        .with_response_mode(ResponseMode::QueryJwt)
        .with_app_state("7");
    SignInOptions::new(mode).with_authorize(authorize)
}

fn sign_in(app: &App, mode: InteractionMode) -> Result<Outcome> {
    Call::start(&app.page, app.client.sign_in(signed(mode))).wait(app.browser())
}

fn upgrade(app: &App, mode: InteractionMode) -> Result<Outcome> {
    let call = app.client.upgrade(set("write"), signed(mode));
    Call::start(&app.page, call).wait(app.browser())
}

/// A page to which the user came back with a signed response.
fn returned(browser: &Rc<Browser>) -> App {
    let app = open(browser, known_options());
    drop(app.client.sign_in(signed(InteractionMode::Redirect)));
    app.follow()
}

/// A request that waits for its response on a page of its own, and what a good response says.
fn waiting(browser: &Rc<Browser>) -> (App, Value) {
    let app = open(browser, known_options());
    drop(app.client.sign_in(signed(InteractionMode::Redirect)));
    let state = query(&app.page.destination().unwrap(), "state");
    let exp = browser.seconds() + 600;
    let claims = json!({ "iss": ISSUER, "aud": CLIENT, "exp": exp, "state": state, "code": "code-x" });
    (app, claims)
}

fn callback(browser: &Browser, claims: &Value) -> String {
    let jwt = browser.server.borrow().keys.jwt(claims);
    format!("{CALLBACK}?response={jwt}")
}

fn handled(app: &App) -> Result<Option<Outcome>> {
    let call = app.client.handle_callback(None);
    assert!(!app.page.url().contains("response="), "the address bar is clean");
    Call::start(&app.page, call).wait(app.browser())
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(result: Result<T>, reason: &str) {
    let error: Error = result.unwrap_err();
    assert_eq!((error.code(), error.reason()), ("response_malformed", Some(reason)));
    assert!(!error.is_retryable());
}

#[test]
fn by_redirect_the_signature_is_checked_before_the_code_is_sent() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    assert_eq!(
        query(&browser.server.borrow().asked, "response_mode").as_deref(),
        Some("query.jwt")
    );
    assert!(app.page.url().starts_with(&format!("{CALLBACK}?response=ey")));
    let outcome = handled(&app).unwrap().unwrap();
    assert_eq!(
        (outcome.status.as_str(), outcome.app_state.as_deref()),
        ("granted", Some("7"))
    );
    assert!(app.has("read"));
    let requests = browser.network.requests.borrow();
    let paths: Vec<_> = requests.iter().map(|(url, _)| url.replace(ISSUER, "")).collect();
    assert_eq!(paths, [JWKS, "/token"]);
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn by_popup_and_frame() {
    for mode in [InteractionMode::Popup, InteractionMode::Silent] {
        let browser = Browser::new(1);
        let app = open(&browser, known_options());
        assert_eq!(sign_in(&app, mode).unwrap().status.as_str(), "granted");
        assert_eq!(upgrade(&app, mode).unwrap().status.as_str(), "granted");
        assert!(app.has("read write"));
        assert_eq!(browser.network.count(JWKS), 1);
    }
}

#[test]
fn a_page_that_discovers_its_server_again_does_so_first() {
    let browser = Browser::new(1);
    let app = open(&browser, options());
    let _call = Call::start(&app.page, app.client.sign_in(signed(InteractionMode::Redirect)));
    browser.run();
    let app = app.follow();
    assert!(handled(&app).unwrap().is_some());
    assert!(app.has("read"));
}

#[test]
fn a_popup_that_knows_no_such_request_hands_it_over() {
    let browser = Browser::new(1);
    let app = open(&browser, known_options());
    let claims = json!({ "state": "another-page's", "code": "code-x" });
    let url = callback(&browser, &claims);
    let page = app.reload(&url);
    page.page.is_popup.set(true);
    let call = Call::start(&page.page, page.client.handle_callback(None));
    browser.run();
    assert!(!call.is_done(), "it is another page's");
    // Where no page waits for it, it is the application's own.
    let page = app.reload(&url);
    let call = Call::start(&page.page, page.client.handle_callback(None));
    assert_eq!(call.wait(&browser).unwrap(), None);
    assert_eq!(page.page.url(), url);
}

#[test]
fn what_is_not_of_this_client_stays_in_the_url() {
    let browser = Browser::new(1);
    let app = open(&browser, known_options());
    for own in ["?response=yes", "?response=e30.e30.e30", "?survey=1&response=a.b.c"] {
        let url = format!("{CALLBACK}{own}");
        let page = app.reload(&url);
        let call = page.client.handle_callback(None);
        assert_eq!(Call::start(&page.page, call).wait(&browser).unwrap(), None);
        assert_eq!(page.page.url(), url);
    }
}

#[test]
fn c002_i1_what_fails_a_check_sends_no_code() {
    for (name, member, expected, reason) in [
        ("iss", json!("https://evil.example"), "issuer_mismatch", None),
        ("iss", json!(null), "issuer_missing", None),
        ("aud", json!("other"), "response_malformed", Some("aud")),
        ("exp", json!(1), "response_malformed", Some("exp")),
        ("code", json!(null), "code_missing", None),
    ] {
        let browser = Browser::new(1);
        let (app, mut claims) = waiting(&browser);
        claims[name] = member;
        let app = app.reload(&callback(&browser, &claims));
        let error = handled(&app).unwrap_err();
        assert_eq!((error.code(), error.reason()), (expected, reason), "{name}");
        assert_eq!(error.request().unwrap().app_state.as_deref(), Some("7"));
        assert!(browser.network.requests.borrow().is_empty(), "{name}");
    }
}

#[test]
fn c109_a_mangled_signature_sends_no_code() {
    for mode in [
        InteractionMode::Redirect,
        InteractionMode::Popup,
        InteractionMode::Silent,
    ] {
        let browser = Browser::new(1);
        browser.server.borrow_mut().keys.mangles = true;
        let result = if mode == InteractionMode::Redirect {
            handled(&returned(&browser)).map(|_| ())
        } else {
            sign_in(&open(&browser, known_options()), mode).map(|_| ())
        };
        assert_refused(result, "signature");
        assert_eq!(browser.network.count("/token"), 0);
    }
}

#[test]
fn c109_an_error_that_is_not_signed_counts_for_nothing() {
    let browser = Browser::new(1);
    let app = open(&browser, known_options());
    sign_in(&app, InteractionMode::Popup).unwrap();
    let before = app.session();
    browser.server.borrow_mut().keys.mangles = true;
    browser.server.borrow_mut().decide(Decision::Deny);
    assert_refused(upgrade(&app, InteractionMode::Popup), "signature");
    assert_eq!(app.session(), before);
    let write = scopewise::Scope::parse("write").unwrap();
    let explained = app.client.explain_scope(&write, None).unwrap();
    assert!(!explained.contains("access_denied"), "{explained}");
}

#[test]
fn c106_without_a_signature_it_is_refused() {
    let browser = Browser::new(1);
    let (app, claims) = waiting(&browser);
    let signed = callback(&browser, &claims);
    let (_, jwt) = signed.split_once('=').unwrap();
    let (_, rest) = jwt.split_once('.').unwrap();
    // {"alg":"none"}
    let app = app.reload(&format!("{CALLBACK}?response=eyJhbGciOiJub25lIn0.{rest}"));
    assert_refused(handled(&app), "alg");
    assert!(
        browser
            .network
            .requests
            .borrow()
            .iter()
            .all(|(url, _)| !url.ends_with("/token"))
    );
}

#[test]
fn c112_c114_a_new_key_is_looked_for_once() {
    let browser = Browser::new(1);
    let app = open(&browser, known_options());
    sign_in(&app, InteractionMode::Popup).unwrap();
    browser.server.borrow_mut().keys.rotate("two");
    upgrade(&app, InteractionMode::Popup).unwrap();
    assert_eq!(browser.network.count(JWKS), 2);
    browser.server.borrow_mut().keys.signing = "unknown";
    assert_refused(sign_in(&app, InteractionMode::Popup), "key");
    assert_eq!(browser.network.count(JWKS), 2);
}

#[test]
fn keys_that_are_not_to_be_had_cost_no_code() {
    for (fate, expected) in [
        (Fate::LostAnswer, "network"),
        (Fate::Timeout, "timeout"),
        (Fate::Status(404), "http"),
        (Fate::Scripted(Box::new(|_| answer(200, json!({})))), "metadata_invalid"),
    ] {
        let browser = Browser::new(1);
        let app = returned(&browser);
        let url = app.page.url();
        browser.network.next(fate);
        assert_eq!(code(handled(&app)), expected);
        assert_eq!(browser.network.count("/token"), 0);
        assert!(
            handled(&app.reload(&url)).is_ok(),
            "the same answer may be handled again"
        );
    }
}

#[test]
fn a_plain_response_in_its_place_is_refused() {
    let browser = Browser::new(1);
    let app = open(&browser, known_options());
    drop(app.client.sign_in(signed(InteractionMode::Redirect)));
    let destination = app.page.destination().unwrap();
    let state = query(&destination, "state").unwrap();
    for start in ["?", "#"] {
        let url = format!("{CALLBACK}{start}state={state}&code=code-x&iss=https%3A%2F%2Fid.example");
        assert_refused(app.reload(&url).handled(), "response_mode");
        let url = format!("{CALLBACK}{start}state={state}&error=access_denied&iss=https%3A%2F%2Fid.example");
        assert_refused(app.reload(&url).handled(), "response_mode");
    }
    assert!(browser.network.requests.borrow().is_empty());
    // The real one still counts.
    let answer = browser.server.borrow_mut().authorize(&destination, browser.seconds());
    assert!(handled(&app.reload(&answer.url())).is_ok());
}

#[test]
fn a_jwt_that_nobody_asked_for_is_refused() {
    let browser = Browser::new(1);
    for mode in [None, Some(ResponseMode::Query), Some(ResponseMode::Fragment)] {
        let mut authorize = AuthorizeOptions::default();
        authorize.response_mode = mode;
        let app = open(&browser, known_options());
        drop(app.client.sign_in(SignInOptions::default().with_authorize(authorize)));
        let state = query(&app.page.destination().unwrap(), "state");
        let exp = browser.seconds() + 600;
        let claims = json!({ "iss": ISSUER, "aud": CLIENT, "exp": exp, "state": state, "code": "code-x" });
        assert_refused(handled(&app.reload(&callback(&browser, &claims))), "response_mode");
    }
    assert!(browser.network.requests.borrow().is_empty());
}

#[test]
fn errors_come_in_it_too() {
    for mode in [InteractionMode::Popup, InteractionMode::Silent] {
        let browser = Browser::new(1);
        let app = open(&browser, known_options());
        browser.server.borrow_mut().decide(Decision::Deny);
        assert_eq!(code(sign_in(&app, mode)), "access_denied");
        sign_in(&app, mode).unwrap();
        let before = app.stored_token();
        browser.server.borrow_mut().decide(Decision::Deny);
        let outcome = upgrade(&app, mode).unwrap();
        assert_eq!((outcome.status.as_str(), app.stored_token()), ("denied", before));
        browser.server.borrow_mut().decide(Decision::Error("invalid_scope"));
        let error = upgrade(&app, mode).unwrap_err();
        assert_eq!(error.code(), "invalid_scope");
        assert!(!error.server_error().unwrap().requested.is_empty());
    }
}

#[test]
fn c165_a_no_by_redirect_keeps_the_session() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let before = app.stored_token();
    browser.server.borrow_mut().decide(Decision::Deny);
    drop(app.client.upgrade(set("write"), signed(InteractionMode::Redirect)));
    let app = app.follow();
    let url = app.page.url();
    let outcome = handled(&app).unwrap().unwrap();
    assert_eq!((outcome.status.as_str(), app.stored_token()), ("denied", before));
    assert_eq!(handled(&app.reload(&url)).unwrap(), Some(outcome));
}

#[test]
fn c005_the_same_callback_handled_again_comes_to_the_same() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    let url = app.page.url();
    let first = handled(&app).unwrap().unwrap();
    let again = app.reload(&url);
    assert_eq!(handled(&again).unwrap().unwrap(), first);
    again.sign_out(true).wait(&browser).unwrap();
    assert_eq!(code(handled(&again.reload(&url))), "callback_consumed");
    assert_eq!(browser.network.grants("authorization_code"), 1);
}

#[test]
fn c006_c008_the_same_callback_handled_at_once_is_one_exchange() {
    for seed in 0..100 {
        let browser = Browser::new(seed);
        let app = returned(&browser);
        let url = app.page.url();
        let other = App::open(app.page.clone(), app.kind, known_options());
        let calls = [&app.client, &other.client, &app.client]
            .map(|client| Call::start(&app.page, client.handle_callback(Some(&url))));
        let outcomes = calls.map(|call| call.wait(&browser).unwrap().unwrap());
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "seed {seed}");
        assert_eq!(browser.network.grants("authorization_code"), 1, "seed {seed}");
        assert!(browser.server.borrow().violations.is_empty(), "seed {seed}");
    }
}

#[test]
fn a_sign_out_while_the_keys_come_ends_the_request() {
    let browser = Browser::new(1);
    let app = returned(&browser);
    let call = Call::start(&app.page, app.client.handle_callback(None));
    app.sign_out(true).wait(&browser).unwrap();
    assert_eq!(code(call.wait(&browser)), "transaction_missing");
    assert_eq!(browser.network.count("/token"), 0);
}

#[test]
fn c146_without_a_secure_context_nobody_leaves() {
    let browser = Browser::new(1);
    let app = open(&browser, known_options());
    app.page.is_insecure.set(true);
    for mode in [
        InteractionMode::Redirect,
        InteractionMode::Popup,
        InteractionMode::Silent,
    ] {
        let error = sign_in(&app, mode).unwrap_err();
        assert_eq!(error.code(), "invalid_options");
        assert!(error.message().contains("secure context"), "{error}");
    }
    let url = app.client.authorize_url(&signed(InteractionMode::Redirect).authorize);
    assert_eq!(code(url), "invalid_options");
    assert_eq!(app.page.destination(), None);
}
