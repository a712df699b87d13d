//! Requests that are pushed to the server before the user goes there (RFC 9126).

use std::rc::Rc;

use scopewise::client::{InteractionMode, SignInOptions};
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::config::ClientOptions;
use scopewise::core::error::Result;
use scopewise::core::scope::Scope;
use scopewise::core::server::ServerMetadata;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, code, known_options, options, set, with_state};
use crate::host::{Browser, Call, FakeAbort, Fate};
use crate::server::{AuthorizationServer, Decision, ORIGIN, answer, param, query};

const MODES: [InteractionMode; 3] = [
    InteractionMode::Redirect,
    InteractionMode::Popup,
    InteractionMode::Silent,
];

fn open(browser: &Rc<Browser>, options: ClientOptions) -> App {
    App::open(browser.open_tab(ORIGIN), StorageKind::Session, options)
}

/// A page whose client pushes every request.
fn pushing(browser: &Rc<Browser>) -> App {
    open(browser, known_options().with_par(true))
}

fn start(app: &App, mode: InteractionMode) -> Call<Result<Outcome>> {
    Call::start(&app.page, app.client.sign_in(SignInOptions::new(mode)))
}

/// The server's metadata with another member.
fn document_with(name: &str, member: serde_json::Value) -> serde_json::Value {
    let mut document = AuthorizationServer::metadata();
    document[name] = member;
    document
}

fn metadata_with(name: &str, member: serde_json::Value) -> ServerMetadata {
    let document: Value = serde_json::from_value(document_with(name, member)).unwrap();
    ServerMetadata::parse(&document).unwrap()
}

/// The form of the latest request that was pushed.
fn pushed(browser: &Browser) -> String {
    let requests = browser.network.requests.borrow();
    let mut forms = requests.iter().rev().filter(|(url, _)| url.ends_with("/par"));
    forms.next().unwrap().1.clone().unwrap()
}

/// How many requests of the page are under way.
fn transactions(app: &App) -> usize {
    let texts = app.page.tab.session_storage.borrow();
    texts.keys().filter(|key| key.contains(":tx:")).count()
}

#[test]
fn the_transaction_is_stored_then_the_request_is_pushed_then_the_page_is_left() {
    let browser = Browser::new(1);
    let app = pushing(&browser);
    let call = app.client.sign_in(with_state("7"));
    assert_eq!(transactions(&app), 1);
    let is_quiet = || browser.network.requests.borrow().is_empty() && app.page.left_for.borrow().is_none();
    assert!(is_quiet());
    let _call = Call::start(&app.page, call);
    assert!(browser.run_until(|| browser.network.count("/par") == 1));
    assert!(app.page.left_for.borrow().is_none());
    let form = pushed(&browser);
    browser.run();
    assert_eq!(
        *app.page.left_for.borrow(),
        Some(
            "https://id.example/authorize?client_id=app&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A0"
                .to_owned()
        )
    );
    for (name, value) in [
        ("client_id", "app"),
        ("response_type", "code"),
        ("scope", "openid read"),
    ] {
        assert_eq!(param(&form, name).as_deref(), Some(value), "{name}");
    }
    let outcome = app.follow().handled().unwrap().unwrap();
    assert_eq!(outcome.app_state.as_deref(), Some("7"));
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn a_popup_opens_in_the_click_and_goes_to_the_server_after_the_push() {
    let browser = Browser::new(1);
    let app = pushing(&browser);
    let call = app.client.sign_in(SignInOptions::new(InteractionMode::Popup));
    // From now on it is too late for a popup.
    app.page.blocks_popups.set(true);
    browser.network.next(Fate::Slow(5_000));
    let outcome = Call::start(&app.page, call).wait(&browser).unwrap();
    assert_eq!(outcome.status.as_str(), "granted");
    assert_eq!((app.page.closed_popups.get(), browser.server.borrow().pushes), (1, 1));
    assert_eq!(code(app.popup()), "popup_blocked");
    assert_eq!(browser.server.borrow().pushes, 1);
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn whatever_asks_is_pushed() {
    let browser = Browser::new(1);
    let app = pushing(&browser);
    start(&app, InteractionMode::Silent).wait(&browser).unwrap();
    assert_eq!(param(&pushed(&browser), "prompt").as_deref(), Some("none"));
    let held = app.client.id_token().unwrap();
    start(&app, InteractionMode::Silent).wait(&browser).unwrap();
    // A hint that names the user is not in a URL any more.
    assert_eq!(param(&pushed(&browser), "id_token_hint"), held);
    app.upgrade("write").unwrap();
    assert_eq!(param(&pushed(&browser), "scope").as_deref(), Some("openid read write"));
    assert!(app.has("write"));
    assert_eq!(browser.server.borrow().pushes, 3);
    // In place of a refresh whose answer was lost, too.
    browser.clock.advance(3_700_000.0);
    browser.network.next(Fate::LostAnswer);
    assert_eq!(code(app.token().wait(&browser)), "token_response_lost");
    browser.clock.advance(60_000.0);
    app.token().wait(&browser).unwrap();
    assert_eq!(browser.server.borrow().pushes, 4);
    assert!(browser.server.borrow().violations.is_empty());
}

#[test]
fn a_server_that_requires_it_is_obeyed_without_a_word() {
    let required = || document_with("require_pushed_authorization_requests", json!(true));
    let browser = Browser::new(1);
    let metadata = metadata_with("require_pushed_authorization_requests", json!(true));
    let app = open(&browser, known_options().with_metadata(metadata.clone()));
    app.popup().unwrap();
    let discovering = open(&browser, options());
    browser
        .network
        .next(Fate::Scripted(Box::new(move |_| answer(200, required()))));
    discovering.popup().unwrap();
    assert_eq!(browser.server.borrow().pushes, 2);
    // A word against it is a mistake, and nobody goes there in vain.
    let against = open(&browser, known_options().with_metadata(metadata).with_par(false));
    assert_eq!(code(against.popup()), "invalid_options");
    assert_eq!((against.page.closed_popups.get(), transactions(&against)), (1, 0));
    // What a server can do need not be done.
    App::signed_in(&browser, StorageKind::Session);
    assert_eq!(browser.server.borrow().pushes, 2);
}

#[test]
fn a_server_that_cannot_is_said_to() {
    let browser = Browser::new(1);
    let metadata = metadata_with("pushed_authorization_request_endpoint", json!(null));
    let app = open(&browser, known_options().with_metadata(metadata).with_par(true));
    let refused = app.popup().unwrap_err();
    assert_eq!(refused.code(), "metadata_invalid");
    assert!(
        refused.message().contains("`pushed_authorization_request_endpoint`"),
        "{refused}"
    );
    assert_eq!(transactions(&app), 0);
}

#[test]
fn a_url_that_is_wanted_at_once_cannot_be_had() {
    let browser = Browser::new(1);
    let app = pushing(&browser);
    let refused = app.client.authorize_url(&AuthorizeOptions::default()).unwrap_err();
    assert_eq!(refused.code(), "invalid_options");
    assert!(refused.message().contains("signIn"), "{refused}");
    assert_eq!(transactions(&app), 0);
}

/// What a push can come to that is not the server's consent: the code, and whether the same call may be made again.
fn failures() -> Vec<(Fate, &'static str, bool)> {
    let scripted = |status, body: serde_json::Value| Fate::Scripted(Box::new(move |_| answer(status, body)));
    vec![
        (
            scripted(400, json!({ "error": "invalid_request" })),
            "invalid_request",
            false,
        ),
        (
            scripted(401, json!({ "error": "invalid_client" })),
            "invalid_client",
            false,
        ),
        (
            scripted(503, json!({ "error": "temporarily_unavailable" })),
            "temporarily_unavailable",
            true,
        ),
        (scripted(201, json!({ "expires_in": 60 })), "http", false),
        (Fate::Status(201), "http", false),
        (Fate::Status(413), "http", false),
        (Fate::Status(429), "http", true),
        (Fate::NotSent, "network", true),
        (Fate::LostAnswer, "network", true),
        (Fate::Timeout, "timeout", true),
    ]
}

#[test]
fn a_failed_push_leaves_everything_as_it_was() {
    for mode in MODES {
        for (fate, expected, is_retryable) in failures() {
            let browser = Browser::new(1);
            let app = pushing(&browser);
            app.popup().unwrap();
            let (before, held) = (app.session(), transactions(&app));
            browser.server.borrow_mut().asked.clear();
            browser.network.next(fate);
            let authorize = AuthorizeOptions::default().with_app_state("7");
            let options = SignInOptions::new(mode).with_authorize(authorize);
            let call = Call::start(&app.page, app.client.upgrade(set("write"), options));
            let failure = call.wait(&browser).unwrap_err();
            assert_eq!(
                (failure.code(), failure.is_retryable()),
                (expected, is_retryable),
                "{mode:?}"
            );
            let place = "The pushed authorization request endpoint ";
            assert!(failure.message().starts_with(place), "{failure}");
            assert_eq!(failure.request().unwrap().app_state.as_deref(), Some("7"));
            assert_eq!((app.session(), transactions(&app)), (before, held));
            assert!(app.page.destination().is_none() && browser.server.borrow().asked.is_empty());
            let popups = 1 + usize::from(mode == InteractionMode::Popup);
            assert_eq!(app.page.closed_popups.get(), popups);
            // The next one goes as if nothing had happened.
            app.upgrade("write").unwrap();
        }
    }
}

#[test]
fn scopes_that_are_refused_there_are_named_and_remembered() {
    let browser = Browser::new(1);
    let metadata = metadata_with("scopes_supported", json!(["openid", "read"]));
    let app = open(&browser, known_options().with_metadata(metadata).with_par(true));
    app.popup().unwrap();
    let refusal = answer(400, json!({ "error": "invalid_scope" }));
    browser.network.next(Fate::Scripted(Box::new(|_| refusal)));
    let message = app.upgrade("misspelled").unwrap_err().message();
    assert!(message.contains("does not list `misspelled`."), "{message}");
    let words = app
        .client
        .explain_scope(&Scope::parse("misspelled").unwrap(), None)
        .unwrap();
    assert!(words.contains("answered with the error \"invalid_scope\""), "{words}");
}

#[test]
fn nobody_goes_to_the_server_whom_nobody_waits_for() {
    for mode in MODES {
        let browser = Browser::new(1);
        let app = pushing(&browser);
        let abort = Rc::new(FakeAbort::default());
        browser.network.next(Fate::Slow(1_000));
        let options = SignInOptions::new(mode).with_abort(abort.clone());
        let call = Call::start(&app.page, app.client.sign_in(options));
        assert!(browser.run_until(|| browser.network.count("/par") == 1));
        abort.0.set(true);
        assert_eq!(code(call.wait(&browser)), "aborted");

        browser.network.next(Fate::Slow(1_000));
        let call = start(&app, mode);
        assert!(browser.run_until(|| browser.network.count("/par") == 2));
        app.client.close();
        assert_eq!(code(call.wait(&browser)), "aborted");
        assert!(app.page.destination().is_none() && browser.server.borrow().asked.is_empty());
        assert_eq!(transactions(&app), 0);
    }
}

#[test]
fn a_sign_out_ends_what_is_being_pushed() {
    for mode in MODES {
        for is_elsewhere in [false, true] {
            let browser = Browser::new(1);
            let options = || known_options().with_par(true);
            let app = App::open(browser.open_tab(ORIGIN), StorageKind::Local, options());
            app.popup().unwrap();
            let other = App::open(browser.open_tab(ORIGIN), StorageKind::Local, options());
            browser.run();
            browser.server.borrow_mut().asked.clear();
            browser.network.next(Fate::Slow(1_000));
            let call = app.client.upgrade(set("write"), SignInOptions::new(mode));
            let call = Call::start(&app.page, call);
            assert!(browser.run_until(|| browser.network.count("/par") == 2));
            let signing_out = if is_elsewhere { &other } else { &app };
            signing_out.sign_out(true).wait(&browser).unwrap();
            assert_eq!(code(call.wait(&browser)), "transaction_missing", "{mode:?}");
            assert!(app.page.destination().is_none() && browser.server.borrow().asked.is_empty());
        }
    }
}

#[test]
fn a_popup_that_is_closed_meanwhile_is_said_to_be() {
    let browser = Browser::new(1);
    let app = pushing(&browser);
    browser.network.next(Fate::Slow(1_000));
    let call = start(&app, InteractionMode::Popup);
    assert!(browser.run_until(|| browser.network.count("/par") == 1));
    app.page.is_popup_gone.set(true);
    assert_eq!(code(call.wait(&browser)), "popup_closed");
    assert!(browser.server.borrow().asked.is_empty());
    assert_eq!(transactions(&app), 0);
}

#[test]
fn what_cannot_be_left_is_not_pushed() {
    let browser = Browser::new(1);
    let app = pushing(&browser);
    app.page.refuses_writes.set(true);
    assert_eq!(
        code(start(&app, InteractionMode::Redirect).wait(&browser)),
        "storage_unavailable"
    );
    app.page.is_framed.set(true);
    assert_eq!(
        code(start(&app, InteractionMode::Redirect).wait(&browser)),
        "frame_blocked"
    );
    assert_eq!(browser.server.borrow().pushes, 0);
}

#[test]
fn an_answer_in_the_fragment_and_a_no_are_as_ever() {
    let browser = Browser::new(1);
    let app = pushing(&browser);
    let mut authorize = AuthorizeOptions::default().with_app_state("1");
    authorize.response_mode = Some(scopewise::ResponseMode::Fragment);
    let options = SignInOptions::default().with_authorize(authorize);
    let _leaving = Call::start(&app.page, app.client.sign_in(options));
    browser.run();
    let app = app.follow();
    assert!(app.handled().unwrap().is_some());
    let asked = browser.server.borrow().asked.clone();
    assert_eq!(query(&asked, "response_mode").as_deref(), Some("fragment"));
    browser.server.borrow_mut().decide(Decision::Deny);
    assert_eq!(app.upgrade("write").unwrap().status.as_str(), "denied");
}

#[test]
fn any_success_will_do() {
    for status in [200, 201] {
        let browser = Browser::new(1);
        let app = pushing(&browser);
        let response = answer(status, json!({ "request_uri": "urn:x", "expires_in": 1 }));
        browser.network.next(Fate::Scripted(Box::new(move |_| response)));
        let _call = start(&app, InteractionMode::Redirect);
        browser.run();
        let destination = app.page.destination().unwrap();
        assert_eq!(query(&destination, "request_uri").as_deref(), Some("urn:x"));
    }
}
